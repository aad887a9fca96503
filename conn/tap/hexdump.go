package tap

// AppendHexdump appends b in lines of 16 bytes, each with its offset from
// base, the bytes in hexadecimal and those of printable ASCII as they are:
//
//	0000  81 05 48 65 6c 6c 6f                              |..Hello|
//
// Every line begins with indent and ends in a line feed.
func AppendHexdump(dst []byte, b []byte, base int64, indent string) []byte {
	for ; len(b) > 0; base += 16 {
		row := b[:min(16, len(b))]
		b = b[len(row):]
		dst = append(dst, indent...)
		digits := 4
		for base>>(4*digits) != 0 {
			digits++
		}
		for digits--; digits >= 0; digits-- {
			dst = append(dst, hexDigits[base>>(4*digits)&15])
		}
		dst = append(dst, ' ')
		for i := range 16 {
			if i%8 == 0 {
				dst = append(dst, ' ')
			}
			if i < len(row) {
				dst = append(dst, hexDigits[row[i]>>4], hexDigits[row[i]&15], ' ')
			} else {
				dst = append(dst, "   "...)
			}
		}
		dst = append(dst, " |"...)
		for _, c := range row {
			if c < ' ' || c > '~' {
				c = '.'
			}
			dst = append(dst, c)
		}
		dst = append(dst, "|\n"...)
	}
	return dst
}

const hexDigits = "0123456789abcdef"
