package oracle

// Text decodes p as UTF-8 from the definition in RFC 3629 §3, bit by bit.
// valid is how many octets at the start can belong to a text; p[valid], if
// there is one, cannot. complete reports whether the text can end there.
func Text(p []byte) (valid int, complete bool) {
	for i := 0; i < len(p); {
		// How many octets the first one announces, and the bits it has.
		var size int
		var bits rune
		switch c := p[i]; {
		case c&0x80 == 0x00:
			size, bits = 1, rune(c)
		case c&0xe0 == 0xc0:
			size, bits = 2, rune(c&0x1f)
		case c&0xf0 == 0xe0:
			size, bits = 3, rune(c&0x0f)
		case c&0xf8 == 0xf0:
			size, bits = 4, rune(c&0x07)
		default:
			return i, false
		}
		if !possible(bits, size-1, size) {
			return i, false
		}
		for n := 1; n < size; n++ {
			if i+n == len(p) {
				return len(p), false
			}
			if p[i+n]&0xc0 != 0x80 {
				return i + n, false
			}
			bits = bits<<6 | rune(p[i+n]&0x3f)
			if !possible(bits, size-1-n, size) {
				return i + n, false
			}
		}
		i += size
	}
	return len(p), true
}

// possible reports whether some character of the given size in octets begins
// with bits, with so many octets of six bits still to come: one that needs
// that many octets, that Unicode has, and that is no surrogate.
func possible(bits rune, missing, size int) bool {
	low := bits << (6 * missing)
	high := low | (1<<(6*missing) - 1)
	least := []rune{0, 0, 0x80, 0x800, 0x10000}[size]
	low, high = max(low, least), min(high, 0x10ffff)
	if low >= 0xd800 && low <= 0xdfff {
		low = 0xe000
	}
	return low <= high
}
