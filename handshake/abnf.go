package handshake

import "math/bits"

// This file holds the character classes and the list syntax of RFC 9110 §5.6,
// on which everything else here stands. All comparisons are of ASCII letters
// only: the Unicode folding of strings.EqualFold would let U+212A (KELVIN SIGN)
// pass for a "k".

// text is a head, or a part of one, as a string or where it was received.
type text interface{ string | []byte }

// Classes of the bytes of a head, as bits of charClass.
const (
	tchar   = 1 << iota // a character of a token (RFC 9110 §5.6.2)
	b64                 // a character of base64, padding excluded
	digits              // DIGIT
	regName             // unreserved or a sub-delim (RFC 3986 §2): a host, a path
	visible             // visible ASCII but "#": a request target

	letter = tchar | b64 | regName | visible
	number = letter | digits
)

// charClass has the classes of every byte.
var charClass = [256]uint8{
	'!': tchar | regName | visible, '$': tchar | regName | visible, '&': tchar | regName | visible,
	'\'': tchar | regName | visible, '*': tchar | regName | visible, '+': letter, '-': tchar | regName | visible,
	'.': tchar | regName | visible, '_': tchar | regName | visible, '~': tchar | regName | visible,
	'%': tchar | visible, '^': tchar | visible, '`': tchar | visible, '|': tchar | visible, '#': tchar,
	'(': regName | visible, ')': regName | visible, ',': regName | visible, ';': regName | visible, '=': regName | visible,
	'"': visible, '/': b64 | visible, ':': visible, '<': visible, '>': visible, '?': visible, '@': visible,
	'[': visible, '\\': visible, ']': visible, '{': visible, '}': visible,
	'0': number, '1': number, '2': number, '3': number, '4': number,
	'5': number, '6': number, '7': number, '8': number, '9': number,
	'A': letter, 'B': letter, 'C': letter, 'D': letter, 'E': letter, 'F': letter, 'G': letter,
	'H': letter, 'I': letter, 'J': letter, 'K': letter, 'L': letter, 'M': letter, 'N': letter,
	'O': letter, 'P': letter, 'Q': letter, 'R': letter, 'S': letter, 'T': letter, 'U': letter,
	'V': letter, 'W': letter, 'X': letter, 'Y': letter, 'Z': letter,
	'a': letter, 'b': letter, 'c': letter, 'd': letter, 'e': letter, 'f': letter, 'g': letter,
	'h': letter, 'i': letter, 'j': letter, 'k': letter, 'l': letter, 'm': letter, 'n': letter,
	'o': letter, 'p': letter, 'q': letter, 'r': letter, 's': letter, 't': letter, 'u': letter,
	'v': letter, 'w': letter, 'x': letter, 'y': letter, 'z': letter,
}

func isTokenChar(c byte) bool  { return charClass[c]&tchar != 0 }
func isBase64Char(c byte) bool { return charClass[c]&b64 != 0 }
func isDigit(c byte) bool      { return charClass[c]&digits != 0 }
func isRegName(c byte) bool    { return charClass[c]&regName != 0 }
func isBlank(c byte) bool      { return c == ' ' || c == '\t' }

// IsToken reports whether s is a token of RFC 9110 §5.6.2: one visible ASCII
// character or more, none of them a separator. Field names, subprotocols (C20)
// and the names and values of extensions are tokens.
func IsToken(s string) bool { return isAll(s, tchar) }

// isAll reports whether s is one byte of the class or more.
func isAll[T text](s T, class uint8) bool { return len(s) > 0 && span(s, 0, class) == len(s) }

// span returns the index of the first byte of s at or behind i that is not of
// the class, which is one bit, or len(s). Four bytes at a time do not wait for each other.
func span[T text](s T, i int, class uint8) int {
	for ; i+4 <= len(s); i += 4 {
		if charClass[s[i]]&charClass[s[i+1]]&charClass[s[i+2]]&charClass[s[i+3]]&class == 0 {
			break
		}
	}
	for i < len(s) && charClass[s[i]]&class != 0 {
		i++
	}
	return i
}

// badValueChar returns the index of the first byte of s that may not stand in a
// field value, or -1. Visible ASCII, obs-text, space and tab may (RFC 9110 §5.5, T5).
func badValueChar[T text](s T) int {
	for i := nextControl(s, 0); i < len(s); i = nextControl(s, i+1) {
		if s[i] != '\t' {
			return i
		}
	}
	return -1
}

// nextControl returns the index of the first control character (below space, or
// DEL) of s at or behind i, or len(s). It looks at eight bytes at a time: in
//
//	(x - n*ones) &^ x & highs
//
// the lowest bit set belongs to the first byte of x that is less than n, for n
// up to 128, since only such a byte makes the subtraction borrow.
func nextControl[T text](s T, i int) int {
	for ; i+8 <= len(s); i += 8 {
		x := word(s, i)
		y := x ^ 0x7f*ones
		if found := ((x-' '*ones)&^x | (y-ones)&^y) & highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			break
		}
	}
	return i
}

// nameEnd is span(s, i, tchar), made for names, which are nearly always letters
// and "-". It looks at eight bytes at a time as long as they are nothing
// else: in y, the bytes of x in lower case and without their high bits, so that
// no sum of two bytes carries into the next,
//
//	y + 0x80-'a'      has the high bit of every byte that is 'a' or more
//	y + 0x80-('z'+1)  of every byte that is more than 'z'
func nameEnd[T text](s T, i int) int {
	const lows = ones * 0x7f
	for ; i+8 <= len(s); i += 8 {
		x := word(s, i)
		y := (x | ' '*ones) & lows
		letters := (y + (0x80-'a')*ones) &^ (y + (0x7f-'z')*ones) &^ x
		z := x ^ '-'*ones
		others := (z&lows + lows | z) &^ letters & highs
		if others == 0 {
			continue
		}
		if i += bits.TrailingZeros64(others) / 8; !isTokenChar(s[i]) {
			return i
		}
		break
	}
	return span(s, i, tchar)
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// word returns the eight bytes of s at i, the first one lowest.
func word[T text](s T, i int) uint64 {
	w := s[i : i+8]
	return uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
		uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
}

// trimBlanks removes optional white space (OWS, RFC 9110 §5.6.3) on both sides.
func trimBlanks[T text](s T) T {
	for len(s) > 0 && isBlank(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// equalFold reports whether a and b are equal but for the case of ASCII letters.
// Where speed matters it is asked last. Inlined, it would take 2 KB.
//
//go:noinline
func equalFold[T, U text](a T, b U) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// nextElement cuts the first element off a comma-separated list (RFC 9110
// §5.6.1). Elements come trimmed; empty ones are skipped, as a recipient must
// (T10). ok is false at the end of the list. It knows nothing of quoted
// strings: lists that may hold them have their own parser (extension.go).
func nextElement[T text](list T) (element, rest T, ok bool) {
	for len(list) > 0 {
		end := 0
		for end < len(list) && list[end] != ',' {
			end++
		}
		element, list = list[:end], list[min(end+1, len(list)):]
		if element = trimBlanks(element); len(element) > 0 {
			return element, list, true
		}
	}
	return element, list, false
}

// hasElement reports whether a comma-separated list has the given element, in
// any case of its letters.
func hasElement[T text](list T, want string) bool {
	if string(list) == want || equalFold(list, want) { // the usual case: a list of one
		return true
	}
	for {
		element, rest, ok := nextElement(list)
		if !ok {
			return false
		}
		if equalFold(element, want) {
			return true
		}
		list = rest
	}
}
