package frame

import (
	"encoding/binary"
	"unicode/utf8"
)

// UTF8 checks that a text that arrives in pieces is UTF-8 (RFC 6455 §5.6 and
// §8.1; RFC 3629). The zero value is ready for the first octet of a text; a
// piece may end anywhere, even inside a character.
type UTF8 struct {
	state uint8
}

// Write checks the next octets of the text and returns how many belong to
// valid text. n < len(p) means that p[n] is the first octet that no valid
// text could have here (X1); err is then RuleUTF8, as it is for every later
// Write until [UTF8.End]. p is not kept.
func (u *UTF8) Write(p []byte) (n int, err error) {
	s := uint64(u.state)
	bulk := true
	for n < len(p) {
		if s == start {
			n += ascii(p[n:])
			if bulk && n >= 3 && len(p)-n >= bulkMin {
				bulk = false // what follows is short, or wrong somewhere
				if end := len(p) - unfinished(p); valid(p, n, end) {
					n = end
				}
			}
			if n == len(p) {
				break
			}
		}
		if s = rows[octets[p[n]]&15] >> (s & 63) & 63; s == wrong {
			u.state = wrong
			return n, RuleUTF8
		}
		n++
	}
	u.state = uint8(s)
	return n, nil
}

// Unmask unmasks the next octets of the text in place, as [Mask] does, and
// checks them as [UTF8.Write] does, in one pass over memory. After an error
// all of b up to the offending octet is unmasked, and some of what follows.
func (u *UTF8) Unmask(b []byte, key MaskKey, pos int64) (n int, err error) {
	for n < len(b) {
		// A piece that is not ASCII is gone through again, so it should
		// still be in the fastest cache then.
		p := b[n:min(len(b), n+unmaskPiece)]
		k := key.at(pos + int64(n))
		if len(p) >= vectorMinCopy && hasVector {
			if maskVector(&p[0], &p[0], len(p), k, true) && u.state == start {
				n += len(p)
				continue
			}
		} else {
			xor(p, k)
		}
		m, err := u.Write(p)
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// unmaskPiece is how many bytes Unmask unmasks before it checks them.
const unmaskPiece = 16 << 10

// End says that the text is complete. The error is RuleUTF8 if a Write failed
// or if the text stops inside a character. u is then ready for another text.
func (u *UTF8) End() error {
	s := u.state
	u.state = start
	if s != start {
		return RuleUTF8
	}
	return nil
}

// ascii returns how many octets at the start of p are ASCII: all of them, or
// so many whole words.
func ascii(p []byte) (n int) {
	const highBits = 0x8080808080808080
	le := binary.LittleEndian
	for q := p; len(q) > 64; q = q[64:] {
		b := (*[64]byte)(q)
		if (le.Uint64(b[0:])|le.Uint64(b[8:])|le.Uint64(b[16:])|le.Uint64(b[24:])|
			le.Uint64(b[32:])|le.Uint64(b[40:])|le.Uint64(b[48:])|le.Uint64(b[56:]))&highBits != 0 {
			break
		}
		n += 64
	}
	for len(p)-n >= 8 && le.Uint64(p[n:])&highBits == 0 {
		n += 8
	}
	if len(p)-n < 8 && len(p) >= 8 && le.Uint64(p[len(p)-8:])&highBits == 0 {
		n = len(p)
	}
	return n
}

// bulkMin is the least number of octets to check in bulk.
const bulkMin = 32

// valid reports whether p[from:end] is UTF-8. There are three octets before
// it, the rest of p is at most the beginning of a character, and the two
// together have bulkMin octets at least.
func valid(p []byte, from, end int) bool {
	if hasVector {
		return validVector(&p[from], len(p)-from)
	}
	return utf8.Valid(p[from:end])
}

// unfinished returns how many octets at the end of p begin a character that
// does not end there; 0 to 3. If p is not UTF-8 the result means nothing.
func unfinished(p []byte) int {
	for i := 1; i <= 3 && i <= len(p); i++ {
		switch c := p[len(p)-i]; {
		case c < 0x80:
			return 0
		case c >= 0xC0: // the first octet; it says how many belong to it
			if c >= 0xF0 && i < 4 || c >= 0xE0 && i < 3 || i < 2 {
				return i
			}
			return 0
		}
	}
	return 0
}

// The validator is an automaton in a table, in which octets with the same effect
// share a row. A row has six bits for each state: the state that follows if the
// octet comes next. A state is the number of the bit where its six bits start, so
// that a step is one shift,
//
//	state = rows[octets[octet]] >> state & 63
//
// and looking up the row does not wait for the step before.
//
// The states are what RFC 3629 §4 lets come next. Some octets narrow what may
// follow them: 0xE0 and 0xF0 begin characters that would fit in fewer octets
// (overlong forms), 0xED the surrogates U+D800 to U+DFFF, and 0xF4 what lies
// beyond U+10FFFF.
const (
	start   = 6 * iota // a new character
	wrong              // nothing: this can be no UTF-8 any more
	one                // one octet 0x80 to 0xBF
	two                // two of them
	three              // three of them
	afterE0            // 0xA0 to 0xBF, then one
	afterED            // 0x80 to 0x9F, then one
	afterF0            // 0x90 to 0xBF, then two
	afterF4            // 0x80 to 0x8F, then two
)

// The rows by number: what an octet is.
const (
	__ = iota // none of UTF-8
	aa        // 0x00 to 0x7F: a character by itself
	c8        // 0x80 to 0x8F: these continue a character
	c9        // 0x90 to 0x9F
	cA        // 0xA0 to 0xBF
	l2        // 0xC2 to 0xDF: the first octet of two
	l3        // 0xE1 to 0xEC, 0xEE, 0xEF: the first of three
	l4        // 0xF1 to 0xF3: the first of four
	e0        // and the four that narrow what follows
	ed
	f0
	f4
)

// An octet is wrong in every state but for those named: XOR replaces six bits of
// "wrong" by another state.
const (
	never = wrong<<start | wrong<<wrong | wrong<<one | wrong<<two | wrong<<three |
		wrong<<afterE0 | wrong<<afterED | wrong<<afterF0 | wrong<<afterF4

	further = never ^ (wrong^start)<<one ^ (wrong^one)<<two ^ (wrong^two)<<three
)

var rows = [...]uint64{
	__: never,
	aa: never ^ (wrong^start)<<start,
	c8: further ^ (wrong^one)<<afterED ^ (wrong^two)<<afterF4,
	c9: further ^ (wrong^one)<<afterED ^ (wrong^two)<<afterF0,
	cA: further ^ (wrong^one)<<afterE0 ^ (wrong^two)<<afterF0,
	l2: never ^ (wrong^one)<<start,
	l3: never ^ (wrong^two)<<start,
	l4: never ^ (wrong^three)<<start,
	e0: never ^ (wrong^afterE0)<<start,
	ed: never ^ (wrong^afterED)<<start,
	f0: never ^ (wrong^afterF0)<<start,
	f4: never ^ (wrong^afterF4)<<start,
	15: never, // so that four bits are always a row
}

// octets says which of rows is that of an octet. There are few rows, so that both
// stay in the fastest cache.
var octets = [256]uint8{
	/* 0 */ aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa,
	/* 1 */ aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa,
	/* 2 */ aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa,
	/* 3 */ aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa,
	/* 4 */ aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa,
	/* 5 */ aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa,
	/* 6 */ aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa,
	/* 7 */ aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa, aa,
	/* 8 */ c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8,
	/* 9 */ c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9,
	/* A */ cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA,
	/* B */ cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA, cA,
	/* C */ __, __, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2,
	/* D */ l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2,
	/* E */ e0, l3, l3, l3, l3, l3, l3, l3, l3, l3, l3, l3, l3, ed, l3, l3,
	/* F */ f0, l4, l4, l4, f4, __, __, __, __, __, __, __, __, __, __, __,
}
