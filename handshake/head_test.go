package handshake

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeadsAreKeptByteForByte(t *testing.T) {
	for _, c := range captures(t, "requests.txt") {
		r, n, err := ParseRequest(c.bytes, Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(string(c.bytes[:n]), string(r.AppendRaw(nil))); diff != "" || r.Raw != string(c.bytes[:n]) {
			t.Errorf("%s: parsed and appended again (-want +got):\n%s", c.name, diff)
		}
		for _, f := range r.Fields {
			if f.Sep != "" || f.End != "" {
				t.Errorf("%s: the line of %s is an ordinary one, but is kept as %q %q", c.name, f.Name, f.Sep, f.End)
			}
		}
	}
	for _, c := range captures(t, "answers.txt") {
		if len(c.bytes) == 0 {
			continue
		}
		r, n, err := ParseResponse(c.bytes, Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(string(c.bytes[:n]), string(r.AppendRaw(nil))); diff != "" || r.Raw != string(c.bytes[:n]) {
			t.Errorf("%s: parsed and appended again (-want +got):\n%s", c.name, diff)
		}
	}
}

// oddHeads are heads whose bytes are not the usual ones. All are kept.
var oddHeads = []string{
	"GET / HTTP/1.1\n\n",
	"\r\n\n\r\nGET / HTTP/1.1\r\n\r\n",
	"GET  /  HTTP/1.1\r\n\r\n",
	"GET\t/\tHTTP/1.1 \r\n\r\n",
	"GET\r\n\n",
	"GET /a b c HTTP/1.1\r\n\r\n",
	"G / HTTP/1.1\r\nA:b\r\nA: b\r\nA:  b\r\nA :b\r\nA\t:\tb\t\r\nA:\r\nA: \r\nA:  \nA:b\n\n",
	"G / HTTP/1.1\r\nA: b \r\nA: b\t \n\tfolded\r\n : raw\r\nraw\r\n:\r\n: x\r\n\r\n",
	"G / HTTP/1.1\r\nA: a\rb\r\nA: \r\r\nA:\r\r\n\r\r\n\r\n",
	"G / HTTP/1.1\r\nA: \x00\x7f\xff\r\n\xff: \r\n\r\n",
	"G / HTTP/1.1\r\n\r\r\n\r\n",
	"G / HTTP/1.1\r\nA:b\r\n\n",
	"G / HTTP/1.1\nA: b\r\n\r\n",
}

func TestOddHeadsAreKeptToo(t *testing.T) {
	heads := oddHeads
	for _, row := range requestRows {
		if row.want != NotHTTP {
			heads = append(heads, row.head)
		}
	}
	for _, head := range heads {
		r, n, err := ParseRequest([]byte(head), Limits{})
		if n != len(head) {
			t.Errorf("%q: head of %d bytes, %v; want %d", head, n, err, len(head))
			continue
		}
		if got := string(r.AppendRaw(nil)); got != head {
			t.Errorf("parsed and appended again:\n got %q\nwant %q", got, head)
		}
		answer := "HTTP/1.1 101 X" + head[strings.IndexByte(head, '\n'):]
		if head[0] == 'G' {
			if a, n, _ := ParseResponse([]byte(answer), Limits{}); n != len(answer) || string(a.AppendRaw(nil)) != answer {
				t.Errorf("an answer, parsed and appended again, changes: %q", answer)
			}
		}
	}
}

func TestFieldIsReadAsWritten(t *testing.T) {
	head := "GET / HTTP/1.1\r\nhost:a\r\nX-Y :\t b \r\n\tmore\r\nraw\nEmpty: \r\n\r\n"
	r, _, err := ParseRequest([]byte(head), Limits{})
	want := Fields{
		{Name: "host", Value: "a", Sep: ":"},
		{Name: "X-Y", Value: "b", Sep: " :\t ", End: " \r\n"},
		{Value: "\tmore"},
		{Value: "raw", End: "\n"},
		{Name: "Empty"},
	}
	if diff := cmp.Diff(want, r.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	e, ok := err.(*Error)
	if !ok || e.Requirement != SpaceBeforeColon || e.Offset != strings.Index(head, "X-Y") {
		t.Errorf("the first fault is the space before the colon, at the start of its line; got %#v", err)
	}
}

// TestUsualFieldAgrees holds the fast way of parsing a line to the slow one.
func TestUsualFieldAgrees(t *testing.T) {
	check := func(head string) {
		p := headParser{head: head}
		for p.i < len(head) {
			start := p.i
			var fast, slow Field
			colon, from, to := usualField(head, start)
			usual := to > 0
			if usual {
				fast = Field{Name: head[start:colon], Value: head[from:to], Sep: head[colon:from]}
				if fast.Sep == usualSep {
					fast.Sep = ""
				}
			}
			line, lineEnd := p.cutLine()
			if line == "" {
				continue
			}
			broken := parseField(&slow, line, lineEnd)
			if usual && (broken != 0 || fast != slow || to+2 != p.i) {
				t.Errorf("%q: in one pass %+v, step by step %+v (%v)", line, fast, slow, broken)
			}
			if !usual && broken == 0 && lineEnd == "" && slow.End == "" {
				t.Errorf("%q: an ordinary line was not recognised", line)
			}
		}
	}
	for _, head := range oddHeads {
		check(head)
	}
	for _, c := range captures(t, "requests.txt") {
		check(string(c.bytes))
	}
	for c := range 256 { // every byte at every place of a line
		for _, line := range []string{"Name: value", "N:v", "N: ", "Name-of-a-field: a value of some length"} {
			for i := range len(line) {
				check(line[:i] + string([]byte{byte(c)}) + line[i:] + "\r\n\r\n")
			}
		}
	}
}

func TestParsingSharesNoMemory(t *testing.T) {
	b := []byte(request("+X: y"))
	r, _, err := ParseRequest(b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] = '#'
	}
	if got := string(r.AppendRaw(nil)); got != request("+X: y") {
		t.Errorf("the request changed with the buffer it was parsed from: %q", got)
	}
}

func TestParseReusesOnlyFields(t *testing.T) {
	var r Request
	heads := [][]byte{[]byte(request("+A: 1")), []byte("\r\nGET  / HTTP/1.1\nB: 2\n\n"), []byte(request())}
	for _, head := range heads {
		n, _ := r.Parse(head, Limits{})
		if got := r.AppendRaw(nil); n != len(head) || !bytes.Equal(got, head) {
			t.Errorf("parsed into a used Request:\n got %q\nwant %q", got, head)
		}
	}
}

func TestAnswersAreReadTolerantly(t *testing.T) {
	for _, row := range []struct {
		head   string
		status int
		reason string
	}{
		{"HTTP/1.1 101 Switching Protocols\r\n\r\n", 101, "Switching Protocols"},
		{"HTTP/1.1 101 \r\n\r\n", 101, ""},
		{"HTTP/1.1 101\r\n\r\n", 101, ""},
		{"HTTP/1.1 101\n\n", 101, ""},
		{"HTTP/1.0 200 \xc3\x96K\r\n\r\n", 200, "\xc3\x96K"},
		{"HTTP/1.1 599 X\r\nA : b\r\n folded\r\n\r\n", 599, "X"},
	} {
		r, n, err := ParseResponse([]byte(row.head), Limits{})
		if err != nil || n != len(row.head) || r.Status != row.status || r.Reason != row.reason || string(r.AppendRaw(nil)) != row.head {
			t.Errorf("%q: %d %q, %v", row.head, r.Status, r.Reason, err)
		}
	}
	for _, head := range []string{
		"HTTP/1.1\r\n\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/1.1 1010 X\r\n\r\n", "HTTP/1.1 10 X\r\n\r\n", "HTTP/1.1  101 X\r\n\r\n",
		"HTTP/1.1 abc X\r\n\r\n", "HTTP/11 101 X\r\n\r\n", "HTTP/1.1 099 X\r\n\r\n", "HTTP/1.1\t101 X\r\n\r\n", "HTTP/1.1 +10 X\r\n\r\n",
	} {
		r, _, err := ParseResponse([]byte(head), Limits{})
		if requirementOf(err) != MalformedStartLine || string(r.AppendRaw(nil)) != head {
			t.Errorf("%q: %v", head, err)
		}
	}
	for head, want := range map[string]Requirement{
		"HTTP/1.1 101 a\rb\r\n\r\n":   BareCR,
		"HTTP/1.1 101 a\x00\r\n\r\n":  ControlInValue,
		"HTTP/1.1 101 a\r\nb\r\n\r\n": MalformedField,
	} {
		if _, _, err := ParseResponse([]byte(head), Limits{}); requirementOf(err) != want {
			t.Errorf("%q: %v, want %v", head, err, want)
		}
	}
}
