package frame

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// firstBad returns the index of the first octet of p that can belong to no
// valid text, and whether p may stop where it does. It is the slow twin of
// UTF8, made of unicode/utf8: an octet is bad if no continuation of the text
// up to it is valid.
func firstBad(p []byte) (i int, complete bool) {
	for i < len(p) {
		r, size := utf8.DecodeRune(p[i:])
		if r != utf8.RuneError || size > 1 {
			i += size
			continue
		}
		// Something is wrong from i on. The longest beginning of it that
		// could still become a character ends at the bad octet.
		end := i + 1
		for end <= len(p) && couldBecome(p[i:end]) {
			end++
		}
		return end - 1, false
	}
	return i, true
}

// couldBecome reports whether p is the beginning of a valid character.
func couldBecome(p []byte) bool {
	for _, tail := range []string{"", "\x80", "\x90", "\xa0", "\x80\x80", "\x90\x80", "\xa0\x80", "\x80\x80\x80", "\x90\x80\x80"} {
		if r, size := utf8.DecodeRuneInString(string(p) + tail); r != utf8.RuneError && size >= len(p) ||
			r == utf8.RuneError && size == 3 {
			return true
		}
	}
	return false
}

// checkUTF8 feeds p to a UTF8 in pieces cut at the given places and compares
// the outcome with firstBad.
func checkUTF8(t *testing.T, p []byte, cuts ...int) {
	t.Helper()
	var u UTF8
	at, from := 0, 0
	var err error
	for _, to := range append(cuts, len(p)) {
		var n int
		n, err = u.Write(p[from:to])
		at = from + n
		if err != nil {
			break
		}
		from = to
	}
	want, complete := firstBad(p)
	if at != want || (err != nil) != (want < len(p)) {
		t.Fatalf("text % x cut at %v is bad from octet %d (%v); want %d", p, cuts, at, err, want)
	}
	if err != nil {
		if n, again := u.Write([]byte("a")); n != 0 || !errors.Is(again, RuleUTF8) {
			t.Fatalf("text % x: a Write after the error returns %d, %v", p, n, again)
		}
	}
	if got := u.End() == nil; got != complete {
		t.Fatalf("text % x cut at %v is complete: %v; want %v", p, cuts, got, complete)
	}
	if u != (UTF8{}) {
		t.Fatalf("after End the validator is not ready for another text")
	}
}

// TestUTF8Short tries every sequence of one to three octets, and every one of
// four that begins with the octets that matter, each in every split (X1, F50).
func TestUTF8Short(t *testing.T) {
	for n := range 256 * 256 {
		p := []byte{byte(n >> 8), byte(n)}
		checkUTF8(t, p[1:])
		checkUTF8(t, p)
		checkUTF8(t, p, 1)
	}
	edges := []byte{0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff}
	for _, a := range edges {
		for _, b := range edges {
			for _, c := range edges {
				for _, d := range edges {
					p := []byte{a, b, c, d}
					checkUTF8(t, p)
					checkUTF8(t, p, 1)
					checkUTF8(t, p, 2)
					checkUTF8(t, p, 3)
					checkUTF8(t, p, 1, 2, 3)
				}
			}
		}
	}
}

// TestUTF8Runes says that every code point but the surrogates is valid, and
// that each is refused at its first octet that tells (F50, X1).
func TestUTF8Runes(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		var u UTF8
		_, err := u.Write([]byte(string(r)))
		if err != nil || u.End() != nil {
			t.Fatalf("U+%04X is refused", r)
		}
	}
	for r := rune(0xD800); r <= 0xDFFF; r++ {
		var u UTF8
		n, err := u.Write([]byte{0xed, byte(0x80 | r>>6&0x3f), byte(0x80 | r&0x3f)})
		if n != 1 || err == nil {
			t.Fatalf("surrogate U+%04X is refused at octet %d, want 1", r, n)
		}
	}
}

// TestUTF8Blocks puts characters and mistakes at every place of texts longer
// than the blocks the validator works in, in every split in two.
func TestUTF8Blocks(t *testing.T) {
	for _, odd := range []string{"é", "€", "𝄞", "\x80", "\xff", "\xc0\x80", "\xe0\x9f\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x9d\x84"} {
		for _, fill := range []string{"a", "ж", "日"} {
			for at := range 50 {
				p := []byte(strings.Repeat(fill, at) + odd + strings.Repeat(fill, 40))
				for cut := 0; cut <= len(p); cut += 3 {
					checkUTF8(t, p, cut)
				}
			}
		}
	}
}

// TestUTF8Unmask says that unmasking and checking at once is masking, then
// checking, for every kind of text around the sizes where the code changes.
func TestUTF8Unmask(t *testing.T) {
	key := MaskKey{0x12, 0x80, 0xff, 0x34}
	for _, fill := range []string{"a", "é", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa日"} {
		for _, n := range []int{0, 1, 5, 31, 32, 63, 64, 127, 128, 129, 500, unmaskPiece - 1, unmaskPiece, unmaskPiece + 1, unmaskPiece + 128, 3*unmaskPiece + 77} {
			text := strings.Repeat(fill, n/len(fill)+1)[:n]
			_, complete := firstBad([]byte(text))
			for _, bad := range []int{-1, 0, n / 2, n - 1} {
				if bad >= n {
					continue
				}
				plain := []byte(text)
				if bad >= 0 {
					plain[bad] = 0xff
				}
				want, _ := firstBad(plain)
				b := []byte(string(plain))
				maskSlow(b, key, 3)
				var u UTF8
				got, err := u.Unmask(b, key, 3)
				if got != want || (err != nil) != (want < n) {
					t.Fatalf("%d bytes of %q with a bad octet at %d: Unmask stops at %d (%v), want %d", n, fill, bad, got, err, want)
				}
				if string(b[:got]) != string(plain[:got]) {
					t.Fatalf("%d bytes of %q are unmasked wrong", n, fill)
				}
				if end := u.End() == nil; err == nil && end != complete {
					t.Fatalf("%d bytes of %q: complete is %v, want %v", n, fill, end, complete)
				}
			}
		}
	}
}
