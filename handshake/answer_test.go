package handshake

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answer does for a head what a server does, without a stream.
func answer(c *Chooser, head string) (string, error) {
	r, _, err := ParseRequest([]byte(head), Limits{})
	var offer Offer
	if err == nil {
		offer, err = CheckRequest(r)
	}
	var a Answer
	if err == nil {
		a, err = c.Answer(r, &offer)
	}
	if err == nil {
		var out []byte
		if out, err = a.Append(nil, offer.Key); err == nil {
			return string(out), nil
		}
	}
	out, _ := Refuse(err).Append(nil)
	return string(out), err
}

const accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + sampleAccept + "\r\n"

func TestAnswers(t *testing.T) {
	pmd := []Extension{{"permessage-deflate", []Param{{"server_max_window_bits", "12"}}}}
	deciding := func(f func(a *Answer)) *Chooser {
		return &Chooser{Decide: func(r *Request, o Offer, a Answer) (Answer, error) {
			f(&a)
			return a, nil
		}}
	}
	for _, row := range []struct {
		what string // completes "a server ..."
		c    *Chooser
		head string
		want string
	}{
		{"sends the four lines of RFC 6455 §4.2.2 (S22)", nil, request(), accepted},
		{"agrees on no subprotocol it does not speak (S19)", &Chooser{Subprotocols: []string{"chat"}}, request("+Sec-WebSocket-Protocol: nope"), accepted},
		{"accepts a client that offers none", &Chooser{Subprotocols: []string{"chat"}}, request(), accepted},
		{"chooses the first in the client's order", &Chooser{Subprotocols: []string{"chat", "superchat"}},
			request("+Sec-WebSocket-Protocol: nope, superchat, chat"), accepted + "Sec-WebSocket-Protocol: superchat\r\n"},
		{"compares subprotocols with their case (R1)", &Chooser{Subprotocols: []string{"chat"}}, request("+Sec-WebSocket-Protocol: Chat"), accepted},
		{"agrees on no extension by itself", &Chooser{}, request("+Sec-WebSocket-Extensions: permessage-deflate"), accepted},
		{"agrees on what Decide says (S23)", deciding(func(a *Answer) { a.Extensions, a.Subprotocol = pmd, "b" }),
			request("+Sec-WebSocket-Extensions: permessage-deflate", "+Sec-WebSocket-Protocol: a, b"),
			accepted + "Sec-WebSocket-Protocol: b\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12\r\n"},
		{"sends further fields", deciding(func(a *Answer) { a.Fields.Add("Set-Cookie", "a=b") }), request(), accepted + "Set-Cookie: a=b\r\n"},
	} {
		got, err := answer(row.c, row.head)
		if diff := cmp.Diff(row.want+"\r\n", got); diff != "" || err != nil {
			t.Errorf("a server %s: %v (-want +got):\n%s", row.what, err, diff)
		}
	}
}

// chooserRows are answers of a chooser that must not be sent.
var chooserRows = []struct {
	what string // completes "a server may not ..."
	head string
	a    Answer
	want Requirement
}{
	{"choose a subprotocol that was not offered (S18)", request("+Sec-WebSocket-Protocol: chat"), Answer{Agreement: Agreement{Subprotocol: "nope"}}, SubprotocolNotOffered},
	{"choose one when none was offered", request(), Answer{Agreement: Agreement{Subprotocol: "chat"}}, SubprotocolNotOffered},
	{"choose an extension that was not offered (S20, S21, X2)", request(), Answer{Agreement: Agreement{Extensions: []Extension{{Name: "x"}}}}, ExtensionNotOffered},
	{"send a malformed parameter", request("+Sec-WebSocket-Extensions: x"), Answer{Agreement: Agreement{Extensions: []Extension{{"x", []Param{{"a b", ""}}}}}}, MalformedExtensions},
	{"send CRLF in a field (T5)", request(), Answer{Fields: Fields{{Name: "A", Value: "b\r\nc: d"}}}, ControlInValue},
	{"send a second Upgrade", request(), Answer{Fields: Fields{{Name: "upgrade", Value: "h2c"}}}, MalformedField},
	{"send a second Accept", request(), Answer{Fields: Fields{{Name: "Sec-Websocket-Accept", Value: "x"}}}, MalformedField},
}

func TestAnswersThatMustNotBeSent(t *testing.T) {
	for _, row := range chooserRows {
		c := &Chooser{Decide: func(*Request, Offer, Answer) (Answer, error) { return row.a, nil }}
		got, err := answer(c, row.head)
		if requirementOf(err) != row.want || strings.HasPrefix(got, "HTTP/1.1 101") {
			t.Errorf("a server may not %s: got %v, want %v\n%s", row.what, err, row.want, got)
		}
	}
	bad := Answer{Agreement: Agreement{Subprotocol: "a b"}}
	if out, err := bad.Append([]byte("x"), sampleKey); requirementOf(err) != MalformedSubprotocol || string(out) != "x" {
		t.Errorf("a server may not send a subprotocol that is no token: %q, %v", out, err)
	}
}

func TestRefusals(t *testing.T) {
	const tail = "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
	for _, row := range []struct {
		what string // completes "a server answers ..."
		err  error
		want string
	}{
		{"426 with Upgrade and its versions (T7, S16, S25)", &Error{Requirement: UnsupportedVersion},
			"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade, close\r\n" + tail +
				"Content-Length: 49\r\n\r\nSec-WebSocket-Version is not 13 (RFC 6455 §4.4)\n"},
		{"405 with Allow", &Error{Requirement: MethodNotGET},
			"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nConnection: close\r\n" + tail +
				"Content-Length: 41\r\n\r\nthe method is not GET (RFC 6455 §4.2.1)\n"},
		{"401 as Decide wants it (S13)", &Refusal{Status: 401, Fields: Fields{{Name: "WWW-Authenticate", Value: "Basic"}}},
			"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nConnection: close\r\n" + tail + "Content-Length: 13\r\n\r\nUnauthorized\n"},
		{"a redirect (S14)", &Refusal{Status: 307, Fields: Fields{{Name: "Location", Value: "/x"}}, Body: "there"},
			"HTTP/1.1 307 Temporary Redirect\r\nLocation: /x\r\nConnection: close\r\n" + tail + "Content-Length: 5\r\n\r\nthere"},
		{"404 (S17)", &Refusal{Status: 404}, "HTTP/1.1 404 Not Found\r\nConnection: close\r\n" + tail + "Content-Length: 10\r\n\r\nNot Found\n"},
		{"204 without body", &Refusal{Status: 204, Body: "x"}, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"},
		{"500 to an error of its own, and does not show it", errors.New("secret"),
			"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n" + tail + "Content-Length: 22\r\n\r\nInternal Server Error\n"},
		{"500 when Decide refuses with 101", &Refusal{Status: 101, Fields: Fields{{Name: "A", Value: "b"}}},
			"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n" + tail + "Content-Length: 22\r\n\r\nInternal Server Error\n"},
	} {
		got, err := Refuse(row.err).Append(nil)
		if diff := cmp.Diff(row.want, string(got)); diff != "" || err != nil {
			t.Errorf("a server answers %s: %v (-want +got):\n%s", row.what, err, diff)
		}
	}
	if got := (&Refusal{Status: 404}).Error(); got != "handshake: refused with 404 Not Found" {
		t.Errorf("a refusal's message: %q", got)
	}
}

// TestEveryFaultHasItsStatus states the statuses once more, so that a slip in
// the list shows.
func TestEveryFaultHasItsStatus(t *testing.T) {
	status := map[Requirement]int{
		MethodNotGET: 405, UnsupportedHTTP: 505, MissingUpgrade: 426, UnsupportedVersion: 426, ForeignOrigin: 403,
		TargetTooLong: 414, LineTooLong: 431, HeadTooLong: 431, TooManyFields: 431,
	}
	heads := map[string]Requirement{}
	for _, row := range requestRows {
		heads[row.head] = row.want
	}
	for _, row := range limitRows {
		if !row.response && row.lim == (Limits{}) {
			heads[row.head] = row.want
		}
	}
	for head, broken := range heads {
		want := status[broken]
		switch {
		case broken == 0:
			want = 101
		case want == 0:
			want = 400
		}
		got, _ := answer(nil, head)
		if prefix := "HTTP/1.1 " + threeDigits(want) + " "; !strings.HasPrefix(got, prefix) {
			t.Errorf("%.100q is answered with %.30q, want %d", head, got, want)
		}
		a, n, err := ParseResponse([]byte(got), Limits{})
		if err != nil || want != 101 && a.Fields.Get("Content-Length") == "" {
			t.Errorf("the answer to %.100q is not legal: %v\n%s", head, err, got[n:])
		}
	}
}

func TestOriginPolicy(t *testing.T) { // S9, S15, X11
	for _, row := range []struct {
		origin, host string
		patterns     []string
		want         bool
	}{
		{"http://example.com", "example.com", nil, true},
		{"https://example.com", "example.com", nil, true},
		{"https://EXAMPLE.com", "example.COM", nil, true},
		{"http://example.com", "example.com:80", nil, true},
		{"https://example.com", "example.com:443", nil, true},
		{"https://example.com:443", "example.com", nil, true},
		{"http://example.com:8080", "example.com:8080", nil, true},
		{"http://[::1]:8080", "[::1]:8080", nil, true},
		{"http://[::1]", "[::1]:80", nil, true},

		{"http://example.com", "example.com:8080", nil, false},
		{"http://example.com:8080", "example.com", nil, false},
		{"http://example.com", "example.com:443", nil, false},
		{"http://evil.example", "example.com", nil, false},
		{"http://example.com.evil.example", "example.com", nil, false},
		{"http://evil-example.com", "example.com", nil, false},
		{"http://example.com@evil.example", "example.com", nil, false},
		{"http://http://example.com", "example.com", nil, false},
		{"null", "example.com", nil, false},
		{"example.com", "example.com", nil, false},
		{"http://", "example.com", nil, false},

		{"http://evil.example", "example.com", []string{"*"}, true},
		{"null", "example.com", []string{"*"}, true},
		{"null", "example.com", []string{"*.example"}, false},
		{"https://a.example.org", "example.com", []string{"x", "*.example.org"}, true},
		{"https://A.B.example.org", "example.com", []string{"*.EXAMPLE.org"}, true},
		{"https://example.org", "example.com", []string{"*.example.org"}, false},
		{"https://a.example.org:8443", "example.com", []string{"*.example.org"}, false},
		{"https://a.example.org:8443", "example.com", []string{"*.example.org:*"}, true},
		{"https://a.example.org", "example.com", []string{"https://*.example.org"}, true},
		{"http://a.example.org", "example.com", []string{"https://*.example.org"}, false},
		{"https://a.example.org.evil", "example.com", []string{"*.example.org"}, false},
		{"https://example.org", "example.com", []string{"example.org"}, true},
		{"https://exampleXorg", "example.com", []string{"example.org"}, false},
		{"https://abcabcabd", "x", []string{"*abc*abd"}, true},
		{"https://aaa", "x", []string{"a*a*a*a"}, false},
	} {
		c := &Chooser{Origins: row.patterns}
		_, err := answer(c, request("Host: "+row.host, "+Origin: "+row.origin))
		if (err == nil) != row.want || err != nil && requirementOf(err) != ForeignOrigin {
			t.Errorf("Origin %s for Host %s with patterns %q: %v, want accepted: %v", row.origin, row.host, row.patterns, err, row.want)
		}
	}
	absolute := func(origin string) string {
		return request("=GET http://other.example/path HTTP/1.1", "+Origin: "+origin)
	}
	if _, err := answer(nil, absolute("http://example.com")); requirementOf(err) != ForeignOrigin {
		t.Errorf("an absolute target overrides Host (RFC 9112 §3.2.2), so Host's origin is a foreign one: %v", err)
	}
	if _, err := answer(nil, absolute("http://other.example")); err != nil {
		t.Errorf("an absolute target overrides Host (RFC 9112 §3.2.2), so its origin is the server's own: %v", err)
	}
	if _, err := answer(nil, request()); err != nil {
		t.Errorf("a request without Origin, which is from no browser: %v", err)
	}
}
