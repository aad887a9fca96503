package handshake

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A requestRow is a request and what a server says to it.
type requestRow struct {
	what string // completes "a server ... "
	head string
	want Requirement // 0: accepted
}

var requestRows = []requestRow{
	{"accepts the least that RFC 6455 asks for", request(), 0},

	// S3, C10: method and version.
	{"refuses POST", request("=POST /path HTTP/1.1"), MethodNotGET},
	{"refuses a method that differs from GET by case", request("=get /path HTTP/1.1"), MethodNotGET},
	{"refuses HTTP/1.0", request("=GET /path HTTP/1.0"), UnsupportedHTTP},
	{"refuses HTTP/2.0", request("=GET /path HTTP/2.0"), UnsupportedHTTP},
	{"accepts a later minor version", request("=GET /path HTTP/1.2"), 0},
	{"refuses the preface of HTTP/2", lines("PRI * HTTP/2.0"), MalformedTarget},

	// C9, C11: request line and target.
	{"refuses two spaces in the request line", request("=GET  /path HTTP/1.1"), MalformedStartLine},
	{"refuses a tab in the request line", request("=GET\t/path HTTP/1.1"), MalformedStartLine},
	{"refuses a space in the target", request("=GET /a b HTTP/1.1"), MalformedStartLine},
	{"refuses a request line without version", request("=GET /path"), MalformedStartLine},
	{"refuses another protocol", request("=GET /path HTTPS/1.1"), MalformedStartLine},
	{"refuses a blank after the version", request("=GET /path HTTP/1.1 "), MalformedStartLine},
	{"refuses a lower-case http/1.1", request("=GET /path http/1.1"), MalformedStartLine},
	{"refuses the target *", request("=GET * HTTP/1.1"), MalformedTarget},
	{"refuses a target without slash", request("=GET path HTTP/1.1"), MalformedTarget},
	{"refuses a target in authority form", request("=GET example.com:80 HTTP/1.1"), MalformedTarget},
	{"refuses a fragment in the target", request("=GET /path#x HTTP/1.1"), MalformedTarget},
	{"refuses a target that is not ASCII", request("=GET /p\xc3\xa4th HTTP/1.1"), MalformedTarget},
	{"refuses NUL in the target", request("=GET /p\x00 HTTP/1.1"), MalformedTarget},
	{"refuses a CR in the target", request("=GET /p\rX HTTP/1.1"), MalformedTarget},
	{"accepts an absolute http target", request("=GET http://example.com/path HTTP/1.1"), 0},
	{"accepts an absolute https target", request("=GET HTTPS://example.com HTTP/1.1"), 0},
	{"refuses an absolute target of another scheme", request("=GET ftp://example.com/ HTTP/1.1"), MalformedTarget},
	{"refuses an absolute target without host", request("=GET http:///path HTTP/1.1"), MalformedTarget},
	{"refuses an absolute target with userinfo", request("=GET http://a@example.com/ HTTP/1.1"), MalformedTarget},
	{"refuses an absolute target with a bad port", request("=GET http://example.com:x?y HTTP/1.1"), MalformedTarget},
	{"accepts percent forms as they are", request("=GET /%2e%2E/%00/%zz?%41=%ff HTTP/1.1"), 0},
	{"accepts characters RFC 3986 does not list", request(`=GET /a|b{c}"d"?<e>\^ HTTP/1.1`), 0},
	{"accepts one empty line before the request (RFC 9112 §2.2)", "\r\n" + request(), 0},

	// T1, T2, T3, T5: field lines.
	{"refuses a space before a colon", request("-Upgrade:", "+Upgrade : websocket"), SpaceBeforeColon},
	{"refuses a tab before a colon", request("-Upgrade:", "+Upgrade\t: websocket"), SpaceBeforeColon},
	{"refuses a folded line", request("-Connection:", "+Connection: keep-alive,\r\n Upgrade"), ObsoleteFold},
	{"refuses a first line that begins with a blank", request("=GET /path HTTP/1.1\r\n X: y"), ObsoleteFold},
	{"refuses a line without colon", request("+no colon"), MalformedField},
	{"refuses an empty name", request("+: x"), MalformedField},
	{"refuses a name with a space", request("+X Y: z"), MalformedField},
	{"refuses a name that is not ASCII", request("+X\xe4: z"), MalformedField},
	{"refuses a bare CR in a value", request("+X: a\rHost: b"), BareCR},
	{"refuses a CR before the CRLF", request("+X: a\r"), BareCR},
	{"refuses NUL in a value", request("+X: a\x00"), ControlInValue},
	{"refuses DEL in a value", request("+X: a\x7f"), ControlInValue},
	{"accepts a tab in a value", request("+X: a\tb"), 0},
	{"accepts obs-text in a value", request("+X: \xff\x80"), 0},
	{"accepts an empty value", request("+X:"), 0},
	{"accepts bare LF as a line end (T3)", strings.ReplaceAll(request(), "\r\n", "\n"), 0},
	{"accepts blanks around a value", request("Host:\texample.com \t "), 0},
	{"accepts names in lower case", request("-Host:", "+host: example.com"), 0},
	{"accepts names in upper case", request("-Upgrade:", "+UPGRADE: websocket"), 0},

	// S4, T4: Host.
	{"refuses a missing Host", request("-Host:"), MissingHost},
	{"refuses two Hosts", request("+Host: example.com"), RepeatedHost},
	{"refuses two Hosts in different case", request("+HOST: other"), RepeatedHost},
	{"refuses an empty Host", request("Host: "), MalformedHost},
	{"refuses a Host with a path", request("Host: example.com/x"), MalformedHost},
	{"refuses a Host with userinfo", request("Host: a@example.com"), MalformedHost},
	{"refuses a Host with a space", request("Host: a b"), MalformedHost},
	{"refuses a Host with port 0", request("Host: example.com:0"), MalformedHost},
	{"refuses a Host with port 65536", request("Host: example.com:65536"), MalformedHost},
	{"refuses a Host with a word for port", request("Host: example.com:http"), MalformedHost},
	{"refuses a Host with an open bracket", request("Host: [::1"), MalformedHost},
	{"refuses a Host with something behind the bracket", request("Host: [::1]x"), MalformedHost},
	{"refuses a Host with a zone", request("Host: [fe80::1%25eth0]"), MalformedHost},
	{"refuses a Host with a broken escape", request("Host: ex%4"), MalformedHost},
	{"accepts a Host with port", request("Host: example.com:8080"), 0},
	{"accepts a Host with an IPv6 address", request("Host: [::1]:8080"), 0},

	// T11: no body where frames are to come.
	{"refuses a Content-Length", request("+Content-Length: 5"), RequestBody},
	{"refuses a Transfer-Encoding", request("+Transfer-Encoding: chunked"), RequestBody},
	{"refuses both (smuggling)", request("+Content-Length: 0", "+Transfer-Encoding: chunked"), RequestBody},
	{"accepts a Content-Length of 0, which websocat sends", request("+content-length: 0"), 0},

	// S5: Upgrade.
	{"refuses a missing Upgrade", request("-Upgrade:"), MissingUpgrade},
	{"refuses an Upgrade to something else", request("Upgrade: h2c"), MissingUpgrade},
	{"refuses an Upgrade that only contains the word", request("Upgrade: websockets"), MissingUpgrade},
	{"accepts Upgrade: WebSocket", request("Upgrade: WebSocket"), 0},
	{"accepts websocket in a list", request("Upgrade: h2c,, WEBSOCKET ,"), 0},
	{"does not fold Unicode (U+212A for k)", request("Upgrade: webso\u212Aet"), MissingUpgrade},

	// S6: Connection.
	{"refuses a missing Connection", request("-Connection:"), MissingConnection},
	{"refuses Connection: keep-alive", request("Connection: keep-alive"), MissingConnection},
	{"accepts keep-alive, Upgrade", request("Connection: keep-alive, Upgrade"), 0},
	{"accepts upgrade in a second field", request("Connection: close", "+Connection: upgrade"), 0},
	{"ignores empty elements (T10)", request("Connection: ,,\t, upgrade,,"), 0},

	// S7, E3150, X21, S28: the key.
	{"refuses a missing key", request("-Sec-WebSocket-Key:"), MissingKey},
	{"refuses an empty key", request("Sec-WebSocket-Key: "), MalformedKey},
	{"refuses the key abc, which gws, nbio and x/net accept", request("Sec-WebSocket-Key: abc"), MalformedKey},
	{"refuses a key of 15 bytes", request("Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4P"), MalformedKey},
	{"refuses a key of 17 bytes", request("Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEBE="), MalformedKey},
	{"refuses a key without padding", request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"), MalformedKey},
	{"refuses a key in the URL alphabet", request("Sec-WebSocket-Key: dGhlIHNhbXBs-SBub25jZQ=="), MalformedKey},
	{"refuses padding within a key", request("Sec-WebSocket-Key: dGhlIHNhbXBs=SBub25jZQ=="), MalformedKey},
	{"refuses the key printed in RFC 6455 §4.1, which is wrong", request("Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC=="), UnpaddedKey},
	{"accepts it as the erratum corrects it", request("Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA=="), 0},
	{"refuses a repeated key, which gorilla, gobwas, gws, x/net and lws accept", request("+Sec-WebSocket-Key: " + sampleKey), RepeatedKey},

	// S8, S16, S27, X25: the version.
	{"refuses a missing version", request("-Sec-WebSocket-Version:"), MissingVersion},
	{"refuses version 8, which Node's ws and lws accept", request("Sec-WebSocket-Version: 8"), UnsupportedVersion},
	{"refuses version 0", request("Sec-WebSocket-Version: 0"), UnsupportedVersion},
	{"refuses version 255", request("Sec-WebSocket-Version: 255"), UnsupportedVersion},
	{"refuses version 8 whatever its key", request("Sec-WebSocket-Version: 8", "-Sec-WebSocket-Key:"), UnsupportedVersion},
	{"refuses a version with a leading zero", request("Sec-WebSocket-Version: 013"), MalformedVersion},
	{"refuses version 256", request("Sec-WebSocket-Version: 256"), MalformedVersion},
	{"refuses a version of ten digits", request("Sec-WebSocket-Version: 4294967309"), MalformedVersion},
	{"refuses an empty version", request("Sec-WebSocket-Version: "), MalformedVersion},
	{"refuses a list of versions", request("Sec-WebSocket-Version: 13, 8"), MalformedVersion},
	{"refuses a repeated version", request("+Sec-WebSocket-Version: 13"), RepeatedVersion},

	// C20: subprotocols.
	{"refuses the founding head's COINEX protocol", request("+Sec-WebSocket-Protocol: COINEX protocol"), MalformedSubprotocol},
	{"refuses an empty subprotocol field", request("+Sec-WebSocket-Protocol: "), MalformedSubprotocol},
	{"refuses a subprotocol field of commas", request("+Sec-WebSocket-Protocol: , ,"), MalformedSubprotocol},
	{"refuses a subprotocol with a slash", request("+Sec-WebSocket-Protocol: a/b"), MalformedSubprotocol},
	{"refuses a subprotocol that is not ASCII", request("+Sec-WebSocket-Protocol: ch\xc3\xa4t"), MalformedSubprotocol},
	{"refuses a subprotocol offered twice", request("+Sec-WebSocket-Protocol: chat, chat"), RepeatedSubprotocol},
	{"refuses one offered twice over two fields", request("+Sec-WebSocket-Protocol: chat", "+sec-websocket-protocol: x,chat"), RepeatedSubprotocol},
	{"accepts several", request("+Sec-WebSocket-Protocol: superchat, chat"), 0},
	{"accepts two that differ by case (R1)", request("+Sec-WebSocket-Protocol: chat, Chat"), 0},
	{"accepts them over several fields (X24)", request("+Sec-WebSocket-Protocol: a", "+Sec-WebSocket-Protocol: b"), 0},
	{"refuses more than it can need to compare", request("+Sec-WebSocket-Protocol: " + many(200)), MalformedSubprotocol},

	// X4, X5, X6: extensions; the grammar has its own table.
	{"refuses malformed extensions, which the Go servers ignore", request("+Sec-WebSocket-Extensions: permessage-deflate; =1"), MalformedExtensions},
	{"refuses an empty extensions field", request("+Sec-WebSocket-Extensions: "), MalformedExtensions},
	{"refuses an unterminated quoted string", request(`+Sec-WebSocket-Extensions: x; a="b`), MalformedExtensions},
	{"refuses a quoted string that is no token", request(`+Sec-WebSocket-Extensions: x; a="b c"`), QuotedNotToken},
	{"accepts parameters that repeat: the extension decides (X3, X7)", request("+Sec-WebSocket-Extensions: x; a; a=1"), 0},
	{"accepts client_max_window_bits=99: the extension declines it", request("+Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99"), 0},

	// S9, S15: Origin; the policy has its own table.
	{"refuses two Origins", request("+Origin: http://example.com", "+Origin: http://example.com"), ForeignOrigin},
	{"takes an unknown field for nothing (S10)", request("+X-Anything: at all"), 0},
	{"refuses TLS on a port for ws", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", NotHTTP},
}

// many returns n different subprotocols.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("p")
		b.WriteString(strings.Repeat("x", i%50))
		b.WriteByte(byte('a' + i/50))
		b.WriteString(", ")
	}
	return b.String()
}

// judge parses and checks a head as a server does.
func judge(head string) error {
	r, _, err := ParseRequest([]byte(head), Limits{})
	if err == nil {
		_, err = CheckRequest(r)
	}
	return err
}

// S2: every violation stops a server, with the status TestEveryFaultHasItsStatus names.
func TestCheckRequest(t *testing.T) {
	for _, row := range requestRows {
		err := judge(row.head)
		if got := requirementOf(err); got != row.want {
			t.Errorf("a server %s:\n got %v\nwant %v (%s)\n%q", row.what, err, row.want, row.want.ID(), row.head)
		}
	}
}

// requirementOf returns the requirement an error is about, or 0.
func requirementOf(err error) Requirement {
	var e *Error
	if errors.As(err, &e) {
		return e.Requirement
	}
	return 0
}

func TestOrderOfFieldsDoesNotMatter(t *testing.T) { // S11
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, row := range requestRows {
		r, _, err := ParseRequest([]byte(row.head), Limits{})
		if err != nil {
			continue
		}
		for range 20 {
			rnd.Shuffle(len(r.Fields), func(i, j int) { r.Fields[i], r.Fields[j] = r.Fields[j], r.Fields[i] })
			if _, err := CheckRequest(r); (err == nil) != (row.want == 0) {
				t.Errorf("a server %s, in another order: %v\n%q", row.what, err, r.AppendRaw(nil))
			}
		}
	}
}

func TestCapturedClientsAreAccepted(t *testing.T) {
	refused := map[string]Requirement{
		"chromium-page-get":     MissingUpgrade,
		"firefox-page-get":      MissingUpgrade,
		"node-ws-pv8":           UnsupportedVersion,
		"lws-4.1.6-seed-coinex": MalformedSubprotocol,
	}
	for _, c := range captures(t, "requests.txt") {
		err := judge(string(c.bytes))
		if got := requirementOf(err); got != refused[c.name] {
			t.Errorf("the head of %s: got %v, want %v", c.name, err, refused[c.name])
		}
	}
}

func TestOfferIsRead(t *testing.T) { // X9, X22: in order, from several fields
	head := request("+Origin: http://example.com", "+Sec-WebSocket-Protocol: superchat", "+Sec-WebSocket-Protocol: chat,Chat",
		`+Sec-WebSocket-Extensions: a; b="c"; d, e`, "+Sec-WebSocket-Extensions: a")
	r, _, err := ParseRequest([]byte(head), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := Offer{
		Host: "example.com", Target: "/path", Origin: "http://example.com", Key: sampleKey,
		Subprotocols: []string{"superchat", "chat", "Chat"},
		Extensions:   []Extension{{"a", []Param{{"b", "c"}, {"d", ""}}}, {"e", nil}, {"a", nil}},
	}
	got, err := CheckRequest(r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Offer{}), ignoreParams); diff != "" {
		t.Errorf("CheckRequest (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&want, OfferOf(r), cmp.AllowUnexported(Offer{}), ignoreParams); diff != "" {
		t.Errorf("OfferOf (-want +got):\n%s", diff)
	}
	var o Offer
	for range 2 { // the second time, its lists are used again
		if err := o.Parse(r); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, o, cmp.AllowUnexported(Offer{}), ignoreParams); diff != "" {
			t.Errorf("Offer.Parse (-want +got):\n%s", diff)
		}
	}
}

// ignoreParams leaves out the room in which an Offer keeps all parameters.
var ignoreParams = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".params" }, cmp.Ignore())

func TestOfferRequest(t *testing.T) {
	o := Offer{Host: "example.com:8080", Target: "/p%2f?q", Key: sampleKey}
	want := "GET /p%2f?q HTTP/1.1\r\nHost: example.com:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: " + sampleKey + "\r\nSec-WebSocket-Version: 13\r\n"
	check := func(what, want string) {
		t.Helper()
		r, err := o.Request()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if diff := cmp.Diff(want+"\r\n", string(r.AppendRaw(nil))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("only what RFC 6455 requires is sent by default (C9, C10, C12, C13, C14, C18, T6)", want)
	o.Origin = "https://example.com"
	o.Subprotocols = []string{"superchat", "chat"}
	o.Extensions = []Extension{{"permessage-deflate", []Param{{"client_max_window_bits", ""}, {"x", "1"}}}, {"y", nil}}
	o.Fields = Fields{{Name: "user-AGENT", Value: "x/1"}, {Name: "Cookie", Value: "a=b"}}
	check("the rest follows when asked for (C17, C19, C21, C22)", want+
		"Origin: https://example.com\r\nSec-WebSocket-Protocol: superchat, chat\r\n"+
		"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; x=1, y\r\nuser-AGENT: x/1\r\nCookie: a=b\r\n")
}

func TestEveryRequestHasItsOwnKey(t *testing.T) { // C15, C16
	o := Offer{Host: "h", Target: "/"}
	seen := map[string]bool{}
	for range 100 {
		r, err := o.Request()
		if err != nil {
			t.Fatal(err)
		}
		key := r.Fields.Get("Sec-WebSocket-Key")
		if checkKey(key) != 0 || seen[key] {
			t.Fatalf("key %q is malformed or was used before", key)
		}
		seen[key] = true
	}
}

// builderRows are offers that Request refuses to put on the wire.
var builderRows = []struct {
	what  string // completes "the builder refuses ..."
	offer Offer
	want  Requirement
}{
	{"an empty host", Offer{Target: "/"}, MalformedHost},
	{"CRLF in the host", Offer{Host: "h\r\nX: y", Target: "/"}, ControlInValue},
	{"an empty target", Offer{Host: "h"}, MalformedTarget},
	{"a target with a space", Offer{Host: "h", Target: "/a HTTP/1.1"}, MalformedTarget},
	{"CRLF in the target", Offer{Host: "h", Target: "/a\r\nX:"}, MalformedTarget},
	{"a target with a fragment", Offer{Host: "h", Target: "/#"}, MalformedTarget},
	{"CRLF in the origin", Offer{Host: "h", Target: "/", Origin: "a\r\nb: c"}, ControlInValue},
	{"a subprotocol with a space", Offer{Host: "h", Target: "/", Subprotocols: []string{"COINEX protocol"}}, MalformedSubprotocol},
	{"an empty subprotocol", Offer{Host: "h", Target: "/", Subprotocols: []string{""}}, MalformedSubprotocol},
	{"a list for a subprotocol", Offer{Host: "h", Target: "/", Subprotocols: []string{"a, b"}}, MalformedSubprotocol},
	{"a subprotocol twice", Offer{Host: "h", Target: "/", Subprotocols: []string{"a", "b", "a"}}, RepeatedSubprotocol},
	{"an extension that is no token", Offer{Host: "h", Target: "/", Extensions: []Extension{{Name: "a;b"}}}, MalformedExtensions},
	{"a parameter that is no token", Offer{Host: "h", Target: "/", Extensions: []Extension{{"a", []Param{{"b", "c d"}}}}}, MalformedExtensions},
	{"a malformed key", Offer{Host: "h", Target: "/", Key: "abc"}, MalformedKey},
	{"a second Host", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "host", Value: "g"}}}, RepeatedHost},
	{"a second key", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "Sec-WebSocket-Key", Value: sampleKey}}}, RepeatedKey},
	{"a second version", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "Sec-WebSocket-Version", Value: "13"}}}, RepeatedVersion},
	{"a name with a space", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "X Y", Value: "z"}}}, MalformedField},
	{"a raw line", Offer{Host: "h", Target: "/", Fields: Fields{{Value: "anything"}}}, MalformedField},
	{"a name with CRLF", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "X\r\nY", Value: "z"}}}, MalformedField},
	{"NUL in a value", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "X", Value: "\x00"}}}, ControlInValue},
	{"LF in a value", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "X", Value: "a\nb"}}}, ControlInValue},
	{"a space before the colon", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "X", Sep: " : "}}}, SpaceBeforeColon},
	{"a line end of LF", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "X", End: "\n"}}}, BareCR},
	{"two line ends", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "X", End: "\r\n\r\n"}}}, BareCR},
	{"something behind the value", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "X", End: "y\r\n"}}}, BareCR},
	{"a body", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "Content-Length", Value: "1"}}}, RequestBody},
	{"a body of chunks", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "transfer-encoding", Value: "chunked"}}}, RequestBody},
	{"a second Origin", Offer{Host: "h", Target: "/", Origin: "a", Fields: Fields{{Name: "origin", Value: "b"}}}, ForeignOrigin},
	{"two Origins", Offer{Host: "h", Target: "/", Fields: Fields{{Name: "Origin", Value: "a"}, {Name: "Origin", Value: "a"}}}, ForeignOrigin},
	{"a subprotocol beside the offer's", Offer{Host: "h", Target: "/", Fields: Fields{{Name: fieldProtocol, Value: "a"}}}, MalformedField},
	{"an extension beside the offer's", Offer{Host: "h", Target: "/", Fields: Fields{{Name: fieldExtensions, Value: "a"}}}, MalformedField},
}

func TestBuilderRefuses(t *testing.T) {
	for _, row := range builderRows {
		if r, err := row.offer.Request(); requirementOf(err) != row.want || r != nil {
			t.Errorf("the builder refuses %s: got %v, want %v", row.what, err, row.want)
		}
	}
}

func TestServersAcceptWhatTheBuilderDoes(t *testing.T) {
	for _, fs := range []Fields{
		nil,
		{{Name: "Origin", Value: "http://h"}},
		{{Name: "Content-Length", Value: "0"}},
		{{Name: "Upgrade", Value: "h2c"}, {Name: "Connection", Value: "keep-alive"}},
		{{Name: "X", Value: "a\tb\xff", Sep: ":", End: " \r\n"}},
	} {
		r, err := (&Offer{Host: "[::1]:80", Target: "http://h/", Fields: fs}).Request()
		if err == nil {
			_, err = CheckRequest(r)
		}
		if err != nil {
			t.Errorf("with %q: %v", fs, err)
		}
	}
}

func TestBuilderNeverRewrites(t *testing.T) {
	o := Offer{
		Host: "EXAMPLE.com:80", Target: "/%7Euser/../a//b?x=%20+&y=|", Key: sampleKey, Origin: "http://http://example.com",
		Fields: Fields{{Name: "x-MiXed", Value: "a  b", Sep: ":\t", End: "  \r\n"}, {Name: "X-Empty", Sep: ":"}},
	}
	r, err := o.Request()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GET /%7Euser/../a//b?x=%20+&y=| HTTP/1.1\r\n", "Host: EXAMPLE.com:80\r\n",
		"Origin: http://http://example.com\r\n", "x-MiXed:\ta  b  \r\n", "X-Empty:\r\n"} {
		if got := string(r.AppendRaw(nil)); !strings.Contains(got, want) {
			t.Errorf("the head has %q as given:\n%s", want, got)
		}
	}
}
