package diagnose_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/handshake"
	. "github.com/octet-ws/octet/handshake/diagnose"
	"github.com/octet-ws/octet/handshake/profile"
)

// inUse are all profiles as controls, in the order of the octet command.
func inUse() []Head {
	names := []string{"node-ws", "chrome", "gobwas", "firefox", "curl"}
	list := controls()
	slices.SortStableFunc(list, func(h, g Head) int {
		rank := func(h Head) int {
			if i := slices.Index(names, h.Name); i >= 0 {
				return i
			}
			return len(names)
		}
		return rank(h) - rank(g)
	})
	return list
}

func has(r *handshake.Request, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !r.Fields.Has(name) })
}

func anyField(r *handshake.Request, holds func(handshake.Field) bool) bool {
	return slices.ContainsFunc(r.Fields, holds)
}

// before reports whether one field stands before another.
func before(r *handshake.Request, first, second string) bool {
	return r.Fields.Index(first) < r.Fields.Index(second)
}

// Picky servers that nobody has reported yet: what is found is the change that
// they ask for and nothing else. A single cause costs at most 8 attempts beside
// the baselines.
func TestPickyServers(t *testing.T) {
	const (
		chromeAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
		origin      = "http://example.com:9000"
		pmd         = "permessage-deflate"
		window      = "permessage-deflate; client_max_window_bits"
	)
	no := func(name, value string) [][]Change { return [][]Change{{{Remove, name, value, ""}}} }
	moves := func(name, from, to string) [][]Change { return [][]Change{{{Move, name, from, to}}} }
	value := func(name, from, to string) [][]Change { return [][]Change{{{Value, name, from, to}}} }
	type r = *handshake.Request
	for _, tt := range []struct {
		name    string
		suspect Head
		refuse  func(r) bool
		causes  [][]Change
	}{
		// Order.
		{"wants the version before the key", suspect(t, "libwebsockets-coinex"),
			func(r r) bool { return !before(r, "Sec-WebSocket-Version", "Sec-WebSocket-Key") },
			moves("Sec-WebSocket-Version", "last", "first")},
		{"wants the key before the version", suspect(t, "deno"),
			func(r r) bool { return !before(r, "Sec-WebSocket-Key", "Sec-WebSocket-Version") },
			moves("Sec-WebSocket-Version", "before Host", "last")},
		{"wants Upgrade before Connection", suspect(t, "gorilla"),
			func(r r) bool { return !before(r, "Upgrade", "Connection") },
			moves("Upgrade", "last", "before Connection")},
		{"wants Connection before Upgrade", suspect(t, "curl"),
			func(r r) bool { return !before(r, "Connection", "Upgrade") },
			moves("Upgrade", "before Connection", "last")},
		{"wants Host last", suspect(t, "libwebsockets-coinex"),
			func(r r) bool { return r.Fields.Index("Host") != len(r.Fields)-1 },
			moves("Host", "before Origin", "last")},
		{"wants the key last", suspect(t, "node"),
			func(r r) bool { return r.Fields.Index("Sec-WebSocket-Key") != len(r.Fields)-1 },
			moves("Sec-WebSocket-Key", "before Sec-WebSocket-Version", "last")},

		// Case.
		{"refuses a name in lower case", suspect(t, "tungstenite", set("x-trace", "1")),
			func(r r) bool {
				return anyField(r, func(f handshake.Field) bool { return f.Name == strings.ToLower(f.Name) })
			}, [][]Change{{{Case, "X-Trace", "x-trace", "X-Trace"}}}},
		{"refuses an Origin that is not in lower case", suspect(t, "firefox", set("Origin", "http://Example.com:9000")),
			func(r r) bool { o := r.Fields.Get("Origin"); return o != strings.ToLower(o) },
			no("Origin", "http://Example.com:9000")}, // the control has none
		{"wants Upgrade: WebSocket", suspect(t, "gobwas"),
			func(r r) bool { return r.Fields.Get("Upgrade") != "WebSocket" },
			[][]Change{{{Case, "Upgrade", "websocket", "WebSocket"}}}},
		{"wants the scheme of credentials capitalised", suspect(t, "node-ws", set("Authorization", "bearer abc")),
			func(r r) bool { return r.Fields.Get("Authorization") != "Bearer abc" },
			[][]Change{{{Case, "Authorization", "[redacted]", "[redacted]"}}}},

		// Elements of lists.
		{"refuses br", suspect(t, "node", set("Accept-Encoding", "gzip, deflate, br, zstd")),
			func(r r) bool { return strings.Contains(r.Fields.Get("Accept-Encoding"), "br") },
			value("Accept-Encoding", "gzip, deflate, br, zstd", "gzip, deflate, zstd")},
		{"refuses quoted parameters", suspect(t, "gws", set("Sec-WebSocket-Extensions", `permessage-deflate; client_max_window_bits="12"; server_no_context_takeover`)),
			func(r r) bool { return strings.Contains(r.Fields.Get("Sec-WebSocket-Extensions"), `"`) },
			value("Sec-WebSocket-Extensions", `permessage-deflate; client_max_window_bits="12"; server_no_context_takeover`,
				"permessage-deflate; client_max_window_bits; server_no_context_takeover")},
		{"refuses one cookie", suspect(t, "aiohttp", set("Cookie", "a=1; b=2; c=3; d=4")),
			func(r r) bool { return strings.Contains(r.Fields.Get("Cookie"), "c=3") },
			value("Cookie", "a=[redacted]; b=[redacted]; c=[redacted]; d=[redacted]", "a=[redacted]; b=[redacted]; d=[redacted]")},
		{"wants Connection: keep-alive, Upgrade", suspect(t, "chrome"),
			func(r r) bool { return r.Fields.Get("Connection") != "keep-alive, Upgrade" },
			value("Connection", "Upgrade", "keep-alive, Upgrade")},
		{"wants client_max_window_bits", suspect(t, "firefox"),
			func(r r) bool {
				return !strings.Contains(r.Fields.Get("Sec-WebSocket-Extensions"), "client_max_window_bits")
			},
			value("Sec-WebSocket-Extensions", pmd, window)},

		// What is there and what is not.
		{"wants an Origin and a User-Agent", suspect(t, "node-ws"),
			func(r r) bool { return !has(r, "Origin", "User-Agent") },
			[][]Change{{{Add, "Origin", "", origin}, {Add, "User-Agent", "", chromeAgent}}}},
		{"wants a cookie", suspect(t, "gobwas"),
			func(r r) bool { return !has(r, "Cookie") },
			[][]Change{{{Add, "Cookie", "", "[redacted]"}}}},
		{"wants Host without port", suspect(t, "chrome"),
			func(r r) bool { return strings.Contains(r.Fields.Get("Host"), ":") },
			value("Host", "example.com:9000", "example.com")},
		{"wants Sec-Fetch-Mode", suspect(t, "gorilla"),
			func(r r) bool { return !has(r, "Sec-Fetch-Mode") },
			[][]Change{{{Add, "Sec-Fetch-Mode", "", "websocket"}}}},
		{"wants v1.chat, and no extension", suspect(t, "node-ws", set("Sec-WebSocket-Protocol", "v1.chat")),
			func(r r) bool {
				return r.Fields.Get("Sec-WebSocket-Protocol") != "v1.chat" || has(r, "Sec-WebSocket-Extensions")
			}, no("Sec-WebSocket-Extensions", window)},
		{"refuses a field it does not know", suspect(t, "chrome", set("X-Trace", "1")),
			func(r r) bool {
				return anyField(r, func(f handshake.Field) bool { return strings.HasPrefix(f.Name, "X-") })
			}, no("X-Trace", "1")},
		{"takes five fields at most", suspect(t, "node-ws"),
			func(r r) bool { return len(r.Fields) > 5 }, no("Sec-WebSocket-Extensions", window)},
		{"refuses a version other than 13", suspect(t, "curl", set("Sec-WebSocket-Version", "8")),
			func(r r) bool { return r.Fields.Get("Sec-WebSocket-Version") != "13" },
			value("Sec-WebSocket-Version", "8", "13")},
		{"refuses Content-Length", suspect(t, "python-websockets", set("Content-Length", "0")),
			func(r r) bool { return has(r, "Content-Length") }, no("Content-Length", "0")},
		{"refuses what is not ASCII", suspect(t, "node", set("User-Agent", "Müller/1")),
			func(r r) bool { return strings.ContainsFunc(raw(r), func(c rune) bool { return c > 126 }) },
			no("User-Agent", "Müller/1")},
		{"refuses a tab behind the colon", suspect(t, "firefox", func(r r) { r.Fields[2].Sep = ":\t" }),
			func(r r) bool { return strings.Contains(raw(r), ":\t") },
			[][]Change{{{Spacing, "Accept", ":\t", ": "}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := explain(t, refuseIf(tt.refuse), tt.suspect, Options{Controls: inUse()})
			if d := cmp.Diff(show(tt.causes), show(report.Causes)); d != "" || report.Verdict != Explained {
				t.Errorf("verdict %s, causes (-want +got)\n%s", report.Verdict, d)
			}
			if n := beyondBaselines(report); len(tt.causes[0]) == 1 && n > 8 {
				t.Errorf("%d attempts beside the baselines, want at most 8\n%s", n, trials(report))
			}
		})
	}
}

// Whatever the two fields that a server refuses only together, each fix that is
// named is enough alone, and one change.
func TestTwoFieldsTogether(t *testing.T) {
	for _, s := range controls() {
		for i, f := range s.Request.Fields {
			for _, g := range s.Request.Fields[i+1:] {
				refuse := func(r *handshake.Request) bool { return has(r, f.Name, g.Name) }
				report := explain(t, refuseIf(refuse), s, Options{Controls: inUse()})
				if report.Control == nil { // two fields that no handshake goes without
					continue
				}
				for _, cause := range report.Causes {
					if len(cause) != 1 || cause[0].Op != Remove || cause[0].Field != RFCName(f.Name) && cause[0].Field != RFCName(g.Name) {
						t.Errorf("%s, whose %s and %s are refused together: %s", s.Name, f.Name, g.Name, show(report.Causes))
					}
				}
			}
		}
	}
}

// A server that closes connections that come too fast, without a word, hides
// what it thinks of the head. That shows in the end, and is said.
func TestServersThatCountConnections(t *testing.T) {
	for _, tt := range []struct {
		name    string
		excess  Outcome // of what is too much
		refusal Outcome // of the head
		suspect string
	}{
		{"closes, and answers 400", lost(handshake.PhaseAnswer, handshake.NoAnswer), status(400), "libwebsockets-coinex"},
		{"closes in either case", lost(handshake.PhaseAnswer, handshake.NoAnswer), lost(handshake.PhaseAnswer, handshake.NoAnswer), "libwebsockets-coinex"},
		{"answers 403 in either case", status(403), status(403), "libwebsockets-coinex"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var second time.Time
				var count int
				s := &server{answer: func(n int, a Attempt) Outcome {
					if now := time.Now(); now.Sub(second) >= time.Second {
						second, count = now, 0
					}
					if count++; count > 3 {
						return tt.excess
					}
					if hasProtocol(a.Request) {
						return tt.refusal
					}
					return accepted
				}}
				h := suspect(t, tt.suspect, set("Sec-WebSocket-Protocol", "chat"), set("X-Trace", "1"))
				opts := Options{Controls: inUse()}
				report := explain(t, s, h, opts)
				if got := show(report.Causes); got != `[[{"op":"remove","field":"Sec-WebSocket-Protocol","from":"chat","to":""}]]` {
					t.Errorf("causes %s\n%s", got, trials(report))
				}
			})
		})
	}
}

// The same, where the head that makes the difference comes late.
func TestCountedConnectionsBeforeTheControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := time.Now().Add(-time.Hour)
		s := &server{answer: func(n int, a Attempt) Outcome {
			since := time.Since(last)
			if last = time.Now(); since < time.Second && n%2 == 0 {
				return lost(handshake.PhaseAnswer, handshake.NoAnswer)
			}
			if !has(a.Request, "Sec-Fetch-Mode") {
				return status(403)
			}
			return accepted
		}}
		report := explain(t, s, suspect(t, "gorilla"), Options{Controls: inUse()})
		if got := show(report.Causes); got != `[[{"op":"add","field":"Sec-Fetch-Mode","from":"","to":"websocket"}]]` {
			t.Errorf("causes %s\n%s", got, trials(report))
		}
		if !strings.Contains(strings.Join(report.Hints, "\n"), "came too fast") {
			t.Errorf("no hint says that the server counts connections: %q", report.Hints)
		}
	})
}

// Servers that no change of the head satisfies, and one that answers 101 in a
// way that only one change mends.
func TestPickyAnswers(t *testing.T) {
	badAccept := Outcome{
		Phase:    handshake.PhaseCheck,
		Response: &handshake.Response{Proto: "HTTP/1.1", Status: 101},
		Err:      &handshake.Error{Requirement: handshake.WrongAccept},
	}
	s := &server{answer: func(n int, a Attempt) Outcome {
		if has(a.Request, "Sec-WebSocket-Extensions") {
			return badAccept
		}
		return accepted
	}}
	report := explain(t, s, suspect(t, "firefox"), Options{Controls: inUse()})
	if got := show(report.Causes); report.Suspect.Status != 101 || got != `[[{"op":"remove","field":"Sec-WebSocket-Extensions","from":"permessage-deflate","to":""}]]` {
		t.Errorf("a 101 with a wrong Accept while an extension is offered: suspect %d, causes %s", report.Suspect.Status, got)
	}

	page := status(200, handshake.Field{Name: "Content-Type", Value: "text/html; charset=utf-8"})
	s = &server{answer: func(n int, a Attempt) Outcome { return page }}
	report = explain(t, s, suspect(t, "node-ws"), Options{Controls: inUse()})
	if report.Verdict != Unexplained || report.Control != nil || report.Attempts > 60 || !strings.Contains(strings.Join(report.Hints, " "), "a web page") {
		t.Errorf("a web page whatever is sent: verdict %s, control %v, %d attempts, hints %q", report.Verdict, report.Control, report.Attempts, report.Hints)
	}
}

// The budget is never exceeded, whatever it is, and no cause is named that was
// not seen to be accepted.
func TestBudgetIsNeverExceeded(t *testing.T) {
	p, _ := profile.Lookup("chrome")
	for budget := 1; budget < 40; budget++ {
		for repeat := 1; repeat < 4; repeat++ {
			s := refuseIf(func(r *handshake.Request) bool { return has(r, "Pragma") || has(r, "Cookie") || has(r, "Origin") })
			h := Head{Name: p.Name, Request: p.Request(target)}
			h.Request.Fields.Add("Cookie", "a=1; b=2")
			report := explain(t, s, h, Options{Controls: inUse(), Budget: budget, Repeat: repeat})
			if s.attempts > budget {
				t.Errorf("budget %d, -repeat %d: %d connections", budget, repeat, s.attempts)
			}
			if (report.Verdict == Explained) != (len(report.Causes) > 0) {
				t.Errorf("budget %d: %s with causes %s", budget, report.Verdict, show(report.Causes))
			}
		}
	}
}
