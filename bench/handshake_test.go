package bench

import (
	"fmt"
	"strings"
	"testing"

	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/profile"
)

var handshakeTarget = profile.Target{Host: "example.com", Target: "/path", Key: "dGhlIHNhbXBsZSBub25jZQ=="}

// BenchmarkHandshakeAccept parses, checks and answers one request that lies in
// memory: in one, as a server does that has no use for the Request; with values
// used again; and with new ones.
func BenchmarkHandshakeAccept(b *testing.B) {
	for _, name := range []string{"gobwas", "gorilla", "node-ws", "chrome"} {
		p, _ := profile.Lookup(name)
		head := p.Request(handshakeTarget).AppendRaw(nil)
		var chooser handshake.Chooser
		out := make([]byte, 0, 512)
		b.Run("in-one/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if out, _, _, err = chooser.Accept(out[:0], head, handshake.Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		steps := func(b *testing.B, r *handshake.Request, offer *handshake.Offer) {
			err := offer.Parse(r)
			if err != nil {
				b.Fatal(err)
			}
			answer, err := chooser.Answer(r, offer)
			if err != nil {
				b.Fatal(err)
			}
			if out, err = answer.Append(out[:0], offer.Key); err != nil {
				b.Fatal(err)
			}
		}
		b.Run("again/"+name, func(b *testing.B) {
			b.ReportAllocs()
			var r handshake.Request
			var offer handshake.Offer
			for b.Loop() {
				if _, err := r.Parse(head, handshake.Limits{}); err != nil {
					b.Fatal(err)
				}
				steps(b, &r, &offer)
			}
		})
		b.Run("new/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, _, err := handshake.ParseRequest(head, handshake.Limits{})
				if err != nil {
					b.Fatal(err)
				}
				var offer handshake.Offer
				steps(b, r, &offer)
			}
		})
	}
}

// BenchmarkHandshakeParse is the part of it that reads.
func BenchmarkHandshakeParse(b *testing.B) {
	p, _ := profile.Lookup("chrome")
	head := p.Request(handshakeTarget).AppendRaw(nil)
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := handshake.ParseRequest(head, handshake.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHandshakeByteByByte feeds a head one byte at a time, with the limits raised:
// time per byte stays the same from 1 KiB to 1 MiB, in many fields and in one.
func BenchmarkHandshakeByteByByte(b *testing.B) {
	lim := handshake.Limits{HeadBytes: -1, LineBytes: -1, Fields: -1}
	for _, shape := range []struct {
		name string
		fill func(n int) string
	}{
		{"fields", func(n int) string { return strings.Repeat("X-Filler: 0123456789abcdef0123456789ab\r\n", n/40) }},
		{"line", func(n int) string { return "X-Filler: " + strings.Repeat("a", n) + "\r\n" }},
	} {
		for _, size := range []int{1 << 10, 16 << 10, 128 << 10, 1 << 20} {
			head := []byte("GET / HTTP/1.1\r\nHost: h\r\n" + shape.fill(size) + "\r\n")
			b.Run(fmt.Sprintf("%s/%dKiB", shape.name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(head)))
				for b.Loop() {
					s := handshake.Scanner{Limits: lim}
					n := 0
					for i := 1; n == 0; i++ {
						var err error
						if n, err = s.Scan(head[:i]); err != nil {
							b.Fatal(err)
						}
					}
					if _, _, err := handshake.ParseRequest(head[:n], lim); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(head)), "ns/byte")
			})
		}
	}
}

// BenchmarkHandshakeClient is the client's side: parse and check a 101.
func BenchmarkHandshakeClient(b *testing.B) {
	head := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
	offer := &handshake.Offer{Key: handshakeTarget.Key}
	b.ReportAllocs()
	for b.Loop() {
		r, _, err := handshake.ParseResponse(head, handshake.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := offer.CheckResponse(r); err != nil {
			b.Fatal(err)
		}
	}
}
