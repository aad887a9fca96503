package handshake

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestBody(t *testing.T) { // T9
	long := strings.Repeat("x", 100)
	const head = "HTTP/1.1 400 Bad Request\r\n"
	for _, row := range []struct {
		what string
		says string
		lim  int
		body string
		cut  bool
	}{
		{"by length", head + "Content-Length: 3\r\n\r\nabc", 0, "abc", false},
		{"by length, with more behind it", head + "Content-Length: 3\r\n\r\nabcdef", 0, "abc", false},
		{"by length, cut short", head + "Content-Length: 4\r\n\r\nabc", 0, "abc", true},
		{"by length 0", head + "Content-Length: 0\r\n\r\n", 0, "", false},
		{"by length, capped", head + "Content-Length: 100\r\n\r\n" + long, 10, long[:10], true},
		{"by length, at the cap", head + "Content-Length: 100\r\n\r\n" + long, 100, long, false},
		{"by a length beyond int64", head + "Content-Length: 99999999999999999999\r\n\r\nabc", 0, "abc", false},
		{"by a negative length", head + "Content-Length: -1\r\n\r\nabc", 0, "abc", false},
		{"by close", head + "\r\nabc", 0, "abc", false},
		{"by close, capped", head + "\r\n" + long, 10, long[:10], true},
		{"by close, at the cap", head + "\r\n" + long, 100, long, false},
		{"not wanted", head + "Content-Length: 3\r\n\r\nabc", -1, "", true},
		{"chunked", head + "transfer-encoding: gzip, Chunked\r\n\r\n1\r\na\r\n0002\r\nbc\r\n0\r\n\r\n", 0, "abc", false},
		{"chunked, in bare LF", head + "Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n", 0, "abc", false},
		{"chunked, with a length as well", head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 0, "abc", false},
		{"chunked, with extensions", head + "Transfer-Encoding: chunked\r\n\r\n3 ;a=\"b\"\r\nabc\r\n0;x\r\n\r\n", 0, "abc", false},
		{"chunked, cut short", head + "Transfer-Encoding: chunked\r\n\r\n5\r\nabc", 0, "abc", true},
		{"chunked, capped", head + "Transfer-Encoding: chunked\r\n\r\n64\r\n" + long + "\r\n0\r\n\r\n", 10, long[:10], true},
		{"chunked, without a size", head + "Transfer-Encoding: chunked\r\n\r\n\r\nabc", 0, "", true},
		{"chunked, with a size beyond int64", head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc", 0, "", true},
		{"chunked, with a chunk that does not end", head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 0, "abc", true},
		{"folded length", head + "Content-Length:\r\n 3\r\n\r\nabcdef", 0, "abc", false},
		{"of 204", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc", 0, "", false},
	} {
		for _, piece := range []int{1, 2, 3, 4096} {
			_, err := Client(says(row.says, piece, io.EOF), sampleRequest(t), nil, Limits{BodyBytes: row.lim})
			var refused *RefusedError
			if !errors.As(err, &refused) || refused.Response == nil {
				t.Errorf("a body %s: %v", row.what, err)
				continue
			}
			if r := refused.Response; string(r.Body) != row.body || r.BodyCut != row.cut {
				t.Errorf("a body %s, in pieces of %d: got %q, cut %v; want %q, cut %v", row.what, piece, r.Body, r.BodyCut, row.body, row.cut)
			}
		}
	}
}

func TestABodyIsNotReadBeyondItsLimit(t *testing.T) {
	const head = "HTTP/1.1 400 Bad Request\r\n"
	for _, fields := range []string{"Content-Length: 999999999\r\n", "Transfer-Encoding: chunked\r\n", ""} {
		endless := &script{Reader: io.MultiReader(strings.NewReader(head+fields+"\r\n"), zeros{})}
		_, err := Client(endless, sampleRequest(t), nil, Limits{})
		if r := err.(*RefusedError).Response; len(r.Body) > defaultBodyBytes || !r.BodyCut {
			t.Errorf("%q: %d bytes kept", fields, len(r.Body))
		}
	}
}

// zeros says "0" forever: endless data, and an endless chunk size.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}
