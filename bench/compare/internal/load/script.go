// Package load is the client side of a measurement: one thread, one epoll
// instance, frames masked and answers foreseen before the clock starts, every
// byte of every answer compared. It costs so little that the server is what is
// measured. Linux only, IPv4 only.
package load

import (
	"math/rand/v2"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
)

// Shape is what each connection sends: Depth messages of Size bytes at once,
// then nothing until all of them have come back.
type Shape struct {
	Size  int  // bytes of payload
	Depth int  // messages in flight on one connection
	Text  bool // ASCII text messages instead of binary ones
}

// script is a shape in bytes. All connections send the same ones.
type script struct {
	request []byte // Depth masked frames
	reply   []byte // the same messages as a server sends them
}

// newScript draws payloads and masking keys from a fixed seed: a run can be
// repeated, and no two messages of a script are equal, so that one answered
// out of turn is noticed.
func newScript(sh Shape) script {
	rnd := rand.NewChaCha8([32]byte{'o', 'c', 't', 'e', 't'})
	var s script
	for range sh.Depth {
		payload := make([]byte, sh.Size)
		rnd.Read(payload)
		first := byte(0x82)
		if sh.Text {
			first = 0x81
			for i, c := range payload {
				payload[i] = ' ' + c%95
			}
		}
		h := floor.Header{First: first, Length: sh.Size}
		s.reply = append(h.Append(s.reply), payload...)
		h.Masked = true
		rnd.Read(h.Key[:])
		floor.Mask(payload, h.Key)
		s.request = append(h.Append(s.request), payload...)
	}
	return s
}
