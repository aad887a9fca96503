package inprocess

import (
	"testing"

	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// writeCases write whole binary messages: servers unmasked, clients masked
// under a key that each draws as it does.
func writeCases() (cases []Case) {
	for _, n := range []int{125, 16 << 10} {
		for _, l := range libraries {
			cases = append(cases, writeCase(l, "unmasked", n, false))
			if l.client != nil {
				cases = append(cases, writeCase(l, "masked", n, true))
			}
		}
	}
	return cases
}

func writeCase(l library, what string, n int, client bool) Case {
	return Case{"write " + what, stats.Size(n), l.name, n, func(b *testing.B) {
		m := newMessage(n, false)
		e, s, err := l.open(client, m, 0)
		if err != nil {
			b.Fatal(err)
		}
		before := s.written
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			if err := e.write(m.payload); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		if got, want := s.written-before, int64(len(m.frame(client)))*int64(b.N); got != want {
			b.Fatalf("%d bytes written, want %d", got, want)
		}
	}}
}
