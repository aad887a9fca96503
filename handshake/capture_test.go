package handshake

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A capture is a head, or an answer with its body, as it was on the wire.
type capture struct {
	name  string
	bytes []byte
}

// captures reads testdata/requests.txt or testdata/answers.txt.
func captures(t testing.TB, file string) []capture {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []capture
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name, quoted, _ := strings.Cut(lines.Text(), " ")
		s, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %s: %v", file, name, err)
		}
		list = append(list, capture{name, []byte(s)})
	}
	if err := lines.Err(); err != nil || len(list) == 0 {
		t.Fatalf("%s: %d captures, %v", file, len(list), err)
	}
	return list
}

// The key of RFC 6455 §1.3 and what answers it.
const (
	sampleKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// lines joins the lines of a head with CRLF and ends it.
func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n\r\n" }

// request is a legal request with one change: of the line that begins as change
// does, up to and including the colon, or of none, in which case the change is a
// line more. An empty change changes nothing.
func request(changes ...string) string {
	l := []string{
		"GET /path HTTP/1.1",
		"Host: example.com",
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: " + sampleKey,
		"Sec-WebSocket-Version: 13",
	}
	return lines(changed(l, changes)...)
}

// response is as request, for a 101.
func response(changes ...string) string {
	l := []string{
		"HTTP/1.1 101 Switching Protocols",
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Accept: " + sampleAccept,
	}
	return lines(changed(l, changes)...)
}

// changed applies changes: "Name: value" replaces the line of that name or is
// added, "-Name:" removes it, "+Name: value" is added in any case, and "=line"
// replaces the start line.
func changed(l, changes []string) []string {
	for _, c := range changes {
		switch {
		case c == "":
		case c[0] == '=':
			l[0] = c[1:]
		case c[0] == '+':
			l = append(l, c[1:])
		case c[0] == '-':
			l = without(l, c[1:])
		default:
			name, _, _ := strings.Cut(c, ":")
			if i := index(l, name+":"); i >= 0 {
				l[i] = c
			} else {
				l = append(l, c)
			}
		}
	}
	return l
}

func index(l []string, prefix string) int {
	for i, s := range l {
		if strings.HasPrefix(s, prefix) {
			return i
		}
	}
	return -1
}

func without(l []string, prefix string) []string {
	if i := index(l, prefix); i >= 0 {
		return append(l[:i], l[i+1:]...)
	}
	return l
}
