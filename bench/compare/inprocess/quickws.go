package inprocess

import (
	"errors"
	"io"
	"net"

	"github.com/antlabs/quickws"
)

type quickwsEndpoint struct {
	quickws.DefCallback
	c    *quickws.Conn
	seen func([]byte)
}

func quickwsServer(s *stream) (endpoint, error) {
	e := new(quickwsEndpoint)
	w, r := hijack(s)
	var err error
	e.c, err = quickws.NewUpgrade(quickws.WithServerCallback(e)).Upgrade(w, r)
	return e, err
}

func quickwsClient(s *stream) (endpoint, error) {
	e := new(quickwsEndpoint)
	var err error
	e.c, err = quickws.Dial("ws://127.0.0.1/", quickws.WithClientCallback(e),
		quickws.WithClientDialFunc(func() (quickws.Dialer, error) { return quickwsDialer{s}, nil }))
	return e, err
}

type quickwsDialer struct{ s *stream }

func (d quickwsDialer) Dial(string, string) (net.Conn, error) { return d.s, nil }

func (e *quickwsEndpoint) OnMessage(_ *quickws.Conn, _ quickws.Opcode, p []byte) { e.seen(p) }

// read relies on the stream to end after its n messages: the loop is the
// library's.
func (e *quickwsEndpoint) read(n int, seen func([]byte)) error {
	e.seen = seen
	if err := e.c.ReadLoop(); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func (e *quickwsEndpoint) write(p []byte) error { return e.c.WriteMessage(quickws.Binary, p) }
