package inprocess

import (
	"bytes"
	"testing"

	wsutil "github.com/antlabs/wsutil/frame"
	"github.com/antlabs/wsutil/opcode"
	"github.com/gobwas/ws"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
	"github.com/octet-ws/octet/frame"
)

// headerCases parse and write the header of a masked frame of 125 bytes. Of
// the peers only gobwas and quickws export their codecs, which read from
// streams; with a buffer of the caller's they do not allocate.
func headerCases() []Case {
	h := frame.Header{Fin: true, Opcode: frame.Binary, Masked: true, Key: frame.MaskKey{1, 2, 3, 4}, Length: 125}
	wire := h.Append(nil)
	parse := func(name string, run func(*testing.B)) Case { return Case{"header", "parse", name, 0, run} }
	write := func(name string, run func(*testing.B)) Case { return Case{"header", "write", name, 0, run} }
	return []Case{
		parse("octet", func(b *testing.B) {
			b.ReportAllocs()
			var h frame.Header
			for b.Loop() {
				if n, err := h.Parse(wire); n != len(wire) || err != nil {
					b.Fatal(n, err)
				}
			}
		}),
		parse("gobwas", func(b *testing.B) {
			b.ReportAllocs()
			r := bytes.NewReader(wire)
			buf := make([]byte, ws.MaxHeaderSize)
			for b.Loop() {
				r.Reset(wire)
				if _, err := ws.ReadHeaderBuffer(r, buf[:ws.MaxHeaderSize-2]); err != nil {
					b.Fatal(err)
				}
			}
		}),
		parse("quickws", func(b *testing.B) {
			b.ReportAllocs()
			r := bytes.NewReader(wire)
			var buf [ws.MaxHeaderSize]byte
			for b.Loop() {
				r.Reset(wire)
				if _, n, err := wsutil.ReadHeader(r, &buf); n != len(wire) || err != nil {
					b.Fatal(n, err)
				}
			}
		}),
		parse("floor", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, n := floor.Parse(wire); n != len(wire) {
					b.Fatal(n)
				}
			}
		}),
		write("octet", func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, frame.MaxHeaderSize)
			for b.Loop() {
				if buf = h.Append(buf[:0]); len(buf) != len(wire) {
					b.Fatal(len(buf))
				}
			}
		}),
		write("gobwas", func(b *testing.B) {
			b.ReportAllocs()
			h := ws.Header{Fin: true, OpCode: ws.OpBinary, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 125}
			buf := make([]byte, ws.MaxHeaderSize)
			w := new(bytes.Buffer)
			for b.Loop() {
				w.Reset()
				if err := ws.WriteHeaderBuffer(w, h, buf); err != nil || w.Len() != len(wire) {
					b.Fatal(w.Len(), err)
				}
			}
		}),
		write("quickws", func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, ws.MaxHeaderSize)
			for b.Loop() {
				n, err := wsutil.WriteHeader(buf, true, false, false, false, opcode.Binary, 125, true, 0x04030201)
				if n != len(wire) || err != nil {
					b.Fatal(n, err)
				}
			}
		}),
		write("floor", func(b *testing.B) {
			b.ReportAllocs()
			h := floor.Header{First: 0x82, Masked: true, Key: [4]byte{1, 2, 3, 4}, Length: 125}
			buf := make([]byte, 0, frame.MaxHeaderSize)
			for b.Loop() {
				if buf = h.Append(buf[:0]); len(buf) != len(wire) {
					b.Fatal(len(buf))
				}
			}
		}),
	}
}
