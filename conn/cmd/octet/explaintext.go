package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/octet-ws/octet/handshake"
)

// renderExplained lays out what explain found, for people.
func renderExplained(list []explained, st style) string {
	var b strings.Builder
	for i, x := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(st.bold(x.Title) + "\n\n")
		if x.Kind == "request" || x.Kind == "response" {
			renderHead(&b, x, st)
		} else {
			renderFrame(&b, x, st)
		}
		for _, p := range x.Problems {
			b.WriteString("  " + st.bad("!  "+p.text()) + "\n")
		}
	}
	return b.String()
}

func (p problem) text() string {
	if p.Section == "" {
		return p.Rule
	}
	return p.Rule + " (" + p.Section + ")"
}

// The columns of a frame. Bytes that are no single byte have no bits, and run
// over into their column.
//
//	0  81            1... ....  FIN       1       the last frame of its message     §5.2
const (
	frameMargin  = "  "
	bytesWidth   = 12
	bitsWidth    = 9
	digitsWidth  = bytesWidth + 2 + bitsWidth // eight bytes
	fieldWidth   = 8
	valueWidth   = 6
	meaningWidth = 58
)

// renderFrame draws a frame: a row for each part, offsets on the left.
func renderFrame(b *strings.Builder, x explained, st style) {
	last := -1
	for _, p := range x.Parts {
		offset := ""
		if at := p.Offset - x.Offset; at != last {
			offset, last = fmt.Sprint(at), at
		}
		lead := fmt.Sprintf("%s%4s  ", frameMargin, offset)
		if p.dump != nil {
			renderPayload(b, p, p.Offset-x.Offset, lead, st)
			continue
		}
		bytes := p.Hex
		if p.Bits != "" {
			bytes = pad(p.Hex, bytesWidth) + "  " + p.Bits
		}
		row := pad(bytes, digitsWidth) + "  "
		b.WriteString(st.dim(lead) + st.bits(row) + st.bold(pad(p.Field, fieldWidth)) + "  " +
			pad(p.Value, valueWidth) + "  " + pad(p.Meaning, meaningWidth) + "  " + st.dim(p.Section) + "\n")
		for _, pr := range p.Problems {
			at := pr.At
			if p.Bits != "" {
				at += bytesWidth + 2
			}
			b.WriteString(caret(utf8.RuneCountInString(lead)+at, pr, st))
		}
	}
}

// caret draws the line below that points at what is wrong.
func caret(column int, p problem, st style) string {
	return strings.Repeat(" ", column) + st.bad(strings.Repeat("^", max(p.Length, 1))+" "+p.text()) + "\n"
}

// renderPayload draws a payload in rows of eight bytes. Of a masked one it
// draws the masking too: each byte above its byte of the key, and below what
// the two make.
func renderPayload(b *strings.Builder, p part, offset int, lead string, st style) {
	const perRow = 8
	d := p.dump
	space := strings.Repeat(" ", utf8.RuneCountInString(lead))
	for at := 0; at < len(d.raw); at += perRow {
		end := min(at+perRow, len(d.raw))
		if at > 0 {
			lead = fmt.Sprintf("%s%4d  ", frameMargin, offset+at)
		}
		line := func(lead, digits, name, meaning, section string) {
			b.WriteString(strings.TrimRight(st.dim(lead)+pad(digits, digitsWidth)+"  "+st.bold(pad(name, fieldWidth))+"  "+
				pad(meaning, valueWidth+2+meaningWidth)+"  "+st.dim(section), " ") + "\n")
		}
		chars := strings.Map(func(c rune) rune {
			if c < ' ' || c > '~' {
				return '·'
			}
			return c
		}, latin(d.plain[at:end]))
		if !d.masked {
			line(lead, hexOf(d.raw[at:end]), "payload", chars, p.Section)
			continue
		}
		key := make([]byte, end-at)
		for i := range key {
			key[i] = d.key[(at+i)%4]
		}
		line(lead, hexOf(d.raw[at:end]), "payload", "as sent", "")
		line(space, hexOf(key), "xor key", "", p.Section)
		line(space, hexOf(d.plain[at:end]), "=", chars, "")
	}
	if d.left > 0 {
		b.WriteString(space + "… " + byteCount(int64(d.left)) + " more\n")
	}
}

// latin makes a string of one character for each byte.
func latin(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// renderHead draws a head: each line as it is, and below it what it is for.
func renderHead(b *strings.Builder, x explained, st style) {
	for _, p := range x.Parts {
		lead := fmt.Sprintf("%s%4d  ", frameMargin, p.Offset-x.Offset)
		name, rest := p.Line, ""
		if i := strings.IndexByte(p.Line, ':'); i > 0 && p.Field != "(request line)" && p.Field != "(status line)" {
			name, rest = p.Line[:i], p.Line[i:]
		}
		b.WriteString(st.dim(lead) + st.bold(escaped(name)) + escaped(rest) + "\n")
		column := utf8.RuneCountInString(lead)
		for _, pr := range p.Problems {
			// What is escaped is wider than it was.
			at := len(escaped(p.Line[:pr.At]))
			pr.Length = len(escaped(p.Line[pr.At : pr.At+pr.Length]))
			b.WriteString(caret(column+at, pr, st))
		}
		b.WriteString(strings.Repeat(" ", column) + st.dim("└ "+p.Meaning+" · "+p.Section) + "\n")
	}
}

func escaped(s string) string { return string(handshake.AppendEscaped(nil, s)) }

// pad fills s with blanks to a width in characters.
func pad(s string, width int) string {
	if n := utf8.RuneCountInString(s); n < width {
		return s + strings.Repeat(" ", width-n)
	}
	return s
}
