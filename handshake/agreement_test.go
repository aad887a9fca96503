package handshake

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clientOffer is what the answers of responseRows are given to.
var clientOffer = Offer{
	Key:          sampleKey,
	Subprotocols: []string{"superchat", "chat"},
	Extensions:   []Extension{{"permessage-deflate", []Param{{"client_max_window_bits", ""}}}},
}

// A responseRow is an answer and what a client says to it.
type responseRow struct {
	what string // completes "a client ... "
	head string
	want Requirement // 0: accepted
}

var responseRows = []responseRow{
	{"accepts the least that RFC 6455 asks for", response(), 0},
	{"accepts no reason phrase", response("=HTTP/1.1 101 "), 0},
	{"accepts no space before no reason phrase", response("=HTTP/1.1 101"), 0},
	{"accepts another reason", response("=HTTP/1.1 101 Web Socket Protocol Handshake"), 0},
	{"accepts bare LF", strings.ReplaceAll(response(), "\r\n", "\n"), 0},
	{"accepts names in any case", response("-Upgrade:", "-Connection:", "+upgrade: websocket", "+CONNECTION: upgrade"), 0},
	{"accepts unknown fields", response("+Server: x", "+Set-Cookie: a=b"), 0},

	{"refuses 200", response("=HTTP/1.1 200 OK"), NotSwitching},
	{"refuses 100 as the last word", response("=HTTP/1.1 100 Continue"), NotSwitching},
	// C30: whatever else does not conform to §4.2.2.
	{"refuses a 101 of HTTP/1.0", response("=HTTP/1.0 101 Switching Protocols"), MalformedAnswer},
	{"refuses a 101 of HTTP/2.0", response("=HTTP/2.0 101 Switching Protocols"), MalformedAnswer},
	{"refuses a malformed status line", response("=HTTP/1.1 10x"), MalformedStartLine},
	{"refuses a line without colon", response("+x"), MalformedField},
	{"refuses a bare CR", response("+X: a\rb"), BareCR},
	{"refuses NUL", response("+X: a\x00b"), ControlInValue},

	// C25
	{"refuses a missing Upgrade", response("-Upgrade:"), AnswerWithoutUpgrade},
	{"refuses another Upgrade", response("Upgrade: h2c"), AnswerWithoutUpgrade},
	{"accepts Upgrade: WebSocket, as libwebsockets writes", response("Upgrade: WebSocket"), 0},
	{"does not fold Unicode", response("Upgrade: webso\u212Aet"), AnswerWithoutUpgrade},

	// C26
	{"refuses a missing Connection", response("-Connection:"), AnswerWithoutConnection},
	{"refuses Connection: close", response("Connection: close"), AnswerWithoutConnection},
	{"accepts Connection: upgrade, as nginx writes", response("Connection: upgrade"), 0},
	{"accepts a list", response("Connection: keep-alive,,Upgrade"), 0},
	{"accepts Upgrade in the first of two fields", response("+Connection: keep-alive"), 0},
	{"accepts Upgrade in the second of two fields", response("Connection: keep-alive", "+Connection: Upgrade"), 0},
	{"accepts a folded Connection", response("Connection: keep-alive,\r\n\tUpgrade"), 0},
	{"accepts a space before a colon", response("-Connection:", "+Connection : Upgrade"), 0},

	// C27, X23
	{"refuses a missing Accept", response("-Sec-WebSocket-Accept:"), MissingAccept},
	{"refuses a wrong Accept", response("Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="), WrongAccept},
	{"refuses an Accept that differs by case", response("Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo="), WrongAccept},
	{"refuses an empty Accept", response("Sec-WebSocket-Accept: "), WrongAccept},
	{"ignores blanks around the Accept", response("Sec-WebSocket-Accept: \t " + sampleAccept + "\t "), 0},
	{"refuses the Accept twice", response("+Sec-WebSocket-Accept: " + sampleAccept), RepeatedAccept},

	// C28, X4, X22, E3433
	{"accepts an extension it offered", response("+Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"), 0},
	{"accepts it over two fields", response("+Sec-WebSocket-Extensions: permessage-deflate", "+Sec-WebSocket-Extensions: permessage-deflate"), 0},
	{"refuses an extension it did not offer", response("+Sec-WebSocket-Extensions: permessage-bzip2"), UnrequestedExtension},
	{"refuses one it offered with one it did not", response("+Sec-WebSocket-Extensions: permessage-deflate, x-webkit-deflate-frame"), UnrequestedExtension},
	{"refuses malformed extensions", response("+Sec-WebSocket-Extensions: permessage-deflate;"), MalformedExtensions},
	{"refuses an empty extensions field", response("+Sec-WebSocket-Extensions:"), MalformedExtensions},
	{"refuses a quoted string that is no token", response(`+Sec-WebSocket-Extensions: permessage-deflate; a=""`), QuotedNotToken},

	// C29, X24
	{"accepts a subprotocol it offered", response("+Sec-WebSocket-Protocol: chat"), 0},
	{"refuses one it did not, which gorilla and gws accept", response("+Sec-WebSocket-Protocol: nope"), UnrequestedSubprotocol},
	{"refuses one that differs by case (R1), which coder accepts", response("+Sec-WebSocket-Protocol: Chat"), UnrequestedSubprotocol},
	{"refuses an empty subprotocol", response("+Sec-WebSocket-Protocol: "), UnrequestedSubprotocol},
	{"refuses a list of subprotocols", response("+Sec-WebSocket-Protocol: superchat, chat"), SeveralSubprotocols},
	{"refuses two subprotocol fields", response("+Sec-WebSocket-Protocol: superchat", "+Sec-WebSocket-Protocol: chat"), SeveralSubprotocols},
	{"accepts that none was chosen (C31)", response(), 0},
}

func checkAnswer(o *Offer, head string) (*Agreement, error) {
	r, _, err := ParseResponse([]byte(head), Limits{})
	if err != nil {
		return nil, err
	}
	return o.CheckResponse(r)
}

func TestCheckResponse(t *testing.T) {
	for _, row := range responseRows {
		a, err := checkAnswer(&clientOffer, row.head)
		if got := requirementOf(err); got != row.want || (a == nil) != (err != nil) {
			t.Errorf("a client %s:\n got %v\nwant %v\n%q", row.what, err, row.want, row.head)
		}
	}
}

func TestASubprotocolMayBeRequired(t *testing.T) { // C31
	o := clientOffer
	o.RequireSubprotocol = true
	if _, err := checkAnswer(&o, response()); requirementOf(err) != NoSubprotocol {
		t.Errorf("an answer without subprotocol, when one is required: %v", err)
	}
	if a, err := checkAnswer(&o, response("+Sec-WebSocket-Protocol: chat")); err != nil || a.Subprotocol != "chat" {
		t.Errorf("an answer with one, when one is required: %v", err)
	}
	o.Subprotocols = nil
	if _, err := checkAnswer(&o, response()); err != nil {
		t.Errorf("an answer without subprotocol, when none was offered: %v", err)
	}
}

func TestAgreement(t *testing.T) { // X8, X9: what was accepted is in use, and nothing else
	a, err := checkAnswer(&clientOffer, response("+Sec-WebSocket-Protocol: chat",
		`+Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits="12"; client_no_context_takeover`))
	if err != nil {
		t.Fatal(err)
	}
	want := &Agreement{
		Subprotocol: "chat",
		Extensions:  []Extension{{"permessage-deflate", []Param{{"server_max_window_bits", "12"}, {"client_no_context_takeover", ""}}}},
	}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("what was agreed (-want +got):\n%s", diff)
	}
}

// TestCapturedAnswers gives every captured answer to a client that offered what
// the request of the capture did.
func TestCapturedAnswers(t *testing.T) {
	offers := map[string]Offer{
		"proto":      {Subprotocols: []string{"superchat", "chat"}},
		"protounk":   {Subprotocols: []string{"nope"}},
		"dupproto":   {Subprotocols: []string{"chat", "chat"}},
		"protospace": {Subprotocols: []string{"COINEX protocol"}},
		"pmd":        {Extensions: []Extension{{Name: "permessage-deflate"}}},
		"pmdbad":     {Extensions: []Extension{{Name: "permessage-deflate"}}},
		"badkey":     {Key: "abc"},
	}
	for _, c := range captures(t, "answers.txt") {
		if len(c.bytes) == 0 {
			continue
		}
		variant := c.name[strings.LastIndexByte(c.name, '-')+1:]
		o := offers[variant]
		if o.Key == "" {
			o.Key = sampleKey
		}
		var want Requirement
		if !strings.HasPrefix(string(c.bytes), "HTTP/1.1 101 ") {
			want = NotSwitching
		}
		if _, err := checkAnswer(&o, string(c.bytes)); requirementOf(err) != want {
			t.Errorf("the answer %s: %v, want %v", c.name, err, want)
		}
		// The same answer to a client that offered nothing and had another key.
		stranger := Offer{Key: "AQIDBAUGBwgJCgsMDQ4PEA=="}
		if _, err := checkAnswer(&stranger, string(c.bytes)); err == nil {
			t.Errorf("the answer %s was accepted for another request", c.name)
		}
	}
}
