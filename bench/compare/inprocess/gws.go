package inprocess

import (
	"errors"
	"io"

	"github.com/lxzan/gws"
)

type gwsEndpoint struct {
	gws.BuiltinEventHandler
	c    *gws.Conn
	seen func([]byte)
	err  error
}

func gwsServer(s *stream) (endpoint, error) {
	e := new(gwsEndpoint)
	w, r := hijack(s)
	var err error
	e.c, err = gws.NewUpgrader(e, nil).Upgrade(w, r)
	return e, err
}

func gwsClient(s *stream) (endpoint, error) {
	e := new(gwsEndpoint)
	var err error
	e.c, _, err = gws.NewClientFromConn(e, &gws.ClientOption{Addr: "ws://127.0.0.1/"}, s)
	return e, err
}

func (e *gwsEndpoint) OnMessage(_ *gws.Conn, m *gws.Message) {
	e.seen(m.Bytes())
	m.Close()
}

func (e *gwsEndpoint) OnClose(_ *gws.Conn, err error) { e.err = err }

// read relies on the stream to end after its n messages: the loop is the
// library's.
func (e *gwsEndpoint) read(n int, seen func([]byte)) error {
	e.seen = seen
	e.c.ReadLoop()
	if errors.Is(e.err, io.EOF) {
		return nil
	}
	return e.err
}

func (e *gwsEndpoint) write(p []byte) error { return e.c.WriteMessage(gws.OpcodeBinary, p) }
