package main

import (
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/octet-ws/octet/conn/tap"
	"github.com/octet-ws/octet/handshake"
)

const explainText = `
Explain takes heads and frames, one behind the other as on the wire, in a file,
on standard input (also as -), or as hexadecimal digits on the command line.
Digits may be spaced, and in a file also be a dump of xxd or hexdump -C.

Each bit of a frame and each line of a head is shown with what it means and the
section that defines it (RFC 6455 where none other is named). A caret points at
what breaks a rule. Of an answer behind its request, the accept value is checked.

exit status: 0 no rule is broken, 1 some are, 2 usage.

examples:
  octet explain 81 85 37fa213d 7f9f4d5158
  octet explain head.http
  printf '\x88\x02\x03\xe8' | octet explain
`

// explainFlags are the flags of explain.
type explainFlags struct {
	json    bool
	secrets bool
	from    string
}

func runExplain(e *env, args []string) int {
	const name = "octet explain"
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	var f explainFlags
	fs.BoolVar(&f.json, "json", false, "write a JSON list of the parts instead of text")
	fs.BoolVar(&f.secrets, "secrets", false, "show credentials instead of asterisks")
	fs.StringVar(&f.from, "from", "", "the frames are from `SIDE`, client or server; otherwise the MASK bit of each says so")
	operands, status, ok := e.parse(fs, args, name+" [flags] [FILE | - | HEX…]", explainText)
	if !ok {
		return status
	}
	if f.from != "" && f.from != "client" && f.from != "server" {
		return e.usageError(name, "-from is client or server")
	}
	b, err := explainInput(e, operands)
	if err != nil {
		return e.usageError(name, err.Error())
	}
	if len(b) == 0 {
		return e.usageError(name, "there is nothing to explain")
	}
	parts := explain(b, f)
	if f.json {
		err = writeJSON(e.stdout, parts)
	} else {
		_, err = io.WriteString(e.stdout, renderExplained(parts, styleFor(e.stdout)))
	}
	switch {
	case err != nil:
		return e.fail(name, err)
	case broken(parts):
		return exitFail
	}
	return exitOK
}

// maxExplained bounds what is read: a teaching tool needs no more.
const maxExplained = 16 << 20

// explainInput returns the bytes that the operands stand for.
func explainInput(e *env, operands []string) ([]byte, error) {
	var b []byte
	var err error
	switch {
	case len(operands) == 0 || len(operands) == 1 && operands[0] == "-":
		b, err = io.ReadAll(io.LimitReader(e.stdin, maxExplained))
	case len(operands) == 1:
		var f *os.File
		if f, err = os.Open(operands[0]); err != nil {
			if digits, ok := unhex(operands[0]); ok {
				return digits, nil
			}
			return nil, err
		}
		defer f.Close()
		b, err = io.ReadAll(io.LimitReader(f, maxExplained))
	default:
		if digits, ok := unhex(strings.Join(operands, " ")); ok {
			return digits, nil
		}
		return nil, flagError("several operands have to be hexadecimal digits")
	}
	if err != nil {
		return nil, err
	}
	if digits, ok := unhex(string(b)); ok {
		return digits, nil
	}
	return b, nil
}

// unhex decodes hexadecimal digits with blanks between them, and the dumps of
// xxd and hexdump -C with their offsets and their column of characters.
func unhex(s string) (b []byte, ok bool) {
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		first, rest, _ := strings.Cut(line, " ")
		switch {
		case strings.HasSuffix(first, ":"): // xxd: offset, digits, two blanks, characters
			line, _, _ = strings.Cut(strings.TrimSpace(rest), "  ")
		case len(first) >= 4 && strings.HasPrefix(rest, " "): // hexdump -C: offset, digits, |characters|
			line, _, _ = strings.Cut(rest, "|")
		case len(b) > 0 && first == fmt.Sprintf("%08x", len(b)): // the last line of hexdump -C
			continue
		}
		digits := strings.NewReplacer(" ", "", "\t", "", "0x", "", ",", "").Replace(line)
		row, err := hex.DecodeString(digits)
		if err != nil {
			return nil, false
		}
		b = append(b, row...)
	}
	return b, len(b) > 0
}

// explained is a head or a frame taken apart.
type explained struct {
	Kind   string `json:"kind"` // request, response, frame, body or data
	Title  string `json:"title"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	Parts  []part `json:"parts"`
	// Problems are those of no part: what is missing.
	Problems []problem `json:"problems"`
}

// A part is what one rule of the protocol speaks about: a line of a head, a bit
// or a run of bytes in a frame.
type part struct {
	Offset  int    `json:"offset"`
	Hex     string `json:"hex,omitempty"`  // the bytes, in a frame
	Bits    string `json:"bits,omitempty"` // those that the part is, "1..." dots for the others
	Line    string `json:"line,omitempty"` // in a head
	Field   string `json:"field"`
	Value   string `json:"value,omitempty"`
	Meaning string `json:"meaning"`
	Section string `json:"section,omitempty"`

	Problems []problem `json:"problems,omitempty"`

	dump *maskedBytes // a payload, shown with its masking
}

// A problem is a broken rule. At and Length are columns of the part's line.
type problem struct {
	At      int    `json:"at"`
	Length  int    `json:"length"`
	Rule    string `json:"rule"`
	Section string `json:"section,omitempty"`
}

// explain takes b apart into heads and frames, as far as it goes.
func explain(b []byte, f explainFlags) []explained {
	var list []explained
	heads := headExplainer{}
	frames := frameExplainer{from: f.from}
	for at := 0; at < len(b); {
		var x explained
		switch rest := b[at:]; {
		case beginsHead(rest):
			x = heads.explain(rest, f.secrets)
			frames = frameExplainer{from: f.from}
		case heads.body:
			x = explained{Kind: "body", Title: "body · " + byteCount(int64(len(rest))), Length: len(rest),
				Parts: []part{{Field: "body", Hex: hexOf(rest[:min(len(rest), 8)]), Meaning: "the content of the answer", Section: "RFC 9112 §6"}}}
		default:
			x = frames.explain(rest)
		}
		if x.Problems == nil {
			x.Problems = []problem{} // a list in JSON too
		}
		x.shift(at)
		at += x.Length
		list = append(list, x)
	}
	return list
}

// beginsHead tells a head from a frame. A frame can begin with a capital
// letter too, but hardly go on like a request line.
func beginsHead(b []byte) bool {
	if strings.HasPrefix("HTTP/", string(b[:min(len(b), 5)])) {
		return true
	}
	method, _, spaced := strings.Cut(string(b[:min(len(b), 32)]), " ")
	if !spaced || len(method) < 3 {
		return false
	}
	return handshake.IsToken(method) && strings.ToUpper(method) == method
}

// shift moves x from the beginning of the input to where it stands.
func (x *explained) shift(n int) {
	x.Offset += n
	for i := range x.Parts {
		x.Parts[i].Offset += n
	}
}

func broken(list []explained) bool {
	for _, x := range list {
		if len(x.Problems) > 0 {
			return true
		}
		for _, p := range x.Parts {
			if len(p.Problems) > 0 {
				return true
			}
		}
	}
	return false
}

// hidden returns a copy of a head with its secrets overwritten.
func hidden(head []byte, secrets bool) []byte {
	head = append([]byte(nil), head...)
	if !secrets {
		tap.Redact(head)
	}
	return head
}
