package diagnose_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/handshake"
	. "github.com/octet-ws/octet/handshake/diagnose"
)

func hasProtocol(r *handshake.Request) bool { return r.Fields.Has("Sec-WebSocket-Protocol") }

var removeProtocol = [][]Change{{{Remove, "Sec-WebSocket-Protocol", "COINEX protocol", ""}}}

func TestVerdicts(t *testing.T) {
	silent := lost(handshake.PhaseAnswer, handshake.Silent)
	dropped := lost(handshake.PhaseAnswer, handshake.NoAnswer)
	coinex := suspect(t, "libwebsockets-coinex")
	for _, tt := range []struct {
		name    string
		answer  func(n int, a Attempt) Outcome
		opts    Options
		verdict Verdict
		causes  [][]Change
		control string // name; "" if there is none
		hint    string // part of one
		most    int    // attempts
	}{
		{
			name:    "the suspect is accepted",
			answer:  func(n int, a Attempt) Outcome { return accepted },
			verdict: Accepted, causes: [][]Change{}, most: 1,
		}, {
			name: "a server that drops what it does not like",
			answer: func(n int, a Attempt) Outcome {
				if hasProtocol(a.Request) {
					return dropped
				}
				return accepted
			},
			verdict: Explained, causes: removeProtocol, control: "node-ws", hint: "without a byte", most: 10,
		}, {
			name: "a server that hangs on what it does not like",
			answer: func(n int, a Attempt) Outcome {
				if hasProtocol(a.Request) {
					return silent
				}
				return accepted
			},
			verdict: Explained, causes: removeProtocol, control: "node-ws", hint: "said nothing until the time ran out", most: 10,
		}, {
			name: "a server that answers every fourth request with 503",
			answer: func(n int, a Attempt) Outcome {
				if n%4 == 0 {
					return status(503)
				}
				if hasProtocol(a.Request) {
					return status(400)
				}
				return accepted
			},
			opts:    Options{Repeat: 3},
			verdict: Explained, causes: removeProtocol, control: "node-ws", hint: "does not always answer alike", most: 20,
		}, {
			name: "a server that refuses every other request, whatever it is",
			answer: func(n int, a Attempt) Outcome {
				if n%2 == 1 {
					return status(503)
				}
				return accepted
			},
			verdict: Unexplained, causes: [][]Change{}, control: "node-ws", hint: "-repeat 5", most: 60,
		}, {
			name:    "a path that is no WebSocket",
			answer:  func(n int, a Attempt) Outcome { return status(404) },
			verdict: Unexplained, causes: [][]Change{}, hint: "nothing lives at this path", most: 60,
		}, {
			name: "a redirect is a hint, and not followed",
			answer: func(n int, a Attempt) Outcome {
				return status(308, handshake.Field{Name: "Location", Value: "https://example.com/new"})
			},
			verdict: Unexplained, causes: [][]Change{}, hint: "It points to wss://example.com/new", most: 60,
		}, {
			name:    "an unknown host",
			answer:  func(n int, a Attempt) Outcome { return lost(handshake.PhaseResolve, handshake.Transport) },
			verdict: Unreachable, causes: [][]Change{}, hint: "phase resolve", most: 1,
		}, {
			name:    "a closed port",
			answer:  func(n int, a Attempt) Outcome { return lost(handshake.PhaseConnect, handshake.Transport) },
			verdict: Unreachable, causes: [][]Change{}, hint: "phase connect", most: 1,
		}, {
			name:    "a server that closes without a byte, always",
			answer:  func(n int, a Attempt) Outcome { return dropped },
			verdict: Unreachable, causes: [][]Change{}, hint: "without a byte", most: 60,
		}, {
			name: "a server that goes away in the middle",
			answer: func(n int, a Attempt) Outcome {
				if n > 3 {
					return lost(handshake.PhaseConnect, handshake.Transport)
				}
				return status(403)
			},
			verdict: Unexplained, causes: [][]Change{}, hint: "403", most: 6,
		}, {
			name: "something else than HTTP",
			answer: func(n int, a Attempt) Outcome {
				o := lost(handshake.PhaseAnswer, handshake.NotHTTP)
				o.Received = []byte("SSH-2.0-OpenSSH_9.9\r\n")
				return o
			},
			verdict: Unreachable, causes: [][]Change{}, hint: `SSH-2.0-OpenSSH_9.9\r\n`, most: 60,
		}, {
			name: "a 101 with a wrong Accept",
			answer: func(n int, a Attempt) Outcome {
				o := accepted
				o.Err = &handshake.Error{Requirement: handshake.WrongAccept}
				return o
			},
			verdict: Unexplained, causes: [][]Change{}, hint: "no WebSocket server answers", most: 60,
		}, {
			name: "a budget that is too small to find a control",
			answer: func(n int, a Attempt) Outcome {
				if a.Request.Fields.Get("User-Agent") == "" {
					return status(403)
				}
				return accepted
			},
			opts:    Options{Budget: 2},
			verdict: Unexplained, causes: [][]Change{}, hint: "budget of 2", most: 2,
		}, {
			name: "a budget that is too small to minimise",
			answer: func(n int, a Attempt) Outcome {
				if a.Request.Fields.Get("Pragma") != "" {
					return status(403)
				}
				return accepted
			},
			opts:    Options{Budget: 3},
			verdict: Unexplained, causes: [][]Change{}, control: "node-ws", hint: "budget of 3", most: 3,
		}, {
			name: "no control is accepted, but an edited suspect: Host without port",
			answer: func(n int, a Attempt) Outcome {
				if strings.Contains(a.Request.Fields.Get("Host"), ":") || hasProtocol(a.Request) {
					return status(400)
				}
				return accepted
			},
			verdict: Explained, causes: removeProtocol, control: VariationName, most: 11,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := explain(t, &server{answer: tt.answer}, coinex, tt.opts)
			control := ""
			if report.Control != nil {
				control = report.Control.Profile
			}
			got := []any{report.Verdict, show(report.Causes), control}
			if d := cmp.Diff([]any{tt.verdict, show(tt.causes), tt.control}, got); d != "" {
				t.Errorf("verdict, causes, control (-want +got)\n%s%s", d, trials(report))
			}
			if !strings.Contains(strings.Join(report.Hints, "\n"), tt.hint) {
				t.Errorf("no hint says %q:\n%s", tt.hint, strings.Join(report.Hints, "\n"))
			}
			if report.Attempts > tt.most {
				t.Errorf("%d attempts, want at most %d", report.Attempts, tt.most)
			}
			if b, err := json.Marshal(report); err != nil || strings.Contains(string(b), `"causes":null`) ||
				strings.Contains(string(b), `"changes":null`) || strings.Contains(string(b), `"hints":null`) || strings.Contains(string(b), `"tried":null`) {
				t.Errorf("a list in JSON is null (error %v):\n%s", err, b)
			}
		})
	}
}

// When every control is refused, edits of the suspect itself are tried.
func TestVariations(t *testing.T) {
	with := func(name, value string) func(*handshake.Request) bool {
		return func(r *handshake.Request) bool { return r.Fields.Get(name) != value }
	}
	without := func(name string) func(*handshake.Request) bool {
		return func(r *handshake.Request) bool { return !r.Fields.Has(name) }
	}
	for _, tt := range []struct {
		name    string
		suspect Head
		refuse  func(*handshake.Request) bool
		causes  [][]Change
	}{
		{"a required subprotocol", suspect(t, "node-ws"),
			func(r *handshake.Request) bool {
				return !strings.Contains(r.Fields.Get("Sec-WebSocket-Protocol"), "ocpp1.6")
			},
			[][]Change{{{Add, "Sec-WebSocket-Protocol", "", "ocpp1.6"}}}},
		{"one of two subprotocols, alone", suspect(t, "node-ws", set("Sec-WebSocket-Protocol", "v2.chat, v1.chat")),
			with("Sec-WebSocket-Protocol", "v1.chat"),
			[][]Change{{{Value, "Sec-WebSocket-Protocol", "v2.chat, v1.chat", "v1.chat"}}}},
		{"a required cookie", suspect(t, "chrome"), without("Cookie"),
			[][]Change{{{Add, "Cookie", "", "[redacted]"}}}},
		{"an Origin of the other scheme", suspect(t, "gorilla"), with("Origin", "https://example.com:9000"),
			[][]Change{{{Add, "Origin", "", "https://example.com:9000"}}}},
		{"an old form of Connection", suspect(t, "gobwas"), with("Connection", "keep-alive, Upgrade"),
			[][]Change{{{Value, "Connection", "Upgrade", "keep-alive, Upgrade"}}}},
		{"a session that only the suspect has, and a field that it should not have",
			suspect(t, "gorilla", set("Authorization", "Bearer s3cret"), set("X-Debug", "1")),
			func(r *handshake.Request) bool {
				return r.Fields.Get("Authorization") != "Bearer s3cret" || r.Fields.Has("X-Debug")
			},
			[][]Change{{{Remove, "X-Debug", "1", ""}}}},
		{"the control wears what only the application knows",
			suspect(t, "coder", set("Authorization", "Bearer s3cret")),
			func(r *handshake.Request) bool {
				return r.Fields.Get("Authorization") != "Bearer s3cret" || r.Fields.Get("User-Agent") != ""
			},
			[][]Change{{{Remove, "User-Agent", "Go-http-client/1.1", ""}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := explain(t, refuseIf(tt.refuse), tt.suspect, Options{})
			if d := cmp.Diff(show(tt.causes), show(report.Causes)); d != "" {
				t.Errorf("causes (-want +got)\n%s%s", d, trials(report))
			}
		})
	}
}

func TestTransport(t *testing.T) {
	head := suspect(t, "node-ws")
	head.TLS = TLS{ALPN: "http/1.1", SNI: "example.com", Version: "1.3"}
	alert := lost(handshake.PhaseTLS, handshake.Transport)
	for _, tt := range []struct {
		name   string
		answer func(a Attempt) Outcome
		causes [][]Change
	}{
		{"a server that takes no ALPN", func(a Attempt) Outcome {
			if a.TLS.ALPN != "" {
				return alert
			}
			return accepted
		}, [][]Change{{{Transport, FieldALPN, "http/1.1", ""}}}},
		{"a server that takes no SNI", func(a Attempt) Outcome {
			if a.TLS.SNI != "" {
				return alert
			}
			return accepted
		}, [][]Change{{{Transport, FieldSNI, "example.com", ""}}}},
		{"a firewall that does not know TLS 1.3", func(a Attempt) Outcome {
			if a.TLS.Version == "1.3" {
				return alert
			}
			return accepted
		}, [][]Change{{{Transport, FieldTLS, "1.3", "1.2"}}}},
		{"a server that answers 421 to another ALPN", func(a Attempt) Outcome {
			if a.TLS.ALPN != "" {
				return status(421)
			}
			return accepted
		}, [][]Change{{{Transport, FieldALPN, "http/1.1", ""}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &server{answer: func(n int, a Attempt) Outcome { return tt.answer(a) }}
			report := explain(t, s, head, Options{})
			if d := cmp.Diff(show(tt.causes), show(report.Causes)); d != "" {
				t.Errorf("causes (-want +got)\n%s%s", d, trials(report))
			}
		})
	}
}

// A rate limit is obeyed and does not count as a refusal; every connection
// counts as an attempt.
func TestRateLimitIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var free time.Time // when the next request is answered
		var early int
		s := &server{answer: func(n int, a Attempt) Outcome {
			if now := time.Now(); now.Before(free) {
				early++
				return status(429, handshake.Field{Name: "Retry-After", Value: "3"})
			}
			free = time.Now().Add(3 * time.Second)
			if hasProtocol(a.Request) {
				return status(400)
			}
			return accepted
		}}
		report := explain(t, s, suspect(t, "libwebsockets-coinex"), Options{})
		if d := cmp.Diff(show(removeProtocol), show(report.Causes)); d != "" {
			t.Errorf("causes (-want +got)\n%s%s", d, trials(report))
		}
		if report.Attempts > 10 || early != report.Attempts/2 {
			t.Errorf("%d attempts, %d of them too early; want each to be repeated once, after the time the server asks for", report.Attempts, early)
		}
	})
}

func TestRetryAfterAsADate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &server{answer: func(n int, a Attempt) Outcome {
			if n == 1 {
				return status(503, handshake.Field{Name: "Retry-After", Value: began.Add(20 * time.Second).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")})
			}
			return accepted
		}}
		report := explain(t, s, suspect(t, "curl"), Options{})
		if took := time.Since(began); report.Verdict != Accepted || took != 20*time.Second {
			t.Errorf("verdict %s after %v, want accepted after the 20s the server asks for", report.Verdict, took)
		}
	})
}

// A limit that does not pass is taken for a refusal, and not waited for
// forever.
func TestRateLimitWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &server{answer: func(n int, a Attempt) Outcome { return status(429) }}
		report := explain(t, s, suspect(t, "curl"), Options{})
		if took := time.Since(began); report.Verdict != Unexplained || took > time.Minute {
			t.Errorf("verdict %s after %v and %d attempts, want unexplained within a minute", report.Verdict, took, report.Attempts)
		}
	})
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := refuseIf(hasProtocol)
		report := explain(t, s, suspect(t, "libwebsockets-coinex"), Options{Pace: time.Second})
		if took := time.Since(began); took != time.Duration(report.Attempts-1)*time.Second {
			t.Errorf("%d attempts took %v, want a second between each two", report.Attempts, took)
		}
	})
}

func TestExplainEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{answer: func(n int, a Attempt) Outcome {
		if n == 5 {
			cancel()
		}
		return status(400)
	}}
	report, err := Explain(ctx, s, suspect(t, "curl"), Options{URL: testURL, Controls: controls()})
	if err != context.Canceled || report.Verdict != Unexplained || report.Attempts != 4 {
		t.Errorf("interrupted during attempt 5: error %v, verdict %s, %d attempts", err, report.Verdict, report.Attempts)
	}
}

// Nothing in the report shows a credential unless it was asked for.
func TestSecretsAreRedacted(t *testing.T) {
	secret := "c2VjcmV0"
	head := suspect(t, "chrome", set("Authorization", "Basic "+secret), set("Cookie", "sid="+secret), set("Proxy-Authorization", secret))
	s := &server{answer: func(n int, a Attempt) Outcome {
		if a.Request.Fields.Has("Authorization") {
			return status(400, handshake.Field{Name: "Set-Cookie", Value: "sid=" + secret})
		}
		return accepted
	}}
	url := testURL
	url.Userinfo = "user:" + secret
	for _, secrets := range []bool{false, true} {
		report, err := Explain(t.Context(), s, head, Options{URL: url, Controls: controls(), Secrets: secrets})
		if err != nil || report.Verdict != Explained {
			t.Fatalf("verdict %s, error %v", report.Verdict, err)
		}
		b, _ := json.Marshal(report)
		if shown := strings.Contains(string(b), secret); shown != secrets {
			t.Errorf("secrets %t: the report shows them: %t\n%s", secrets, shown, b)
		}
	}
}
