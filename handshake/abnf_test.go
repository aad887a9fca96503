package handshake

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The classes of bytes once more, as slow and as plain as RFC 9110 §5.6.2 has them.
func TestCharClasses(t *testing.T) {
	const alpha = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	const digit = "0123456789"
	for c := range 256 {
		for i := range 8 {
			b := []byte("abcd-xyz")
			b[i] = byte(c)
			if got, want := nameEnd(b, 0), span(b, 0, tchar); got != want {
				t.Errorf("nameEnd(%q) is %d, want %d", b, got, want)
			}
		}
		s := string([]byte{byte(c)})
		in := func(set string) bool { return strings.Contains(set, s) }
		if got, want := isTokenChar(byte(c)), in("!#$%&'*+-.^_`|~"+digit+alpha); got != want {
			t.Errorf("%q in a token: %v, want %v", s, got, want)
		}
		if got, want := isBase64Char(byte(c)), in("+/"+digit+alpha); got != want {
			t.Errorf("%q in base64: %v, want %v", s, got, want)
		}
		if got, want := isDigit(byte(c)), in(digit); got != want {
			t.Errorf("%q as a digit: %v, want %v", s, got, want)
		}
		if got, want := isRegName(byte(c)), in("-._~!$&'()*+,;="+digit+alpha); got != want {
			t.Errorf("%q in a host: %v, want %v", s, got, want)
		}
		if got, want := isAll(s, visible), c > ' ' && c < 0x7f && c != '#'; got != want {
			t.Errorf("%q in a target: %v, want %v", s, got, want)
		}
	}
}

func TestIsToken(t *testing.T) {
	for s, want := range map[string]bool{
		"": false, "a": true, "chat": true, "v1.b-2_c~": true, "COINEX protocol": false, "a,": false, "a/b": false,
		"abcdefgh\x00": false, "abcdefgh": true, "abc(defgh": false, "\u212A": false, strings.Repeat("a", 1000) + "@": false,
	} {
		if IsToken(s) != want {
			t.Errorf("IsToken(%q) is %v", s, !want)
		}
	}
}

// TestEightAtATime holds the searches of eight bytes at a time to one by one.
func TestEightAtATime(t *testing.T) {
	slow := func(s string, i int) int {
		for i < len(s) && s[i] >= ' ' && s[i] != 0x7f {
			i++
		}
		return i
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		b := make([]byte, rnd.IntN(40))
		for i := range b {
			switch b[i] = byte(rnd.IntN(256)); {
			case rnd.IntN(4) > 0: // make letters frequent, control characters rare
				b[i] = "abcxyzABCXYZ---"[rnd.IntN(15)]
			case rnd.IntN(4) > 0:
				b[i] |= 0x20
			case rnd.IntN(2) == 0:
				b[i] = "\x00\x1f\x20\x7e\x7f\x80\x9f\xff\t\r\n"[rnd.IntN(11)]
			}
		}
		for i := range len(b) + 1 {
			if got, want := nextControl(string(b), i), slow(string(b), i); got != want {
				t.Fatalf("nextControl(%q, %d) is %d, want %d", b, i, got, want)
			}
			if got, want := nameEnd(b, i), span(b, i, tchar); got != want {
				t.Fatalf("nameEnd(%q, %d) is %d, want %d", b, i, got, want)
			}
		}
	}
}

func TestLists(t *testing.T) { // T10
	for _, row := range []struct{ list, want string }{
		{"", ""}, {",", ""}, {" , ,\t", ""}, {"a", "a"}, {"a,b", "a|b"}, {" a ,, b c ,", "a|b c"},
	} {
		var got []string
		for e, rest, ok := nextElement(row.list); ok; e, rest, ok = nextElement(rest) {
			got = append(got, e)
		}
		if strings.Join(got, "|") != row.want {
			t.Errorf("the elements of %q: %q, want %q", row.list, got, row.want)
		}
	}
	for _, list := range []string{"upgrade", "UPGRADE", "keep-alive, Upgrade", ",,upgrade", "upgrade,x"} {
		if !hasElement(list, "upgrade") {
			t.Errorf("%q has upgrade", list)
		}
	}
	for _, list := range []string{"", "upgrades", "up grade", "keep-alive", "upgrade;x", "\"upgrade\""} {
		if hasElement(list, "upgrade") {
			t.Errorf("%q has no upgrade", list)
		}
	}
}
