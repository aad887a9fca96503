package inprocess

import (
	"bytes"
	"net/url"

	"github.com/gorilla/websocket"
)

// gorillaEndpoint reads through NextReader into one buffer, as cmd/server's
// does through a pooled one.
type gorillaEndpoint struct {
	c   *websocket.Conn
	buf bytes.Buffer
}

func gorillaServer(s *stream) (endpoint, error) {
	w, r := hijack(s)
	c, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	return &gorillaEndpoint{c: c}, err
}

// gorillaClient has a write buffer for the largest message: a client sends
// what does not fit into it as fragments.
func gorillaClient(s *stream) (endpoint, error) {
	c, _, err := websocket.NewClient(s, &url.URL{Scheme: "ws", Host: "127.0.0.1", Path: "/"}, nil, 4096, 256<<10)
	return &gorillaEndpoint{c: c}, err
}

func (e *gorillaEndpoint) read(n int, seen func([]byte)) error {
	for range n {
		_, r, err := e.c.NextReader()
		if err != nil {
			return err
		}
		e.buf.Reset()
		if _, err := e.buf.ReadFrom(r); err != nil {
			return err
		}
		seen(e.buf.Bytes())
	}
	return nil
}

func (e *gorillaEndpoint) write(p []byte) error {
	return e.c.WriteMessage(websocket.BinaryMessage, p)
}
