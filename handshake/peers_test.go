package handshake

import (
	"strings"
	"testing"
)

// TestPeerDefects: what other implementations were measured to get wrong in the
// handshake, and that this one does not.
func TestPeerDefects(t *testing.T) {
	var versions string
	if _, err := answer(nil, request("Sec-WebSocket-Version: 8")); requirementOf(err) == UnsupportedVersion {
		versions = string(Refuse(err).AppendRaw(nil))
	}
	server := func(change string, c *Chooser) func() bool {
		return func() bool { _, err := answer(c, request(change)); return err == nil }
	}
	client := func(change string) func() bool {
		return func() bool { _, err := checkAnswer(&clientOffer, response(change)); return err == nil }
	}
	for _, row := range []struct {
		who, what string // "unlike WHO, this one WHAT"
		accepts   func() bool
		want      bool
	}{
		{"gobwas' raw Upgrader and nbio", "refuses a space before a colon", server("+X : y", nil), false},
		{"gws, nbio and x/net", "refuses the key abc", server("Sec-WebSocket-Key: abc", nil), false},
		{"gorilla, gobwas, gws, nbio, x/net and libwebsockets", "refuses a repeated key", server("+Sec-WebSocket-Key: "+sampleKey, nil), false},
		{"Node's ws and libwebsockets", "refuses version 8", server("Sec-WebSocket-Version: 8", nil), false},
		{"libwebsockets", "refuses a missing version", server("-Sec-WebSocket-Version:", nil), false},
		{"gorilla, gws, x/net, nbio and Node's ws", "refuses HTTP/1.0", server("=GET /path HTTP/1.0", nil), false},
		{"Node's ws, nbio and Python's websockets", "refuses a missing Host", server("-Host:", nil), false},
		{"x/net", "accepts a request without Origin", server("", nil), true},
		{"coder, gobwas, gws, Node's ws, Python's websockets and libwebsockets", "refuses a foreign Origin", server("+Origin: http://evil.example", nil), false},
		{"gws and Python's websockets 17.1", "accepts a client without subprotocols", server("", &Chooser{Subprotocols: []string{"chat"}}), true},
		{"libwebsockets", "accepts a client with unknown subprotocols", server("+Sec-WebSocket-Protocol: nope", &Chooser{Subprotocols: []string{"chat"}}), true},
		{"the Go servers", "refuses a subprotocol with a space", server("+Sec-WebSocket-Protocol: COINEX protocol", nil), false},
		{"the Go servers", "refuses malformed extensions", server("+Sec-WebSocket-Extensions: permessage-deflate;;", nil), false},
		{"gorilla's and gws' clients", "refuses a subprotocol it did not request", client("+Sec-WebSocket-Protocol: nope"), false},
		{"coder's client", "refuses a subprotocol in another case", client("+Sec-WebSocket-Protocol: CHAT"), false},
		{"the builder of libwebsockets", "gives Host its port", func() bool {
			u, err := ParseURL("ws://127.0.0.1:8080/path")
			return err == nil && u.HostField() == "127.0.0.1:8080"
		}, true},
		{"the builder of libwebsockets", "leaves a given Origin alone", func() bool {
			r, err := (&Offer{Host: "h", Target: "/", Origin: "http://example.com"}).Request()
			return err == nil && r.Fields.Get("Origin") == "http://example.com"
		}, true},
		{"gorilla, coder, gws and nbio", "answers another version with 426 and its own", func() bool {
			return strings.HasPrefix(versions, "HTTP/1.1 426 ") && strings.Contains(versions, "\r\nSec-WebSocket-Version: 13\r\n")
		}, true},
		{"Node's ws", "does not choose a subprotocol it does not speak", func() bool {
			out, err := answer(&Chooser{Subprotocols: []string{"chat"}}, request("+Sec-WebSocket-Protocol: superchat, chat"))
			return err == nil && strings.Contains(out, "Sec-WebSocket-Protocol: chat\r\n")
		}, true},
		{"libwebsockets", "says something before it closes on a request it refuses", func() bool {
			s := says(request("-Host:"), 4096, nil)
			_, err := Server(s, nil, Limits{})
			return err != nil && strings.HasPrefix(s.sent.String(), "HTTP/1.1 400 ")
		}, true},
		{"tungstenite, undici, gorilla and most others", "keeps the answer of a refusal, head and body", func() bool {
			r := refusal(t, "HTTP/1.1 502 Bad Gateway\r\nServer: cloudflare\r\nCF-RAY: 1\r\nContent-Length: 15\r\n\r\nerror code: 502").Report(false)
			return strings.Contains(r, "CF-RAY: 1") && strings.Contains(r, "error code: 502") && strings.Contains(r, "> Sec-WebSocket-Version: 13")
		}, true},
	} {
		if row.accepts() != row.want {
			t.Errorf("unlike %s, this one %s: it does not", row.who, row.what)
		}
	}
}
