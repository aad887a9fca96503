package inprocess

import (
	"bufio"
	"io"
	"slices"

	"github.com/gobwas/ws"
)

// gobwasEndpoint works with frames, as cmd/server's does; the library's low
// level has no handshake to go through.
type gobwasEndpoint struct {
	s      io.ReadWriter
	in     *bufio.Reader
	client bool
	header [ws.MaxHeaderSize]byte
	buf    []byte
	out    appender
}

// appender is the io.Writer that the library wants for a header.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

func gobwasServer(s *stream) (endpoint, error) {
	return &gobwasEndpoint{s: s, in: bufio.NewReader(s)}, nil
}

func gobwasClient(s *stream) (endpoint, error) {
	s.upgrade()
	return &gobwasEndpoint{s: s, in: bufio.NewReader(s), client: true}, nil
}

func (e *gobwasEndpoint) state() ws.State {
	if e.client {
		return ws.StateClientSide
	}
	return ws.StateServerSide
}

func (e *gobwasEndpoint) read(n int, seen func([]byte)) error {
	for range n {
		h, err := ws.ReadHeaderBuffer(e.in, e.header[:ws.MaxHeaderSize-2])
		if err != nil {
			return err
		}
		if err := ws.CheckHeader(h, e.state()); err != nil {
			return err
		}
		e.buf = slices.Grow(e.buf[:0], int(h.Length))[:h.Length]
		if _, err := io.ReadFull(e.in, e.buf); err != nil {
			return err
		}
		if h.Masked {
			ws.Cipher(e.buf, h.Mask, 0)
		}
		seen(e.buf)
	}
	return nil
}

func (e *gobwasEndpoint) write(p []byte) error {
	h := ws.Header{Fin: true, OpCode: ws.OpBinary, Length: int64(len(p))}
	if e.client {
		h.Masked, h.Mask = true, ws.NewMask()
	}
	e.out = e.out[:0]
	if err := ws.WriteHeaderBuffer(&e.out, h, e.header[:]); err != nil {
		return err
	}
	at := len(e.out)
	e.out = append(e.out, p...)
	if e.client {
		ws.Cipher(e.out[at:], h.Mask, 0)
	}
	_, err := e.s.Write(e.out)
	return err
}

// gobwasPlain uses the functions that the library's documentation shows, which
// allocate a header each time.
type gobwasPlain struct {
	s      io.ReadWriter
	in     *bufio.Reader
	client bool
	buf    []byte
}

func gobwasPlainServer(s *stream) (endpoint, error) {
	return &gobwasPlain{s: s, in: bufio.NewReader(s)}, nil
}

func gobwasPlainClient(s *stream) (endpoint, error) {
	s.upgrade()
	return &gobwasPlain{s: s, in: bufio.NewReader(s), client: true}, nil
}

func (e *gobwasPlain) read(n int, seen func([]byte)) error {
	for range n {
		h, err := ws.ReadHeader(e.in)
		if err != nil {
			return err
		}
		e.buf = slices.Grow(e.buf[:0], int(h.Length))[:h.Length]
		if _, err := io.ReadFull(e.in, e.buf); err != nil {
			return err
		}
		if h.Masked {
			ws.Cipher(e.buf, h.Mask, 0)
		}
		seen(e.buf)
	}
	return nil
}

func (e *gobwasPlain) write(p []byte) error {
	f := ws.NewBinaryFrame(p)
	if e.client {
		f = ws.MaskFrame(f) // a copy: the payload is the caller's
	}
	return ws.WriteFrame(e.s, f)
}
