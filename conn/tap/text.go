package tap

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
)

// NewText returns a writer of recordings for people to w. Each event but Bytes
// is one line, with the number of the connection, the time since the recording
// began and who spoke, and what was said below it:
//
//	1  +0.000412  client ▶  Text fin masked 37fa213d, 5 bytes
//	     Hello
//
// Heads are shown line by line as they were sent; what is not printable in
// them, and an end of line that is not CRLF, is shown as in Go: \x00, \n.
// Payloads are text if they are, else a hex dump.
func NewText(w io.Writer) Writer { return &text{out: newOutput(w)} }

type text struct {
	out   *output
	start time.Time
	line  []byte
}

const indent = "     "

func (t *text) Flush() error { return t.out.Flush() }

func (t *text) Write(e *Event) error {
	if e.Kind == Bytes {
		return nil
	}
	t.line = t.line[:0]
	if t.start.IsZero() {
		t.start = e.Time
		t.printf("# octet tap, recorded from %s\n", e.Time.UTC().Format(time.RFC3339))
	}
	if e.Kind == Opened {
		t.line = append(t.line, '\n')
	}
	t.printf("%-2d %s  ", e.Conn, elapsed(e.Time.Sub(t.start)))
	if e.Kind != Opened {
		t.printf("%s  ", [...]string{"client ▶", "server ◀"}[e.From])
	}
	switch e.Kind {
	case Opened:
		t.opened(e.Peers)
	case Head:
		t.printf("head, %s\n", count(e.Length))
		t.head(e.Data)
	case Body:
		t.printf("body, %s\n", count(e.Length))
		t.data(e.Data, e.Length-int64(len(e.Data)))
	case Opaque:
		t.printf("data, %s\n", count(e.Length))
		t.data(e.Data, e.Length-int64(len(e.Data)))
	case Framed:
		t.frame(e.Frame)
	case Problem:
		t.printf("at byte %d\n", e.Offset)
	case Ended:
		t.printf("end after %s", count(e.Length))
		if e.Err != nil {
			t.printf(": %v", e.Err)
		}
		t.line = append(t.line, '\n')
	}
	for _, p := range e.Problems {
		t.printf("  !  %s", p.Rule)
		if p.Section != "" {
			t.printf(" (%s)", p.Section)
		}
		t.line = append(t.line, '\n')
	}
	t.out.Write(t.line)
	return t.out.err
}

func (t *text) printf(format string, args ...any) { t.line = fmt.Appendf(t.line, format, args...) }

func (t *text) opened(p Peers) {
	side := func(a netip.AddrPort, s Side) string {
		name := endpoint(a)
		if name == "" {
			name = s.String()
		}
		if p.Secure[s] {
			name += " (TLS)"
		}
		return name
	}
	t.printf("open  %s → %s", side(p.Client, Client), side(p.Server, Server))
	if p.URL != "" {
		t.printf(" = %s", p.URL)
	}
	t.line = append(t.line, '\n')
}

// head shows a head line by line, each as it was sent.
func (t *text) head(b []byte) {
	for line := range strings.Lines(string(b)) {
		content, crlf := strings.CutSuffix(line, "\r\n")
		if crlf && content == "" {
			continue // the empty line at the end
		}
		t.line = append(appendVisible(append(t.line, indent...), content), '\n')
	}
}

func (t *text) frame(f *Frame) {
	t.printf("%s", strings.Join(frameWords(f), " "))
	t.printf(", %s", count(f.Length))
	if f.Missing > 0 {
		t.printf(", %d of them missing", f.Missing)
	}
	if f.Opcode == frame.Close && f.Missing == 0 && f.Length >= 2 {
		code, reason, _ := frame.ParseClose(f.Payload)
		t.printf(": %s %q\n", code, reason)
		return
	}
	t.line = append(t.line, '\n')
	t.data(f.Payload, f.Left)
	if m := f.Message; m != nil {
		t.printf("%s= %s message of %s, decompressed\n", indent, m.Opcode, count(m.Length))
		t.data(m.Data, m.Length-int64(len(m.Data)))
	}
}

// frameWords describes a frame's header in words: its type, then what is set,
// as in "Text", "fin", "masked", "37fa213d".
func frameWords(f *Frame) []string {
	words := []string{f.Opcode.String()}
	if f.Fin {
		words = append(words, "fin")
	}
	if f.RSV != 0 {
		words = append(words, f.RSV.String())
	}
	if f.Masked {
		words = append(words, "masked", hex.EncodeToString(f.Key[:]))
	}
	return words
}

// data shows a payload: text as it is, if every character of it is printable,
// else a hex dump.
func (t *text) data(b []byte, left int64) {
	text := b
	if left > 0 {
		text = wholeRunes(b)
	}
	if printable(text) {
		left += int64(len(b) - len(text))
		for line := range strings.Lines(string(text)) {
			t.line = append(append(t.line, indent...), strings.TrimSuffix(line, "\n")...)
			t.line = append(t.line, '\n')
		}
	} else {
		t.line = AppendHexdump(t.line, b, 0, indent)
	}
	if left > 0 {
		t.printf("%s… %s left out\n", indent, count(left))
	}
}

// printable reports whether b is text that can go to a terminal as it is:
// nothing in it moves the cursor but tabs and line feeds.
func printable(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 || !unicode.IsGraphic(r) && r != '\n' && r != '\t' {
			return false
		}
		b = b[n:]
	}
	return true
}

// appendVisible appends a line of a head with what cannot be seen escaped,
// blanks at its end among that.
func appendVisible(dst []byte, line string) []byte {
	kept := strings.TrimRight(line, " ")
	dst = handshake.AppendEscaped(dst, kept)
	return append(dst, strings.Repeat(`\x20`, len(line)-len(kept))...)
}

func count(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}

func elapsed(d time.Duration) string { return fmt.Sprintf("+%.6f", d.Seconds()) }

func endpoint(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String()
}
