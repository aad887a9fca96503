package fuzz

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/profile"
)

// Requests: whatever the bytes and however they arrive,
//   - the end of the head is found at the same place, with the same error;
//   - a parsed head is kept byte for byte, and its lines are those it had;
//   - a request a server accepts passes the builder unless its bytes are of a
//     form the builder never writes;
//   - the short way to answer it is the same as the long one.
func FuzzRequest(f *testing.F) {
	for _, p := range profile.All() {
		f.Add(p.Capture(), uint16(7))
	}
	for _, s := range []string{
		"GET / HTTP/1.1\nHost: h\n\n", "\r\nGET / HTTP/1.1\r\nA : b\r\n\tc\r\nraw\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "POST / HTTP/1.0\r\n\r\n",
	} {
		f.Add([]byte(s), uint16(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint16) {
		r, n, err := handshake.ParseRequest(b, handshake.Limits{})
		m, scanErr := scan(handshake.Scanner{}, b, 1+int(cut)%max(1, len(b)))
		if m != n || r == nil && requirement(err) != requirement(scanErr) {
			t.Fatalf("at once: %d, %v; in pieces: %d, %v", n, err, m, scanErr)
		}
		checkAccept(t, b)
		if r == nil {
			return
		}
		if got := r.AppendRaw(nil); !bytes.Equal(got, b[:n]) || r.Raw != string(b[:n]) {
			t.Fatalf("parsed %q, appended %q", b[:n], got)
		}
		if err != nil {
			checkError(t, err)
			return
		}
		for _, field := range r.Fields {
			if !handshake.IsToken(field.Name) || strings.ContainsAny(field.Value, "\r\n\x00") {
				t.Fatalf("the field %+v was accepted", field)
			}
		}
		offer, err := handshake.CheckRequest(r)
		if err != nil {
			checkError(t, err)
			return
		}
		usual := r.StartLine == "" && r.LineEnd == "" && r.Blank == ""
		for _, field := range r.Fields {
			usual = usual && (field.End == "" || strings.HasSuffix(field.End, "\r\n"))
		}
		if out, err := r.Append(nil); usual && (err != nil || !bytes.Equal(out, b[:n])) {
			t.Fatalf("a request that is accepted cannot be built: %v\n%q", err, b[:n])
		}
		answer, err := (&handshake.Chooser{Origins: []string{"*"}, Subprotocols: offer.Subprotocols}).Answer(r, &offer)
		if err != nil {
			t.Fatalf("nothing is left to refuse: %v", err)
		}
		out, err := answer.Append(nil, offer.Key)
		if err != nil {
			t.Fatal(err)
		}
		a, _, err := handshake.ParseResponse(out, handshake.Limits{})
		if err == nil {
			_, err = handshake.OfferOf(r).CheckResponse(a)
		}
		if err != nil {
			t.Fatalf("the answer is refused by the client whose request it answers: %v\n%s", err, out)
		}
	})
}

// requirement returns what an error is about, or 0.
func requirement(err error) handshake.Requirement {
	var e *handshake.Error
	if errors.As(err, &e) {
		return e.Requirement
	}
	return 0
}

// scan feeds b in pieces of the given size, each new one in its own array.
func scan(s handshake.Scanner, b []byte, piece int) (int, error) {
	for end := 0; ; {
		end = min(end+piece, len(b))
		if n, err := s.Scan(bytes.Clone(b[:end])); n > 0 || err != nil || end == len(b) {
			return n, err
		}
	}
}

// checkAccept compares the two ways to answer.
func checkAccept(t *testing.T, b []byte) {
	var c handshake.Chooser
	out, n, agreement, err := c.Accept(nil, b, handshake.Limits{})
	r, wantN, wantErr := handshake.ParseRequest(b, handshake.Limits{})
	var want []byte
	if r != nil || wantErr != nil {
		var offer handshake.Offer
		var answer handshake.Answer
		if wantErr == nil {
			offer, wantErr = handshake.CheckRequest(r)
		}
		if wantErr == nil {
			answer, wantErr = c.Answer(r, &offer)
		}
		if wantErr == nil {
			want, wantErr = answer.Append(nil, offer.Key)
		}
		if wantErr != nil {
			want, _ = handshake.Refuse(wantErr).Append(nil)
		}
	}
	if !bytes.Equal(out, want) || n != wantN || text(err) != text(wantErr) || agreement.Subprotocol != "" {
		t.Fatalf("in one: %q %d %v\nstep by step: %q %d %v", out, n, err, want, wantN, wantErr)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// checkError holds an error to its promise: typed, and one line.
func checkError(t *testing.T, err error) {
	var e *handshake.Error
	if !errors.As(err, &e) || strings.ContainsAny(err.Error(), "\r\n\x1b") {
		t.Fatalf("the error %T %q", err, err)
	}
}

// Responses: as for requests; and a client that gets the bytes through a stream,
// in pieces, comes to the same end and loses none that follow a 101.
func FuzzResponse(f *testing.F) {
	key, accept := "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
	switching := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n"
	for _, s := range []string{
		switching + "\r\n\x81\x05Hello", "HTTP/1.1 100\r\n\r\n" + switching + "Sec-WebSocket-Protocol: a\r\n\r\n",
		switching + "Sec-WebSocket-Extensions: x; y=\"z\"\r\n\r\n", "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 15\r\n\r\nerror code: 502", "HTTP/1.0 200 OK\n\n<html>", "SSH-2.0-x\r\n", "\x15\x03\x01",
		"HTTP/1.1 101\r\nConnection : a,\r\n upgrade\r\n\r\n",
	} {
		f.Add([]byte(s), uint8(3))
	}
	offer := &handshake.Offer{Host: "h", Target: "/", Key: key, Subprotocols: []string{"a", "b"}, Extensions: []handshake.Extension{{Name: "x"}}}
	request, err := offer.Request()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte, piece uint8) {
		r, n, err := handshake.ParseResponse(b, handshake.Limits{})
		if r != nil {
			if got := r.AppendRaw(nil); !bytes.Equal(got, b[:n]) {
				t.Fatalf("parsed %q, appended %q", b[:n], got)
			}

			if k, scanErr := scan(handshake.Scanner{Response: true}, b, 1+int(piece)); k != n {
				t.Fatalf("at once: %d, %v; in pieces: %d, %v", n, err, k, scanErr)
			}
		}
		whole := exchange(t, request, offer, b, len(b)+1)
		cut := exchange(t, request, offer, b, 1+int(piece))
		if whole != cut {
			t.Fatalf("at once:   %s\nin pieces: %s", whole, cut)
		}
	})
}

// exchange runs a client against a server that says b, and tells what came of it.
func exchange(t *testing.T, r *handshake.Request, offer *handshake.Offer, b []byte, piece int) string {
	stream := struct {
		io.Reader
		io.Writer
	}{&pieceReader{b, piece}, io.Discard}
	res, err := handshake.Client(stream, r, offer, handshake.Limits{BodyBytes: 1 << 10})
	if err == nil {
		rest, err := io.ReadAll(stream)
		if err != nil {
			t.Fatal(err)
		}
		return "accepted " + res.Subprotocol + " " + string(res.Buffered) + string(rest)
	}
	var refused *handshake.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("the error %T %q", err, err)
	}
	checkError(t, err)
	if report := refused.Report(false); strings.ContainsFunc(report, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c == 0xfffd }) {
		t.Fatalf("the report has control characters: %q", report)
	}
	story := refused.Phase.String() + " " + err.Error()
	if errors.Is(err, handshake.NotHTTP) {
		story = "not HTTP" // how much of it was seen depends on the pieces
	}
	if refused.Response != nil {
		story += " " + string(refused.Response.Body)
	}
	return story
}

type pieceReader struct {
	b     []byte
	piece int
}

func (r *pieceReader) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.piece)], r.b)
	r.b = r.b[n:]
	return n, nil
}

// Extensions: what is parsed can be written, and then says the same.
func FuzzExtensions(f *testing.F) {
	for _, s := range []string{"a", "permessage-deflate; client_max_window_bits=15, x", `a;b="c\d" , ,e`, `a;b="`, "a;;", ",", `a; b="c d"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, err := handshake.ParseExtensions(s)
		if err != nil {
			var e *handshake.Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(s) {
				t.Fatalf("the error %T %q", err, err)
			}
			return
		}
		written := string(handshake.AppendExtensions(nil, list))
		again, err := handshake.ParseExtensions(written)
		if err != nil || len(list) == 0 || string(handshake.AppendExtensions(nil, again)) != written {
			t.Fatalf("%q is %q, which is %+v, %v", s, written, again, err)
		}
	})
}

// URLs: what is parsed makes a legal request, and no byte of it is rewritten.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"ws://example.com/path?x", "wss://u:p@[fe80::1%25eth0]:8443/", "ws://h?x", "ws://h#f", "ws://b\u00fccher/", "http://h", "ws://h/%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := handshake.ParseURL(s)
		if err != nil {
			checkError(t, err)
			return
		}
		if !strings.Contains(s, strings.TrimPrefix(u.Target, "/")) {
			t.Fatalf("%q has the target %q", s, u.Target)
		}
		r, err := (&handshake.Offer{Host: u.HostField(), Target: u.Target, Origin: u.Origin()}).Request()
		if err != nil {
			t.Fatalf("%q makes no legal request: %v", s, err)
		}
		offer, err := handshake.CheckRequest(r)
		if err == nil {
			_, err = (*handshake.Chooser)(nil).Answer(r, &offer)
		}
		if err != nil {
			t.Fatalf("%q: its own origin is refused: %v", s, err)
		}
		again, err := handshake.ParseURL(u.String())
		if err != nil || again.HostField() != u.HostField() || again.Target != u.Target || again.Secure != u.Secure || again.Host != u.Host {
			t.Fatalf("%q is %s, which is %+v, %v", s, u, again, err)
		}
	})
}
