package inprocess

import (
	"bytes"
	"testing"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// What is measured must work: every library reads what the stream holds and
// writes frames that carry what it was given.
func TestLibraries(t *testing.T) {
	for _, l := range libraries {
		for _, m := range []message{newMessage(125, false), newMessage(300, true), newMessage(128<<10, false)} {
			t.Run(l.name+"/server/"+stats.Size(len(m.payload)), func(t *testing.T) {
				testRead(t, l, false, m)
				testWrite(t, l, false, m)
			})
			if l.client == nil {
				continue
			}
			t.Run(l.name+"/client/"+stats.Size(len(m.payload)), func(t *testing.T) {
				testRead(t, l, true, m)
				testWrite(t, l, true, m)
			})
		}
	}
}

func testRead(t *testing.T, l library, client bool, m message) {
	const n = 5
	e, _, err := l.open(client, m, n)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = e.read(n, func(p []byte) {
		seen++
		if !bytes.Equal(p, m.payload) {
			t.Errorf("message %d came as %d other bytes", seen, len(p))
		}
	})
	if seen != n || err != nil {
		t.Errorf("%d messages read, want %d: %v", seen, n, err)
	}
}

func testWrite(t *testing.T, l library, client bool, m message) {
	e, s, err := l.open(client, m, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	s.sink = func(p []byte) { out = append(out, p...) }
	if err := e.write(m.payload); err != nil {
		t.Fatal(err)
	}
	h, n := floor.Parse(out)
	if n == 0 || h.First != 0x82 || h.Masked != client || h.Length != len(m.payload) || len(out) != n+h.Length {
		t.Fatalf("wrote %d bytes with header %+v", len(out), h)
	}
	if h.Masked {
		floor.Mask(out[n:], h.Key)
	}
	if !bytes.Equal(out[n:], m.payload) {
		t.Error("wrote another payload than it was given")
	}
}

// Benchmark runs every case under `go test -bench`: the name is
// GROUP/CELL/NAME. `compare inprocess` runs the same in interleaved rounds.
func Benchmark(b *testing.B) {
	for _, c := range Cases() {
		b.Run(c.Group+"/"+c.Cell+"/"+c.Name, func(b *testing.B) {
			b.SetBytes(int64(c.Bytes))
			c.Run(b)
		})
	}
}
