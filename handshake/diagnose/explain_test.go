package diagnose_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/handshake"
	. "github.com/octet-ws/octet/handshake/diagnose"
	"github.com/octet-ws/octet/handshake/profile"
)

// A server is a server made of one function: the outcome of an attempt. It is
// its own Prober and counts attempts.
type server struct {
	answer   func(n int, a Attempt) Outcome
	attempts int
}

func (s *server) Probe(ctx context.Context, a Attempt) Outcome {
	s.attempts++
	return s.answer(s.attempts, a)
}

// refuseIf is a server that answers 400 where refuse holds, and 101 otherwise.
func refuseIf(refuse func(r *handshake.Request) bool) *server {
	return &server{answer: func(n int, a Attempt) Outcome {
		if refuse(a.Request) {
			return status(400)
		}
		return accepted
	}}
}

var accepted = Outcome{Phase: handshake.PhaseCheck, Response: &handshake.Response{Proto: "HTTP/1.1", Status: 101, Reason: "Switching Protocols"}}

func status(code int, fields ...handshake.Field) Outcome {
	return Outcome{
		Phase:    handshake.PhaseAnswer,
		Response: &handshake.Response{Proto: "HTTP/1.1", Status: code, Fields: fields},
		Err:      &handshake.Error{Requirement: handshake.NotSwitching},
	}
}

func lost(phase handshake.Phase, r handshake.Requirement) Outcome {
	return Outcome{Phase: phase, Err: &handshake.Error{Requirement: r}}
}

var testURL = handshake.URL{Host: "example.com", Port: "9000", Target: "/feed"}

// controls are the profiles of that name, or all of them.
func controls(names ...string) []Head {
	var heads []Head
	for _, p := range profile.All() {
		if names == nil || slices.Contains(names, p.Name) {
			heads = append(heads, Head{Name: p.Name, Request: p.Request(target)})
		}
	}
	return heads
}

func suspect(t testing.TB, name string, edits ...func(r *handshake.Request)) Head {
	t.Helper()
	p, ok := profile.Lookup(name)
	if !ok {
		t.Fatalf("no profile %s", name)
	}
	r := p.Request(target)
	for _, edit := range edits {
		edit(r)
	}
	return Head{Name: name, Request: r}
}

func set(name, value string) func(*handshake.Request) {
	return func(r *handshake.Request) { r.Fields.Set(name, value) }
}

func explain(t testing.TB, s *server, h Head, opts Options) *Report {
	t.Helper()
	opts.URL = testURL
	if opts.Controls == nil {
		opts.Controls = controls()
	}
	report, err := Explain(t.Context(), s, h, opts)
	if err != nil {
		t.Fatalf("Explain: %v", err)
	}
	if report.Attempts != s.attempts || report.Attempts != len(report.Tried) {
		t.Errorf("report of %d attempts with %d entries after %d connections", report.Attempts, len(report.Tried), s.attempts)
	}
	return report
}

// show writes causes as JSON, for tables.
func show(causes [][]Change) string {
	b, err := json.Marshal(causes)
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(string(b), `\"`, `"`)
}

// beyondBaselines counts the attempts after the first that was accepted.
func beyondBaselines(r *Report) int {
	control := slices.IndexFunc(r.Tried, func(t Trial) bool { return t.Accepted })
	return r.Attempts - control - 1
}

func trials(r *Report) string {
	var b strings.Builder
	for i, t := range r.Tried {
		fmt.Fprintln(&b, i+1, t.Accepted, t.Changes)
	}
	return b.String()
}

func TestExplain(t *testing.T) {
	has := func(name string) func(*handshake.Request) bool {
		return func(r *handshake.Request) bool { return r.Fields.Has(name) }
	}
	spelt := func(name string) func(*handshake.Request) bool {
		return func(r *handshake.Request) bool {
			return slices.ContainsFunc(r.Fields, func(f handshake.Field) bool { return f.Name == name })
		}
	}
	for _, tt := range []struct {
		name    string
		suspect Head
		refuse  func(r *handshake.Request) bool
		causes  [][]Change
		most    int // attempts beside the two baselines
	}{
		{"a subprotocol is refused", suspect(t, "libwebsockets-coinex"), has("Sec-WebSocket-Protocol"),
			[][]Change{{{Remove, "Sec-WebSocket-Protocol", "COINEX protocol", ""}}}, 3},
		{"an Origin is refused", suspect(t, "firefox"), has("Origin"),
			[][]Change{{{Remove, "Origin", "http://example.com:9000", ""}}}, 8},
		{"Go's case of the key is refused", suspect(t, "coder"), spelt("Sec-Websocket-Key"),
			[][]Change{{{Case, "Sec-WebSocket-Key", "Sec-Websocket-Key", "Sec-WebSocket-Key"}}}, 8},
		{"a Host without port is refused", suspect(t, "libwebsockets"),
			func(r *handshake.Request) bool { return !strings.HasSuffix(r.Fields.Get("Host"), ":9000") },
			[][]Change{{{Value, "Host", "example.com", "example.com:9000"}}}, 8},
		{"a User-Agent is refused", suspect(t, "gorilla"), has("User-Agent"),
			[][]Change{{{Remove, "User-Agent", "Go-http-client/1.1", ""}}}, 8},
		{"Accept-Encoding is refused", suspect(t, "chrome"), has("Accept-Encoding"),
			[][]Change{{{Remove, "Accept-Encoding", "gzip, deflate", ""}}}, 8},
		{"a missing extension is refused", suspect(t, "gobwas"),
			func(r *handshake.Request) bool { return !r.Fields.Has("Sec-WebSocket-Extensions") },
			[][]Change{{{Add, "Sec-WebSocket-Extensions", "", "permessage-deflate"}}}, 8},
		{"Connection is compared letter by letter", suspect(t, "aiohttp"),
			func(r *handshake.Request) bool { return r.Fields.Get("Connection") != "Upgrade" },
			[][]Change{{{Case, "Connection", "upgrade", "Upgrade"}}}, 8},
		{"Host has to be first", suspect(t, "node-ws"),
			func(r *handshake.Request) bool { return r.Fields.Index("Host") != 0 },
			[][]Change{{{Move, "Host", "last", "first"}}}, 9},
		{"Host has to be first, for a client that begins with others", suspect(t, "libwebsockets"),
			func(r *handshake.Request) bool { return r.Fields.Index("Host") != 0 },
			[][]Change{{{Move, "Host", "before Upgrade", "first"}}}, 9},
		{"HTTP/1.0 is refused", suspect(t, "curl", func(r *handshake.Request) { r.Proto = "HTTP/1.0" }),
			func(r *handshake.Request) bool { return r.Proto != "HTTP/1.1" },
			[][]Change{{{Value, FieldVersion, "HTTP/1.0", "HTTP/1.1"}}}, 8},
		{"one of two subprotocols is refused", suspect(t, "firefox", set("Sec-WebSocket-Protocol", "chat, superchat")),
			func(r *handshake.Request) bool {
				return strings.Contains(r.Fields.Get("Sec-WebSocket-Protocol"), "superchat")
			},
			[][]Change{{{Value, "Sec-WebSocket-Protocol", "chat, superchat", "chat"}}}, 8},
		{"one parameter is refused", suspect(t, "node-ws"),
			func(r *handshake.Request) bool {
				return strings.Contains(r.Fields.Get("Sec-WebSocket-Extensions"), "client_max_window_bits")
			},
			[][]Change{{{Value, "Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits", "permessage-deflate"}}}, 8},
		{"a long cookie makes the head too long", suspect(t, "chrome", set("Cookie", strings.Repeat("x", 9000))),
			func(r *handshake.Request) bool { return len(raw(r)) > 8192 },
			[][]Change{{{Value, FieldLength, "9495", "485"}}}, 9},
		{"a head is a little too long", suspect(t, "chrome"),
			func(r *handshake.Request) bool { return len(raw(r)) > 300 },
			[][]Change{{{Value, FieldLength, "485", "287"}}}, 16},
		{"one cookie of three is refused", suspect(t, "chrome", set("Cookie", "a=1; b=2; c=3")),
			func(r *handshake.Request) bool { return strings.Contains(r.Fields.Get("Cookie"), "b=2") },
			[][]Change{{{Value, "Cookie", "a=[redacted]; b=[redacted]; c=[redacted]", "a=[redacted]; c=[redacted]"}}}, 8},
		{"blanks at the end of a line are refused", suspect(t, "chrome", func(r *handshake.Request) { r.Fields[3].End = "  \r\n" }),
			func(r *handshake.Request) bool { return strings.Contains(raw(r), " \r\n") },
			[][]Change{{{Spacing, "Cache-Control", ": …  ", ": "}}}, 8},
		{"a folded line is refused", Head{Name: "file", Request: head(t, "GET /feed HTTP/1.1\r\nHost: example.com:9000\r\nUpgrade:\r\n websocket\r\n"+
			"Connection: Upgrade\r\nSec-WebSocket-Key: "+testKey+"\r\nSec-WebSocket-Version: 13\r\n\r\n")},
			func(r *handshake.Request) bool { return r.Fields.Has("") || r.Fields.Get("Upgrade") == "" },
			[][]Change{{{Value, "Upgrade", "", "websocket"}, {Remove, "Upgrade", " websocket", ""}}}, 9},
		{"a missing User-Agent and a missing Origin are refused", suspect(t, "gobwas"),
			func(r *handshake.Request) bool { return !r.Fields.Has("User-Agent") || !r.Fields.Has("Origin") },
			[][]Change{{{Add, "Origin", "", "http://example.com:9000"}, {Add, "User-Agent", "",
				"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"}}}, 9},
		{"A or B is refused", suspect(t, "chrome"),
			func(r *handshake.Request) bool { return r.Fields.Has("Pragma") || r.Fields.Has("Cache-Control") },
			[][]Change{{{Remove, "Pragma", "no-cache", ""}, {Remove, "Cache-Control", "no-cache", ""}}}, 20},
		{"A only together with B is refused", suspect(t, "chrome"),
			func(r *handshake.Request) bool { return r.Fields.Has("Origin") && r.Fields.Has("Accept-Language") },
			[][]Change{{{Remove, "Origin", "http://example.com:9000", ""}}, {{Remove, "Accept-Language", "en-US,en;q=0.9", ""}}}, 20},
		{"lower-case names are refused", suspect(t, "node"),
			func(r *handshake.Request) bool {
				return slices.ContainsFunc(r.Fields, func(f handshake.Field) bool { return f.Name == strings.ToLower(f.Name) })
			},
			[][]Change{{
				{Case, "Host", "host", "Host"}, {Case, "Connection", "connection", "Connection"}, {Case, "Upgrade", "upgrade", "Upgrade"},
				{Case, "Sec-WebSocket-Key", "sec-websocket-key", "Sec-WebSocket-Key"}, {Case, "Sec-WebSocket-Version", "sec-websocket-version", "Sec-WebSocket-Version"},
				{Case, "Sec-WebSocket-Extensions", "sec-websocket-extensions", "Sec-WebSocket-Extensions"},
				{Case, "Accept", "accept", "Accept"}, {Case, "Accept-Language", "accept-language", "Accept-Language"},
				{Case, "Sec-Fetch-Mode", "sec-fetch-mode", "Sec-Fetch-Mode"}, {Case, "User-Agent", "user-agent", "User-Agent"},
				{Case, "Pragma", "pragma", "Pragma"}, {Case, "Cache-Control", "cache-control", "Cache-Control"}, {Case, "Accept-Encoding", "accept-encoding", "Accept-Encoding"},
			}}, 40},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := explain(t, refuseIf(tt.refuse), tt.suspect, Options{})
			if report.Verdict != Explained {
				t.Errorf("verdict %s, want explained", report.Verdict)
			}
			if d := cmp.Diff(show(tt.causes), show(report.Causes)); d != "" {
				t.Errorf("causes (-want +got)\n%s", d)
			}
			if n := beyondBaselines(report); n > tt.most {
				t.Errorf("%d attempts beside the baselines, want at most %d\n%s", n, tt.most, trials(report))
			}
			if report.Heads.Fixed != nil && tt.refuse(report.Heads.Fixed) {
				t.Errorf("the mended head is refused:\n%s", raw(report.Heads.Fixed))
			}
		})
	}
}
