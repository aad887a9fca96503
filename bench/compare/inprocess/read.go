package inprocess

import (
	"testing"

	"github.com/octet-ws/octet/bench/compare/internal/stats"
	"github.com/octet-ws/octet/frame"
)

// readCases read whole messages. Servers read masked frames, clients unmasked
// ones; text is ASCII, which octet always checks and the others do not.
func readCases() (cases []Case) {
	for _, n := range []int{125, 1 << 10, 16 << 10, 128 << 10, 1 << 20} {
		for _, l := range libraries {
			if l.client != nil {
				cases = append(cases, readCase(l, "unmasked", newMessage(n, false), true))
			}
			cases = append(cases,
				readCase(l, "masked", newMessage(n, false), false),
				readCase(l, "masked text", newMessage(n, true), false))
		}
		cases = append(cases, Case{"read masked", stats.Size(n), "mask + memcpy", n, maskAndCopy(n)})
	}
	return cases
}

func readCase(l library, what string, m message, client bool) Case {
	n := len(m.payload)
	return Case{"read " + what, stats.Size(n), l.name, n, func(b *testing.B) {
		e, _, err := l.open(client, m, b.N)
		if err != nil {
			b.Fatal(err)
		}
		got := 0
		b.ReportAllocs()
		b.ResetTimer()
		if err := e.read(b.N, func(p []byte) { got += len(p) }); err != nil {
			b.Fatal(err)
		}
		if got != n*b.N {
			b.Fatalf("%d bytes read, want %d", got, n*b.N)
		}
	}}
}

// maskAndCopy is what no reader of masked frames from a stream can avoid: the
// bytes come into its buffer, and are unmasked there.
func maskAndCopy(n int) func(*testing.B) {
	return func(b *testing.B) {
		p, q := make([]byte, n), make([]byte, n)
		for b.Loop() {
			copy(p, q)
			frame.Mask(p, frame.MaskKey{1, 2, 3, 4}, 0)
		}
	}
}
