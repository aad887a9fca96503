package handshake

import (
	"encoding/binary"
	"math/bits"
)

// digest returns the SHA-1 digest of msg (FIPS 180-4 §6.1.2), whose array it may
// extend. It is short where crypto/sha1 is fast; see hasher.
func digest(msg []byte) (sum [20]byte) {
	// The message is followed by a bit 1, by zeros, and by its length in bits,
	// which end its last block of 64 bytes.
	size := uint64(len(msg)) * 8
	msg = append(msg, 0x80)
	for len(msg)%64 != 56 {
		msg = append(msg, 0)
	}
	msg = binary.BigEndian.AppendUint64(msg, size)

	h := [5]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}
	for ; len(msg) > 0; msg = msg[64:] {
		var w [80]uint32
		a, b, c, d, e := h[0], h[1], h[2], h[3], h[4]
		for i := range w {
			if i < 16 {
				w[i] = binary.BigEndian.Uint32(msg[4*i:])
			} else {
				w[i] = bits.RotateLeft32(w[i-3]^w[i-8]^w[i-14]^w[i-16], 1)
			}
			f, k := b^c^d, uint32(0x6ed9eba1) // parity
			switch {
			case i < 20:
				f, k = b&c|^b&d, 0x5a827999 // choice
			case i >= 60:
				k = 0xca62c1d6
			case i >= 40:
				f, k = b&c|b&d|c&d, 0x8f1bbcdc // majority
			}
			a, b, c, d, e = bits.RotateLeft32(a, 5)+f+e+k+w[i], a, bits.RotateLeft32(b, 30), c, d
		}
		for i, v := range [...]uint32{a, b, c, d, e} {
			h[i] += v
		}
	}
	for i, v := range h {
		binary.BigEndian.PutUint32(sum[4*i:], v)
	}
	return sum
}
