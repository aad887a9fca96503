package inprocess

import (
	"errors"
	"io"
	"testing"

	"github.com/gobwas/ws"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
	"github.com/octet-ws/octet/handshake"
)

// handshakeCases parse a request, check it and write the answer, on a stream
// in memory: gobwas by its upgrade without copies.
func handshakeCases() []Case {
	answer := func(name string, serve func(io.ReadWriter) error) Case {
		return Case{"handshake", "parse, check, answer", name, 0, func(b *testing.B) {
			b.ReportAllocs()
			x := new(exchange)
			for b.Loop() {
				*x = exchange{}
				if err := serve(x); err != nil {
					b.Fatal(err)
				}
				if x.written < 100 {
					b.Fatalf("an answer of %d bytes", x.written)
				}
			}
		}}
	}
	head := make([]byte, 4096)
	return []Case{
		answer("octet", func(rw io.ReadWriter) error {
			_, err := handshake.Server(rw, nil, handshake.Limits{})
			return err
		}),
		answer("gobwas", func(rw io.ReadWriter) error {
			_, err := ws.Upgrade(rw)
			return err
		}),
		answer("floor", func(rw io.ReadWriter) error {
			n, err := rw.Read(head)
			if err != nil {
				return err
			}
			out, used := floor.Answer(head[n:n], head[:n])
			if used == 0 {
				return errors.New("no answer")
			}
			_, err = rw.Write(out)
			return err
		}),
	}
}

// exchange is a stream that holds one request and counts the answer.
type exchange struct {
	read, written int
}

func (x *exchange) Read(p []byte) (int, error) {
	if x.read == len(request) {
		return 0, io.EOF
	}
	n := copy(p, request[x.read:])
	x.read += n
	return n, nil
}

func (x *exchange) Write(p []byte) (int, error) {
	x.written += len(p)
	return len(p), nil
}
