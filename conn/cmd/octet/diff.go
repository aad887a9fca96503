package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"strings"

	"github.com/octet-ws/octet/conn/tap"
	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/diagnose"
	"github.com/octet-ws/octet/handshake/profile"
)

const diffText = `
A and B are heads of requests: files, - for standard input, or names of profiles:

PROFILES

A profile beside a file takes over its host, target, origin and key, so that what
differs is how the client writes them. Two well-formed keys count as equal unless
-keys is given: no two requests may have the same one.

The heads are shown beside each other, with marks in the margin:

  <  only A has the line      ≠  B writes it in another way
  >  only B has it            ↕  it stands in another place

and, below that, the changes that make B of A, as octet why names them; -json
prints those alone, as a list.

exit status: 0 the heads are equal, 1 they differ, 2 usage.

examples:
  octet diff chrome firefox
  octet tap -to ws://127.0.0.1:9000 -save-head head.http
  octet diff head.http node-ws
`

func runDiff(e *env, args []string) int {
	const name = "octet diff"
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print the changes as a JSON list")
	secrets := fs.Bool("secrets", false, "show credentials")
	keys := fs.Bool("keys", false, "compare the values of Sec-WebSocket-Key too")
	operands, status, ok := e.parse(fs, args, name+" [flags] A B",
		strings.Replace(diffText, "PROFILES", strings.Join(wrap("  "+profileNames(), 80, "  "), "\n"), 1))
	if !ok {
		return status
	}
	if len(operands) != 2 {
		return e.usageError(name, "it takes two heads")
	}
	a, b, err := diffOperands(e, operands[0], operands[1])
	if err != nil {
		return e.usageError(name, err.Error())
	}
	if !*keys {
		sameKey(a, b)
	}
	changes := diagnose.Diff(a, b)
	shown := make([]diagnose.Change, len(changes)) // a list in JSON even when empty
	for i, c := range changes {
		shown[i] = c
		if !*secrets {
			shown[i] = c.Redacted()
		}
	}
	if *asJSON {
		err = writeJSON(e.stdout, shown)
	} else {
		t := &reportText{reportOptions: reportOptions{secrets: *secrets, style: styleFor(e.stdout)}}
		t.beside(a, b, operands[0], operands[1])
		t.line()
		for _, c := range shown {
			t.line("  ", escaped(c.String()))
		}
		if len(shown) == 0 {
			t.line("  ", t.style.good("the heads are equal"))
		}
		_, err = io.WriteString(e.stdout, t.String())
	}
	switch {
	case err != nil:
		return e.fail(name, err)
	case len(changes) > 0:
		return exitFail
	}
	return exitOK
}

// beside shows two heads beside each other, every line in its place, with the
// differences marked.
func (t *reportText) beside(a, b *handshake.Request, nameA, nameB string) {
	t.row(" ", escaped(nameA), escaped(nameB), t.style.bold)
	t.line("    ", strings.Repeat("─", cellWidth+1), "┼", strings.Repeat("─", cellWidth+1))
	paint := map[string]func(string) string{" ": func(s string) string { return s },
		"<": t.style.bad, ">": t.style.good, "≠": t.style.bits, "↕": t.style.bits}
	show := func(mark, left, right string) { t.row(mark, left, right, paint[mark]) }
	both := func(left, right string, same bool) {
		if same {
			show(" ", left, right)
		} else {
			show("≠", left, right)
		}
	}
	both(escaped(startLine(a)), escaped(startLine(b)), startLine(a) == startLine(b))
	delta := diagnose.Compare(a, b)
	moved := map[string]bool{}
	for _, c := range delta.Changes() {
		if c.Op == diagnose.Move {
			moved[c.Field] = true
		}
	}
	alone := func(f handshake.Field, mark string) string {
		if moved[diagnose.RFCName(f.Name)] {
			return "↕"
		}
		return mark
	}
	for _, row := range delta.Rows(true) {
		switch {
		case row.B < 0:
			f := a.Fields[row.A]
			show(alone(f, "<"), t.safeField(f), "")
		case row.A < 0:
			f := b.Fields[row.B]
			show(alone(f, ">"), "", t.safeField(f))
		default:
			f, g := a.Fields[row.A], b.Fields[row.B]
			both(t.safeField(f), t.safeField(g), string(f.AppendRaw(nil)) == string(g.AppendRaw(nil)))
		}
	}
}

// safeField shows a field line, its secrets overwritten, its key and its blanks
// as they are.
func (t *reportText) safeField(f handshake.Field) string {
	line := f.AppendRaw(nil)
	if !t.secrets {
		tap.Redact(line)
	}
	return escaped(strings.TrimRight(string(line), "\r\n"))
}

// diffOperands returns the two heads. Files come first: what they say fills
// the profiles in.
func diffOperands(e *env, nameA, nameB string) (a, b *handshake.Request, err error) {
	if nameA == "-" && nameB == "-" {
		return nil, nil, flagError("only one of the heads can be standard input")
	}
	names, heads := [2]string{nameA, nameB}, [2]*handshake.Request{}
	target := profile.Target{Host: "example.com", Target: "/", Key: sampleKey}
	for i, name := range names {
		if _, ok := profile.Lookup(name); ok {
			continue
		}
		if heads[i], err = readOperand(e, name); err != nil {
			return nil, nil, err
		}
		fs := heads[i].Fields
		target.Target, target.Origin = heads[i].Target, fs.Get("Origin")
		target.Secure = strings.HasPrefix(target.Origin, "https:") // the only trace of it in a head
		if fs.Has("Host") {
			target.Host = fs.Get("Host")
		}
		if wellFormedKey(fs.Values("Sec-WebSocket-Key")) {
			target.Key = fs.Get("Sec-WebSocket-Key")
		}
	}
	for i, name := range names {
		if p, ok := profile.Lookup(name); ok {
			heads[i] = p.Request(target)
		}
	}
	return heads[0], heads[1], nil
}

// readOperand reads the head of a request from a file, or from standard input
// if its name is "-".
func readOperand(e *env, name string) (*handshake.Request, error) {
	var b []byte
	var err error
	if name == "-" {
		b, err = io.ReadAll(io.LimitReader(e.stdin, maxExplained))
	} else {
		b, err = os.ReadFile(name)
	}
	if os.IsNotExist(err) {
		return nil, flagError(name + " is neither a profile nor a file; profiles are " + profileNames())
	}
	if err != nil {
		return nil, err
	}
	r, err := looseHead(b)
	if err != nil {
		return nil, flagError(name + ": " + err.Error())
	}
	return r, nil
}

// looseHead parses a head as it was captured, or typed: it may break rules, and
// the empty line at its end may be missing.
func looseHead(b []byte) (*handshake.Request, error) {
	lim := handshake.Limits{HeadBytes: -1, LineBytes: -1, Fields: -1}
	end := "\n"
	if bytes.Contains(b, []byte("\r\n")) {
		end = "\r\n"
	}
	for _, end := range []string{"", end, end + end} {
		r, n, err := handshake.ParseRequest(append(b[:len(b):len(b)], end...), lim)
		switch {
		case n > 0 && strings.HasPrefix(r.Method, "HTTP/"):
			return nil, flagError("an answer, not a request")
		case n > 0 && r.Method != "":
			return r, nil
		case err != nil:
			return nil, err
		}
	}
	return nil, flagError("no head of a request")
}

// sameKey gives b the key of a if both have one that is well-formed.
func sameKey(a, b *handshake.Request) {
	const key = "Sec-WebSocket-Key"
	if wellFormedKey(a.Fields.Values(key)) && wellFormedKey(b.Fields.Values(key)) {
		b.Fields[b.Fields.Index(key)].Value = a.Fields.Get(key)
	}
}

func wellFormedKey(values []string) bool {
	if len(values) != 1 {
		return false
	}
	r := sampleRequest()
	r.Fields.Set("Sec-WebSocket-Key", values[0])
	_, err := handshake.CheckRequest(r)
	return err == nil
}
