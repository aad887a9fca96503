package handshake

import (
	"bytes"
	"strings"
	"testing"
)

// scanAll feeds head to a Scanner in pieces of the given size and returns what
// it says and after how many bytes.
func scanAll(s Scanner, head []byte, piece int) (n, after int, err error) {
	for after < len(head) {
		after = min(after+piece, len(head))
		if n, err = s.Scan(head[:after]); n > 0 || err != nil {
			return n, after, err
		}
	}
	return 0, after, nil
}

func TestScannerFindsTheEndHoweverTheHeadArrives(t *testing.T) {
	type input struct {
		name     string
		head     []byte
		response bool
	}
	var inputs []input
	for _, c := range captures(t, "requests.txt") {
		inputs = append(inputs, input{c.name, c.bytes, false})
	}
	for _, c := range captures(t, "answers.txt") {
		if len(c.bytes) > 0 {
			inputs = append(inputs, input{c.name, c.bytes, true})
		}
	}
	inputs = append(inputs, input{"bare LF", []byte(strings.ReplaceAll(request(), "\r\n", "\n")), false})
	for _, in := range inputs {
		want := bytes.Index(in.head, []byte("\r\n\r\n")) + 4
		if in.name == "bare LF" {
			want = len(in.head)
		}
		for _, piece := range []int{1, 2, 3, 7, 64, len(in.head)} {
			n, after, err := scanAll(Scanner{Response: in.response}, in.head, piece)
			if n != want || err != nil || piece == 1 && after != want {
				t.Errorf("%s in pieces of %d: head of %d bytes after %d, %v; want %d", in.name, piece, n, after, err, want)
			}
		}
		for cut := range want { // two pieces, at every cut
			s := Scanner{Response: in.response}
			if n, err := s.Scan(in.head[:cut]); n != 0 || err != nil {
				t.Fatalf("%s cut at %d: %d, %v; want more bytes to be asked for", in.name, cut, n, err)
			}
			if n, err := s.Scan(in.head); n != want || err != nil {
				t.Fatalf("%s cut at %d, then whole: %d, %v; want %d", in.name, cut, n, err, want)
			}
		}
	}
}

// limitRows are heads that a Scanner gives up on, and when (X14, X18).
var limitRows = []struct {
	what     string // completes "the scanner gives up on ..."
	head     string
	lim      Limits
	response bool
	want     Requirement
	after    int // bytes it has to have seen, fed one by one; 0: not checked
}{
	{"a line of 16 MiB, at the default limit", "GET / HTTP/1.1\r\nX: " + strings.Repeat("a", 16<<20), Limits{}, false, LineTooLong, 16 + 16<<10},
	{"a target of 16 MiB", "GET /" + strings.Repeat("a", 16<<20), Limits{}, false, TargetTooLong, 16 << 10},
	{"a status line of 16 MiB", "HTTP/1.1 101 " + strings.Repeat("a", 16<<20), Limits{}, true, LineTooLong, 16 << 10},
	{"10,000 fields", "GET / HTTP/1.1\r\n" + strings.Repeat("a:\r\n", 10000) + "\r\n", Limits{}, false, TooManyFields, 16 + 129*4},
	{"a head of 1 MiB", "GET / HTTP/1.1\r\n" + strings.Repeat("X: "+strings.Repeat("a", 1000)+"\r\n", 1000), Limits{}, false, HeadTooLong, 32 << 10},
	{"a head one byte over", request(), Limits{HeadBytes: len(request()) - 1}, false, HeadTooLong, len(request()) - 1},
	{"a field more than allowed", request(), Limits{Fields: 4}, false, TooManyFields, 0},
	{"a line one byte over", "GET / HTTP/1.1\r\nX: 123456789\r\n\r\n", Limits{LineBytes: 15}, false, TargetTooLong, 15},
	{"TLS", "\x16\x03\x01\x02\x00", Limits{}, false, NotHTTP, 1},
	{"a frame", "\x81\x05Hello", Limits{}, false, NotHTTP, 1},
	{"a second empty line before a request that is none", "\r\n\x00", Limits{}, false, NotHTTP, 3},
	{"a CR alone before the request line", "\r\r\n\n", Limits{}, false, NotHTTP, 2},
	{"the banner of SSH", "SSH-2.0-OpenSSH_9.2\r\n", Limits{}, true, NotHTTP, 1},
	{"a TLS alert", "\x15\x03\x01\x00\x02\x02\x46", Limits{}, true, NotHTTP, 1},
	{"an answer that begins like HTTP", "HTTQ", Limits{}, true, NotHTTP, 4},
	{"an answer that begins with an empty line", "\r\nHTTP/1.1 101\r\n\r\n", Limits{}, true, NotHTTP, 1},
	{"a request for an answer", "GET / HTTP/1.1\r\n\r\n", Limits{}, true, NotHTTP, 1},
}

func TestScannerGivesUp(t *testing.T) {
	for _, row := range limitRows {
		head := []byte(row.head)
		n, after, err := scanAll(Scanner{Limits: row.lim, Response: row.response}, head, 1)
		if got := requirementOf(err); got != row.want || n != 0 || row.after > 0 && after != row.after {
			t.Errorf("the scanner gives up on %s: got %v after %d bytes, want %v after %d", row.what, err, after, row.want, row.after)
		}
		if _, _, err := scanAll(Scanner{Limits: row.lim, Response: row.response}, head, len(head)); requirementOf(err) != row.want {
			t.Errorf("the scanner gives up on %s, received whole: got %v, want %v", row.what, err, row.want)
		}
		if row.response {
			_, n, err = ParseResponse(head, row.lim)
		} else {
			_, n, err = ParseRequest(head, row.lim)
		}
		if requirementOf(err) != row.want || n != 0 {
			t.Errorf("the parser gives up on %s: got %v, want %v", row.what, err, row.want)
		}
	}
}

func TestLimitsAreReachedExactly(t *testing.T) {
	head := request()
	longest := len("Sec-WebSocket-Key: " + sampleKey + "\r\n")
	for _, lim := range []Limits{
		{HeadBytes: len(head)},
		{LineBytes: longest},
		{Fields: 5},
		{HeadBytes: len(head), LineBytes: longest, Fields: 5},
		{HeadBytes: -1, LineBytes: -1, Fields: -1},
	} {
		for _, piece := range []int{1, len(head)} {
			if n, _, err := scanAll(Scanner{Limits: lim}, []byte(head), piece); n != len(head) {
				t.Errorf("a head at the limits %+v, in pieces of %d: %d, %v", lim, piece, n, err)
			}
		}
		if _, n, err := ParseRequest([]byte(head), lim); n != len(head) || err != nil {
			t.Errorf("a head at the limits %+v: %d, %v", lim, n, err)
		}
	}
}

// TestScannerLooksAtEachByteOnce counts bytes instead of time: what has been
// scanned may be destroyed, and the scanner does not notice.
func TestScannerLooksAtEachByteOnce(t *testing.T) {
	head := []byte(request("+X: " + strings.Repeat("a", 1000)))
	s := Scanner{}
	var n int
	for i := 1; i <= len(head) && n == 0; i++ {
		var err error
		if n, err = s.Scan(head[:i]); err != nil {
			t.Fatal(err)
		}
		for j := range i - 2 { // an empty line is told by the byte before the LF
			if j >= len("GET") {
				head[j] = '\n'
			}
		}
	}
	if n != len(head) {
		t.Errorf("the scanner went back over bytes it had seen: end at %d, want %d", n, len(head))
	}
}
