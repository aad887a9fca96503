package frame

import (
	"encoding/binary"
	"math/bits"
)

// MaskKey is the 32-bit key a client masks a frame's payload with
// (RFC 6455 §5.3), in wire order. Every frame needs a fresh one that the
// peer's application cannot foresee (F15, F16, X12).
type MaskKey [4]byte

// Mask masks or unmasks b in place: both are the same XOR, octet i of a
// payload with octet i mod 4 of the key (F18). pos is the index of b[0] in
// its payload, so that a payload may be masked in pieces of any size.
func Mask(b []byte, key MaskKey, pos int64) {
	xor(b, key.at(pos))
}

// MaskCopy is [Mask] from src into dst in one pass, for a sender that must
// leave the caller's payload as it is. It handles min(len(dst), len(src))
// bytes. dst and src must be the same memory or not overlap at all.
func MaskCopy(dst, src []byte, key MaskKey, pos int64) {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	k := key.at(pos)
	if n >= vectorMinCopy && hasVector {
		for len(src) > vectorMax {
			maskVector(&dst[0], &src[0], vectorMax/2, k, false)
			dst, src = dst[vectorMax/2:], src[vectorMax/2:]
		}
		maskVector(&dst[0], &src[0], len(src), k, false)
		return
	}
	for len(src) > 4<<10 { // so that xor finds in the cache what copy wrote
		copy(dst[:4<<10], src)
		xor(dst[:4<<10], k)
		dst, src = dst[4<<10:], src[4<<10:]
	}
	copy(dst, src)
	xor(dst, k)
}

// at returns the key as a little-endian word for a piece that starts at pos:
// the octet for the piece's first byte is the word's lowest.
func (key MaskKey) at(pos int64) uint32 {
	return bits.RotateLeft32(binary.LittleEndian.Uint32(key[:]), -8*int(pos))
}

// Limits of what the assembly is called for. With fewer bytes, preparing the
// wide registers costs more than they save; copying pays earlier, as the
// alternative goes over the bytes twice. The most that one call gets bounds
// the time it takes, as a goroutine inside assembly cannot be preempted. More
// is handed over in halves of that, so that the rest is never too little.
const (
	vectorMin     = 128
	vectorMinCopy = 64
	vectorMax     = 64 << 10
)

// maskVector, in assembly, masks n bytes from src to dst, which is either src
// or apart from it; n is at least vectorMinCopy. If look is set, it reports
// whether all that it wrote is ASCII; otherwise the result means nothing.
//
//	func maskVector(dst, src *byte, n int, key uint32, look bool) (ascii bool)

// xor masks b, whose first octet meets the lowest octet of key. It is the
// loop for every processor, with words of eight bytes through encoding/binary,
// which the compiler turns into single instructions; and the fastest way to
// mask a few bytes anywhere, as it needs no preparation.
func xor(b []byte, key uint32) {
	if len(b) >= vectorMin && hasVector {
		for len(b) > vectorMax {
			maskVector(&b[0], &b[0], vectorMax/2, key, false)
			b = b[vectorMax/2:]
		}
		maskVector(&b[0], &b[0], len(b), key, false)
		return
	}
	if len(b) < 8 {
		for i := range b {
			b[i] ^= byte(key >> (i & 3 * 8))
		}
		return
	}
	le := binary.LittleEndian
	k := uint64(key)<<32 | uint64(key)

	// The last eight bytes are a word of their own that may overlap the one
	// before it. It is computed before that is stored and stored after it:
	// the bytes in the overlap get the same value twice.
	end := b[len(b)-8:]
	last := le.Uint64(end) ^ bits.RotateLeft64(k, -8*len(b))

	// Longer than, not at least: what remains is then never empty, and the
	// compiler need not keep a pointer from pointing past the end. Ten words a
	// turn, found by trial: other numbers are as fast or much slower depending
	// on where the linker happens to put the loop. The rest goes by halves,
	// without a second loop whose end the processor could guess wrong.
	for len(b) > 80 {
		p := (*[80]byte)(b)
		le.PutUint64(p[0:], le.Uint64(p[0:])^k)
		le.PutUint64(p[8:], le.Uint64(p[8:])^k)
		le.PutUint64(p[16:], le.Uint64(p[16:])^k)
		le.PutUint64(p[24:], le.Uint64(p[24:])^k)
		le.PutUint64(p[32:], le.Uint64(p[32:])^k)
		le.PutUint64(p[40:], le.Uint64(p[40:])^k)
		le.PutUint64(p[48:], le.Uint64(p[48:])^k)
		le.PutUint64(p[56:], le.Uint64(p[56:])^k)
		le.PutUint64(p[64:], le.Uint64(p[64:])^k)
		le.PutUint64(p[72:], le.Uint64(p[72:])^k)
		b = b[80:]
	}
	if len(b) > 64 {
		p := (*[64]byte)(b)
		le.PutUint64(p[0:], le.Uint64(p[0:])^k)
		le.PutUint64(p[8:], le.Uint64(p[8:])^k)
		le.PutUint64(p[16:], le.Uint64(p[16:])^k)
		le.PutUint64(p[24:], le.Uint64(p[24:])^k)
		le.PutUint64(p[32:], le.Uint64(p[32:])^k)
		le.PutUint64(p[40:], le.Uint64(p[40:])^k)
		le.PutUint64(p[48:], le.Uint64(p[48:])^k)
		le.PutUint64(p[56:], le.Uint64(p[56:])^k)
		b = b[64:]
	}
	if len(b) > 32 {
		p := (*[32]byte)(b)
		le.PutUint64(p[0:], le.Uint64(p[0:])^k)
		le.PutUint64(p[8:], le.Uint64(p[8:])^k)
		le.PutUint64(p[16:], le.Uint64(p[16:])^k)
		le.PutUint64(p[24:], le.Uint64(p[24:])^k)
		b = b[32:]
	}
	if len(b) > 16 {
		p := (*[16]byte)(b)
		le.PutUint64(p[0:], le.Uint64(p[0:])^k)
		le.PutUint64(p[8:], le.Uint64(p[8:])^k)
		b = b[16:]
	}
	if len(b) > 8 {
		le.PutUint64(b, le.Uint64(b)^k)
	}
	le.PutUint64(end, last)
}
