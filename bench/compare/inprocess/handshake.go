package inprocess

import (
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/gobwas/ws"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/profile"
)

// handshakeCases parse a request, check it and write the answer, on a stream in
// memory: the plain head that every server gets here, and Chrome's.
//
// octet is Chooser.Accept on a buffer that is used again, octet server the
// handshake that keeps the request; gobwas is its upgrade without copies.
func handshakeCases() []Case {
	chrome, ok := profile.Lookup("chrome")
	if !ok {
		panic("BUG: no profile of Chrome")
	}
	browser := chrome.Request(profile.Target{Host: "example.com", Target: "/chat", Key: "dGhlIHNhbXBsZSBub25jZQ=="})
	return slices.Concat(
		answerCases("parse, check, answer", request),
		answerCases("the same of Chrome's head", browser.AppendRaw(nil)),
	)
}

func answerCases(cell string, request []byte) []Case {
	answer := func(name string, serve func(io.ReadWriter) error) Case {
		return Case{"handshake", cell, name, 0, func(b *testing.B) {
			b.ReportAllocs()
			x := new(exchange)
			for b.Loop() {
				*x = exchange{request: request}
				if err := serve(x); err != nil {
					b.Fatal(err)
				}
				if x.written < 100 {
					b.Fatalf("an answer of %d bytes", x.written)
				}
			}
		}}
	}
	in, out := make([]byte, 4096), make([]byte, 0, 512)
	var chooser handshake.Chooser
	return []Case{
		answer("octet", func(rw io.ReadWriter) error {
			for filled := 0; ; {
				n, err := rw.Read(in[filled:])
				if filled += n; err != nil {
					return err
				}
				answer, used, _, err := chooser.Accept(out, in[:filled], handshake.Limits{})
				if err != nil {
					return err
				}
				if used > 0 {
					_, err = rw.Write(answer)
					return err
				}
			}
		}),
		answer("octet server", func(rw io.ReadWriter) error {
			_, err := handshake.Server(rw, nil, handshake.Limits{})
			return err
		}),
		answer("gobwas", func(rw io.ReadWriter) error {
			_, err := ws.Upgrade(rw)
			return err
		}),
		answer("floor", func(rw io.ReadWriter) error {
			n, err := rw.Read(in)
			if err != nil {
				return err
			}
			answer, used := floor.Answer(out, in[:n])
			if used == 0 {
				return errors.New("no answer")
			}
			_, err = rw.Write(answer)
			return err
		}),
	}
}

// exchange is a stream that holds one request and counts the answer.
type exchange struct {
	request       []byte
	read, written int
}

func (x *exchange) Read(p []byte) (int, error) {
	if x.read == len(x.request) {
		return 0, io.EOF
	}
	n := copy(p, x.request[x.read:])
	x.read += n
	return n, nil
}

func (x *exchange) Write(p []byte) (int, error) {
	x.written += len(p)
	return len(p), nil
}
