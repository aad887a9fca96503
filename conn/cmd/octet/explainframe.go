package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/octet-ws/octet/frame"
)

// A frameExplainer takes frames apart and remembers what they follow.
type frameExplainer struct {
	from string // who sends them: client, server, or "" when only the MASK bit says so

	number int
	// message is the opcode of the message under way, and known says whether
	// that can be told: not before the first data frame.
	message frame.Opcode
	known   bool
	deflate bool // the message under way is compressed
	text    frame.UTF8
	badText bool // said already
	closed  bool
}

// maskedBytes is a payload as sent and as meant.
type maskedBytes struct {
	raw, plain []byte
	masked     bool
	key        frame.MaskKey
	left       int // bytes that are not shown
}

// maxDumped is how much of a payload is shown.
const maxDumped = 32

// explain takes apart the frame at the beginning of b.
func (x *frameExplainer) explain(b []byte) explained {
	x.number++
	h, n, _ := frame.ParseHeader(b) // every rule is looked at below, not the first broken only
	if n == 0 {
		return explained{Kind: "data", Title: fmt.Sprintf("frame %d, cut short", x.number), Length: len(b),
			Parts: []part{{Hex: hexOf(b), Field: "header", Meaning: "the beginning of a frame header; the bytes end within it", Section: "§5.2",
				Problems: []problem{{Length: len(hexOf(b)), Rule: "the bytes end within the header"}}}}}
	}
	h.Length = max(h.Length, 0) // an impossible one is negative
	payload := b[n:]
	payload = payload[:min(int64(len(payload)), h.Length)]
	out := explained{Kind: "frame", Length: n + len(payload), Parts: x.firstByte(h, b[0])}
	out.Parts = append(out.Parts, x.secondByte(h, b, n)...)
	out.Parts = append(out.Parts, x.payload(h, payload, n)...)
	out.Title = fmt.Sprintf("frame %d · %s · %s of payload%s", x.number, h.Opcode, byteCount(h.Length), sender(h, x.from))
	if short := h.Length - int64(len(payload)); short > 0 {
		out.Problems = append(out.Problems, problem{Rule: fmt.Sprintf("the bytes end within the frame: %s more would belong to it", byteCount(short))})
	}
	if impossible(b) {
		out.Length = len(b) // nobody knows where the next frame begins
	}
	if x.closed {
		out.Problems = append(out.Problems, ruleProblem(frame.RuleAfterClose, 0, 0))
	}
	x.closed = x.closed || h.Opcode == frame.Close
	return out
}

func sender(h frame.Header, from string) string {
	switch {
	case from != "":
		return " · from a " + from
	case h.Masked:
		return " · masked, so from a client"
	}
	return " · not masked, so from a server"
}

// bits cuts the run of n bits at from, counted from the most significant, out
// of c and shows it in its place: bits(0x81, 4, 4) is "     0001".
func bits(c byte, from, n int) string {
	var b strings.Builder
	for i := range 8 {
		if i == 4 {
			b.WriteByte(' ')
		}
		switch {
		case i < from || i >= from+n:
			b.WriteByte('.')
		case c&(0x80>>i) != 0:
			b.WriteByte('1')
		default:
			b.WriteByte('0')
		}
	}
	return b.String()
}

// bitProblem points at the run of bits.
func bitProblem(r frame.Rule, from, n int) problem {
	end := from + n
	at := from
	if from >= 4 {
		at++
	}
	if end > 4 {
		end++
	}
	return ruleProblem(r, at, end-at)
}

func ruleProblem(r frame.Rule, at, length int) problem {
	return problem{At: at, Length: length, Rule: r.String(), Section: r.Section()}
}

// firstByte explains FIN, RSV1 to RSV3 and the opcode.
func (x *frameExplainer) firstByte(h frame.Header, c byte) []part {
	fin := part{Hex: hexOf([]byte{c}), Bits: bits(c, 0, 1), Field: "FIN", Value: bit(h.Fin), Section: "§5.2"}
	switch {
	case h.Opcode.IsControl():
		fin.Meaning = "a control frame is always whole"
		fin.Section = "§5.5"
		if !h.Fin {
			fin.Problems = append(fin.Problems, bitProblem(frame.RuleControlFragmented, 0, 1))
		}
	case h.Fin:
		fin.Meaning = "the last frame of its message"
	default:
		fin.Meaning = "more fragments of the message follow"
		fin.Section = "§5.4"
	}
	parts := []part{fin}
	first := h.Opcode == frame.Text || h.Opcode == frame.Binary
	for i, rsv := range [...]frame.RSV{frame.RSV1, frame.RSV2, frame.RSV3} {
		p := part{Bits: bits(c, 1+i, 1), Field: rsv.String(), Value: bit(h.RSV&rsv != 0), Section: "§5.2",
			Meaning: "reserved: 0 unless an extension gives it a meaning"}
		switch {
		case h.RSV&rsv == 0:
		case rsv == frame.RSV1 && first:
			p.Meaning = "the message is compressed, if permessage-deflate was agreed"
			p.Section = "RFC 7692 §6"
		default:
			p.Problems = append(p.Problems, bitProblem(frame.RuleRSV, 1+i, 1))
		}
		parts = append(parts, p)
	}
	op := part{Bits: bits(c, 4, 4), Field: "opcode", Value: fmt.Sprintf("0x%X", uint8(h.Opcode)), Section: "§5.2"}
	op.Meaning, op.Section = opcodeMeaning(h.Opcode)
	switch {
	case h.Opcode.IsReserved():
		op.Problems = append(op.Problems, bitProblem(frame.RuleOpcode, 4, 4))
	case h.Opcode == frame.Continuation && x.known && x.message == frame.Continuation:
		op.Problems = append(op.Problems, bitProblem(frame.RuleOrphan, 4, 4))
	case first && x.message != frame.Continuation:
		op.Problems = append(op.Problems, bitProblem(frame.RuleInterleaved, 4, 4))
	}
	if first {
		x.message, x.known, x.deflate, x.text = h.Opcode, true, h.RSV&frame.RSV1 != 0, frame.UTF8{}
		x.badText = false
	}
	return append(parts, op)
}

func opcodeMeaning(op frame.Opcode) (meaning, section string) {
	switch op {
	case frame.Continuation:
		return "Continuation: the next fragment of the message under way", "§5.4"
	case frame.Text:
		return "Text: a message of UTF-8 begins", "§5.6"
	case frame.Binary:
		return "Binary: a message of arbitrary bytes begins", "§5.6"
	case frame.Close:
		return "Close: the sender will send nothing more", "§5.5.1"
	case frame.Ping:
		return "Ping: to be answered by a Pong with the same payload", "§5.5.2"
	case frame.Pong:
		return "Pong: answers a Ping, or says that the sender is alive", "§5.5.3"
	}
	kind := "non-control"
	if op.IsControl() {
		kind = "control"
	}
	return "reserved for further " + kind + " frames", "§5.2"
}

// secondByte explains MASK, the length in all its forms and the masking key.
func (x *frameExplainer) secondByte(h frame.Header, b []byte, size int) []part {
	c := b[1]
	mask := part{Offset: 1, Hex: hexOf(b[1:2]), Bits: bits(c, 0, 1), Field: "MASK", Value: bit(h.Masked), Section: "§5.1"}
	if h.Masked {
		mask.Meaning = "the payload is masked, as a client has to send it"
	} else {
		mask.Meaning = "the payload is plain, as a server has to send it"
	}
	switch {
	case x.from == "client" && !h.Masked:
		mask.Problems = append(mask.Problems, bitProblem(frame.RuleUnmasked, 0, 1))
	case x.from == "server" && h.Masked:
		mask.Problems = append(mask.Problems, bitProblem(frame.RuleMasked, 0, 1))
	}
	length := part{Offset: 1, Bits: bits(c, 1, 7), Field: "length", Value: strconv.Itoa(int(c & 0x7F)), Section: "§5.2"}
	parts := []part{mask}
	extended := 0
	switch c & 0x7F {
	case 126:
		length.Meaning, extended = "126: the length is in the next 2 bytes", 2
	case 127:
		length.Meaning, extended = "127: the length is in the next 8 bytes", 8
	default:
		length.Meaning = byteCount(h.Length) + " of payload"
	}
	if extended > 0 {
		parts = append(parts, length)
		raw := hexOf(b[2 : 2+extended])
		length = part{Offset: 2, Hex: raw, Field: "length", Value: strconv.FormatInt(h.Length, 10), Section: "§5.2",
			Meaning: byteCount(h.Length) + " of payload, most significant byte first"}
		switch {
		case impossible(b):
			length.Value, length.Meaning = "", "beyond 2^63-1, the most there can be"
			length.Problems = append(length.Problems, ruleProblem(frame.RuleLengthRange, 0, len(raw)))
		case h.Length < 126 || extended == 8 && h.Length < 1<<16:
			length.Problems = append(length.Problems, ruleProblem(frame.RuleLengthMinimal, 0, len(raw)))
		}
	}
	if h.Opcode.IsControl() && h.Length > frame.MaxControlPayload {
		p := ruleProblem(frame.RuleControlLength, 0, len(length.Hex))
		if extended == 0 {
			p = bitProblem(frame.RuleControlLength, 1, 7)
		}
		length.Problems = append(length.Problems, p)
	}
	parts = append(parts, length)
	if h.Masked {
		parts = append(parts, part{Offset: size - 4, Hex: hexOf(h.Key[:]), Field: "key", Section: "§5.3",
			Meaning: "masking key: payload byte i is xored with key byte i mod 4"})
	}
	return parts
}

// impossible reports whether the header that b begins with has a length of 64
// bits with the most significant one set.
func impossible(b []byte) bool { return b[1]&0x7F == 127 && b[2]&0x80 != 0 }

// payload explains the payload, b as sent, which begins at offset at.
func (x *frameExplainer) payload(h frame.Header, b []byte, at int) []part {
	plain := make([]byte, len(b))
	frame.MaskCopy(plain, b, h.Key, 0)
	var parts []part
	if len(b) > 0 {
		shown := min(len(b), maxDumped)
		parts = append(parts, part{Offset: at, Hex: hexOf(b[:shown]), Field: "payload", Section: "§5.3", Meaning: "unmasked below", Value: "",
			dump: &maskedBytes{b[:shown], plain[:shown], h.Masked, h.Key, len(b) - shown}})
		if !h.Masked {
			parts[0].Meaning, parts[0].Section = "", "§5.2"
		}
	}
	whole := int64(len(b)) == h.Length
	switch {
	case h.Opcode == frame.Close && whole:
		parts = append(parts, closeParts(plain, at)...)
	case h.Opcode.IsData():
		if p := x.content(h, plain, at, whole); p != nil {
			parts = append(parts, *p)
		}
	}
	return parts
}

// closeParts explains the payload of a Close.
func closeParts(plain []byte, at int) []part {
	code, reason, err := frame.ParseClose(plain)
	var rule frame.Rule
	errors.As(err, &rule)
	if len(plain) < 2 {
		p := part{Offset: at, Field: "code", Value: "none", Section: "§7.1.5", Meaning: "reported as 1005: no status received"}
		if rule != 0 {
			p.Hex, p.Problems = hexOf(plain), []problem{ruleProblem(rule, 0, 2)}
		}
		return []part{p}
	}
	number, meaning, _ := strings.Cut(code.String(), " ")
	c := part{Offset: at, Hex: hexOf(plain[:2]), Field: "code", Value: number, Section: "§7.4", Meaning: meaning}
	switch {
	case rule == frame.RuleCloseCode:
		c.Problems = []problem{ruleProblem(rule, 0, 5)}
	case code >= 4000:
		c.Meaning = "private: the applications have agreed on it"
	case code >= 3000:
		c.Meaning = "registered by a library or framework"
	}
	parts := []part{c}
	if len(reason) > 0 {
		r := part{Offset: at + 2, Hex: hexOf(reason[:min(len(reason), 4)]), Field: "reason", Section: "§7.1.6",
			Meaning: strconv.Quote(string(reason))}
		if len(reason) > 4 {
			r.Hex += " …"
		}
		if rule == frame.RuleCloseReason {
			r.Problems = []problem{ruleProblem(rule, 0, len(r.Hex))}
		}
		parts = append(parts, r)
	}
	return parts
}

// content explains the payload of a data frame as a part of its message, or
// returns nil when there is nothing to say.
func (x *frameExplainer) content(h frame.Header, plain []byte, at int, whole bool) *part {
	defer func() {
		if h.Fin {
			x.message, x.known = frame.Continuation, true
		}
	}()
	if x.message != frame.Text || x.deflate || x.badText || len(plain) == 0 && !h.Fin {
		return nil
	}
	p := part{Offset: at, Field: "text", Section: "§5.6", Meaning: strconv.Quote(clip(string(plain), 48))}
	n, err := x.text.Write(plain)
	if err == nil && h.Fin && whole {
		err = x.text.End()
	}
	if err != nil {
		x.badText = true
		p.Hex = hexOf(plain[n:min(len(plain), n+4)])
		p.Offset = at + n
		p.Problems = []problem{ruleProblem(frame.RuleUTF8, 0, max(len(p.Hex), 1))}
	}
	return &p
}

// clip shortens s to at most n bytes, at the border of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func bit(set bool) string {
	if set {
		return "1"
	}
	return "0"
}

func hexOf(b []byte) string {
	var s strings.Builder
	for i := range b {
		if i > 0 {
			s.WriteByte(' ')
		}
		s.WriteString(hex.EncodeToString(b[i : i+1]))
	}
	return s.String()
}

func byteCount(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
