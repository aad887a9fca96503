package handshake

import "testing"

func TestAppendRefuses(t *testing.T) {
	legal := func() *Request {
		r, _, err := ParseRequest([]byte(request()), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, row := range []struct {
		what   string // completes "Append refuses ..."
		change func(*Request)
		want   Requirement
	}{
		{"a start line of its own", func(r *Request) { r.StartLine = "GET  / HTTP/1.1" }, MalformedStartLine},
		{"a bare LF", func(r *Request) { r.LineEnd = "\n" }, MalformedStartLine},
		{"a bare LF at the end", func(r *Request) { r.Blank = "\n" }, MalformedStartLine},
		{"an extra CRLF", func(r *Request) { r.Blank = "\r\n\r\n" }, MalformedStartLine},
		{"a method with CRLF", func(r *Request) { r.Method = "GET\r\n" }, MalformedStartLine},
		{"another version", func(r *Request) { r.Proto = "HTTP/1" }, MalformedStartLine},
		{"HTTP/1.0", func(r *Request) { r.Proto = "HTTP/1.0" }, UnsupportedHTTP},
		{"POST", func(r *Request) { r.Method = "POST" }, MethodNotGET},
		{"no Host", func(r *Request) { r.Fields.Del("host") }, MissingHost},
		{"no Upgrade", func(r *Request) { r.Fields.Del("upgrade") }, MissingUpgrade},
	} {
		r := legal()
		row.change(r)
		if b, err := r.Append([]byte("x")); requirementOf(err) != row.want || string(b) != "x" {
			t.Errorf("Append refuses %s: got %q, %v; want %v", row.what, b, err, row.want)
		}
	}
	r := legal()
	if b, err := r.Append(nil); err != nil || string(b) != request() {
		t.Errorf("Append of a legal head: %q, %v", b, err)
	}
	for _, row := range []struct {
		what string
		r    Response
		want Requirement
	}{
		{"a reason with CRLF", Response{Proto: "HTTP/1.1", Status: 400, Reason: "a\r\nb"}, MalformedStartLine},
		{"a status of four digits", Response{Proto: "HTTP/1.1", Status: 1000}, MalformedStartLine},
		{"a value with LF", Response{Proto: "HTTP/1.1", Status: 400, Fields: Fields{{Name: "a", Value: "b\nc"}}}, ControlInValue},
		{"two subprotocols", Response{Proto: "HTTP/1.1", Status: 101, Fields: Fields{{Name: fieldProtocol, Value: "a"}, {Name: fieldProtocol, Value: "b"}}}, SeveralSubprotocols},
		{"two Accepts", Response{Proto: "HTTP/1.1", Status: 101, Fields: Fields{{Name: fieldAccept, Value: "a"}, {Name: fieldAccept, Value: "b"}}}, RepeatedAccept},
	} {
		if b, err := row.r.Append(nil); requirementOf(err) != row.want || b != nil {
			t.Errorf("Append refuses %s: got %q, %v; want %v", row.what, b, err, row.want)
		}
	}
}
