package frame

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// maskSlow is the definition of RFC 6455 §5.3, octet by octet.
func maskSlow(b []byte, key MaskKey, pos int64) {
	for i := range b {
		b[i] ^= key[(pos+int64(i))%4]
	}
}

// loops are the implementations that this processor can run, each with
// the fewest bytes it takes. The build adds the vector ones.
var loops = append(vectorLoops(), loop{"words", 0, func(dst, src []byte, key uint32, look bool) bool {
	copy(dst, src)
	withoutVector(func() { xor(dst, key) })
	return false
}})

type loop struct {
	name string
	min  int
	xor  func(dst, src []byte, key uint32, look bool) (ascii bool)
}

// randomBytes returns n bytes that are the same in every run.
func randomBytes(n int) []byte {
	r := rand.New(rand.NewPCG(6455, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// guard is how many bytes around a result are checked to be as they were.
const guard = 64

// TestMaskLoops compares every loop with the definition at all lengths to
// 600, key rotations and alignments of source and destination, in place and
// copying, with nothing outside written (F18).
func TestMaskLoops(t *testing.T) {
	key := MaskKey{0x37, 0xfa, 0x21, 0x3d}
	text := randomBytes(600 + 2*guard)
	for _, l := range loops {
		for n := l.min; n <= 600; n++ {
			for align := range 64 {
				pos := int64(n + align) // every rotation comes with every length
				want := bytes.Clone(text)
				maskSlow(want[align:align+n], key, pos)

				got := bytes.Clone(text)
				l.xor(got[align:align+n], got[align:align+n], key.at(pos), false)
				if !bytes.Equal(got, want) {
					t.Fatalf("%s in place, length %d, alignment %d, position %d: got\n%x, want\n%x", l.name, n, align, pos, got, want)
				}

				apart := align * 7 % 64 // another alignment for the source
				copy(want[align:], text[apart:apart+n])
				maskSlow(want[align:align+n], key, pos)
				got = bytes.Clone(text)
				l.xor(got[align:align+n], text[apart:apart+n], key.at(pos), false)
				if !bytes.Equal(got, want) {
					t.Fatalf("%s copying, length %d, alignments %d and %d: got\n%x, want\n%x", l.name, n, apart, align, got, want)
				}
			}
		}
	}
}

// TestMaskLook says of each loop that looks that it never calls a text ASCII
// that is not, wherever the octet stands, and does call ASCII ASCII.
func TestMaskLook(t *testing.T) {
	key := MaskKey{0x80, 0x01, 0xff, 0x7f}
	for _, l := range loops[:len(loops)-1] {
		for n := l.min; n <= 600; n += 7 {
			masked := bytes.Repeat([]byte{'a'}, n)
			maskSlow(masked, key, 0)
			if !l.xor(make([]byte, n), masked, key.at(0), true) {
				t.Fatalf("%s does not see that %d bytes are ASCII", l.name, n)
			}
			for i := range n {
				masked[i] ^= 0x80
				if l.xor(make([]byte, n), masked, key.at(0), true) {
					t.Fatalf("%s calls %d bytes ASCII, but byte %d is not", l.name, n, i)
				}
				masked[i] ^= 0x80
			}
		}
	}
}

// TestMaskPosition masks a payload in two pieces cut anywhere, which must be
// the same as masking it whole (F18), and checks large payloads, which the
// assembly gets in parts.
func TestMaskPosition(t *testing.T) {
	key := MaskKey{1, 2, 3, 4}
	for _, n := range []int{0, 1, 7, 8, 63, 64, 65, 130, 4096, 64<<10 - 1, 64 << 10, 64<<10 + 1, 64<<10 + 63, 200_001} {
		text := randomBytes(n)
		want := bytes.Clone(text)
		maskSlow(want, key, 0)
		for cut := 0; cut <= n; cut += 1 + n/61 {
			got := bytes.Clone(text)
			Mask(got[:cut], key, 0)
			Mask(got[cut:], key, int64(cut))
			if !bytes.Equal(got, want) {
				t.Fatalf("masking %d bytes cut at %d differs from masking them whole", n, cut)
			}
			clear(got)
			MaskCopy(got[cut:], text[cut:], key, int64(cut))
			MaskCopy(got[:cut], text, key, 0)
			if !bytes.Equal(got, want) {
				t.Fatalf("mask-copying %d bytes cut at %d differs from masking them whole", n, cut)
			}
		}
	}
}

// TestMaskVector is the masked "Hello" of RFC 6455 §5.7.
func TestMaskVector(t *testing.T) {
	b := []byte("Hello")
	Mask(b, MaskKey{0x37, 0xfa, 0x21, 0x3d}, 0)
	if want := unhex("7f9f4d5158"); !bytes.Equal(b, want) {
		t.Errorf("masked Hello is %x, want %x", b, want)
	}
}
