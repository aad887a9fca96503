package fuzz

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/fuzz/oracle"
)

// FuzzMask compares masking, in place, copying, and in two pieces, with the
// definition of RFC 6455 §5.3 octet by octet, for a payload anywhere in
// memory (F18).
func FuzzMask(f *testing.F) {
	for _, n := range []int{0, 1, 7, 8, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 300, 70000} {
		f.Add(bytes.Repeat([]byte{0xa5}, n), []byte{0x37, 0xfa, 0x21, 0x3d}, int64(n), uint8(n), uint16(n/3))
	}
	f.Fuzz(func(t *testing.T, payload, k []byte, pos int64, offset uint8, cut uint16) {
		var key frame.MaskKey
		copy(key[:], k)
		if pos < 0 {
			pos = ^pos
		}
		want := slices.Clone(payload)
		for i := range want {
			want[i] ^= key[uint64(pos+int64(i))%4]
		}
		const guard = 64
		room := bytes.Repeat([]byte{0xdb}, guard+int(offset)+len(payload)+guard)
		b := room[guard+int(offset):][:len(payload)]
		check := func(how string) {
			t.Helper()
			if !bytes.Equal(b, want) {
				t.Fatalf("%s at offset %d, %d bytes from position %d are masked as\n% x, want\n% x", how, offset, len(b), pos, b, want)
			}
			edge := append(slices.Clone(room[:guard+int(offset)]), room[guard+int(offset)+len(payload):]...)
			if len(bytes.Trim(edge, "\xdb")) != 0 {
				t.Fatalf("%s at offset %d, masking %d bytes writes outside them", how, offset, len(b))
			}
		}
		copy(b, payload)
		frame.Mask(b, key, pos)
		check("in place")
		frame.MaskCopy(b, payload, key, pos)
		check("copied")
		at := int(cut) % (len(payload) + 1)
		copy(b, payload)
		frame.Mask(b[:at], key, pos)
		frame.Mask(b[at:], key, pos+int64(at))
		check("in two pieces")
	})
}

// FuzzUTF8 compares the validator, fed in any pieces, masked or not, with the
// oracle's bit by bit decoding and with unicode/utf8 (F50, X1).
func FuzzUTF8(f *testing.F) {
	for _, s := range []string{
		"", "a", "é", "€", "𝄞", "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5", "\xff",
		strings.Repeat("a", 200), strings.Repeat("ж", 100), strings.Repeat("日本語", 30), strings.Repeat("😀", 40),
		strings.Repeat("aé€𝄞", 20) + "\xe2\x82", strings.Repeat("世", 50) + "\xff" + strings.Repeat("a", 50),
	} {
		f.Add([]byte(s), uint64(len(s)))
	}
	f.Fuzz(func(t *testing.T, text []byte, cuts uint64) {
		valid, complete := oracle.Text(text)
		if complete != utf8.Valid(text) {
			t.Fatalf("the oracle and unicode/utf8 disagree on % x", text)
		}
		random := rand.New(rand.NewPCG(cuts, 0))
		key := frame.MaskKey{0x80, 0xff, 0x01, byte(cuts)}
		masked := slices.Clone(text)
		frame.Mask(masked, key, 0)
		for _, size := range []int{1, 5, 40, 1 + len(text)} {
			var u, v frame.UTF8
			var err error
			at := 0
			for at < len(text) && err == nil {
				end := min(len(text), at+1+random.IntN(size))
				var n, m int
				var err2 error
				n, err = u.Write(text[at:end])
				m, err2 = v.Unmask(slices.Clone(masked[at:end]), key, int64(at))
				if n != m || err != err2 {
					t.Fatalf("% x: Write returns %d, %v and Unmask %d, %v", text[at:end], n, err, m, err2)
				}
				if err == nil && n != end-at {
					t.Fatalf("% x: Write accepts %d octets and finds no fault", text[at:end], n)
				}
				at += n
			}
			if at != valid || (err != nil) != (valid < len(text)) {
				t.Fatalf("% x is refused from octet %d (%v), the oracle says %d", text, at, err, valid)
			}
			if got := u.End() == nil; got != complete {
				t.Fatalf("% x is complete: %v, the oracle says %v", text, got, complete)
			}
		}
	})
}

// FuzzHeader parses anything as a header: what parses without an error is
// appended again as it was, every part of it asks for more, and Size is right
// (F9 to F12).
func FuzzHeader(f *testing.F) {
	for _, w := range wires {
		f.Add(unhex(w))
		f.Add(mask(unhex(w)))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		h, n, err := frame.ParseHeader(wire)
		if n < 0 || n > len(wire) || n > frame.MaxHeaderSize || h.Length < 0 {
			t.Fatalf("% x parses to %+v of %d bytes", wire, h, n)
		}
		if n == 0 {
			if err != nil || h != (frame.Header{}) || len(wire) >= frame.MaxHeaderSize {
				t.Fatalf("% x, incomplete, parses to %+v, %v", wire, h, err)
			}
			return
		}
		for cut := range n {
			if _, n, err := frame.ParseHeader(wire[:cut]); n != 0 || err != nil {
				t.Fatalf("% x, a part of a header, parses to %d bytes, %v", wire[:cut], n, err)
			}
		}
		if err != nil {
			return
		}
		if got := h.Append(nil); !bytes.Equal(got, wire[:n]) || h.Size() != n {
			t.Fatalf("% x parses to %+v, which is appended as % x and says it has %d bytes", wire[:n], h, got, h.Size())
		}
	})
}

// FuzzClose takes anything as the payload of a Close: what is accepted is
// made again as it was, and the oracle agrees on what is (F32, F33, K22).
func FuzzClose(f *testing.F) {
	for _, s := range []string{"", "03", "03e8", "03e8 627965", "03ed", "0bb8 e29c93", "03e8 ff", "ffff"} {
		f.Add(unhex(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) > frame.MaxControlPayload {
			return
		}
		wire := append([]byte{0x88, byte(len(p))}, p...)
		_, faults := oracle.Read(wire, oracle.Config{})
		code, reason, err := frame.ParseClose(p)
		if (err != nil) != (len(faults) > 0) {
			t.Fatalf("% x: %v, the oracle says %v", p, err, faults)
		}
		if err != nil {
			return
		}
		if got, err := frame.AppendClose(nil, code, string(reason)); err != nil || !bytes.Equal(got, p) {
			t.Fatalf("% x parses to %d %q, which is made as % x, %v", p, code, reason, got, err)
		}
	})
}
