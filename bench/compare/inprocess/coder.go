package inprocess

import (
	"bytes"
	"context"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// coderEndpoint reads through Reader into one buffer, as cmd/server's does
// through a pooled one.
type coderEndpoint struct {
	c   *websocket.Conn
	buf bytes.Buffer
}

func coderServer(s *stream) (endpoint, error) {
	w, r := hijack(s)
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return nil, err
	}
	c.SetReadLimit(-1)
	return &coderEndpoint{c: c}, nil
}

func coderClient(s *stream) (endpoint, error) {
	c, _, err := websocket.Dial(context.Background(), "ws://127.0.0.1/", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) { return s, nil },
		}},
	})
	if err != nil {
		return nil, err
	}
	c.SetReadLimit(-1)
	return &coderEndpoint{c: c}, nil
}

func (e *coderEndpoint) read(n int, seen func([]byte)) error {
	for range n {
		_, r, err := e.c.Reader(context.Background())
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

func (e *coderEndpoint) write(p []byte) error {
	return e.c.Write(context.Background(), websocket.MessageBinary, p)
}
