package diagnose_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/octet-ws/octet/handshake"
	. "github.com/octet-ws/octet/handshake/diagnose"
)

// Each refusal has a hint of its own, which says what it means here.
func TestHints(t *testing.T) {
	refused := func(phase handshake.Phase, r handshake.Requirement) *handshake.RefusedError {
		return &handshake.RefusedError{Phase: phase, Err: &handshake.Error{Requirement: r, Cause: errors.New("why")}}
	}
	answered := func(status int, fields ...string) *handshake.RefusedError {
		e := refused(handshake.PhaseAnswer, handshake.NotSwitching)
		e.Response = &handshake.Response{Status: status}
		for i := 0; i < len(fields); i += 2 {
			e.Response.Fields.Add(fields[i], fields[i+1])
		}
		return e
	}
	banner := refused(handshake.PhaseAnswer, handshake.NotHTTP)
	banner.Received = []byte("SSH-2.0-x\r\n\x1b[2J")
	wrong := refused(handshake.PhaseCheck, handshake.WrongAccept)
	wrong.Response = &handshake.Response{Status: 101}
	protocol := refused(handshake.PhaseCheck, handshake.UnrequestedSubprotocol)
	protocol.Response = &handshake.Response{Status: 101}

	seen := map[string]string{}
	for _, tt := range []struct {
		name string
		err  *handshake.RefusedError
		want []string // parts, in all hints together
	}{
		{"200 with a web page", answered(200, "Content-Type", "text/html"), []string{"not a WebSocket", "proxy_set_header Upgrade", "a web page"}},
		{"204", answered(204), []string{"plain HTTP answered"}},
		{"301", answered(301, "Location", "https://h/x"), []string{"not followed", "wss://h/x"}},
		{"302", answered(302, "Location", "/login"), []string{"login page", "/login"}},
		{"303", answered(303), []string{"A redirect (303)"}},
		{"308", answered(308, "Location", "http://h/x"), []string{"A redirect (308)", "ws://h/x"}},
		{"400", answered(400), []string{"fault in it", "octet explain"}},
		{"401", answered(401), []string{"credentials"}},
		{"403", answered(403), []string{"Origin", "ClientHello"}},
		{"403 of Cloudflare", answered(403, "Server", "cloudflare"), []string{"Cloudflare", "ClientHello"}},
		{"404", answered(404), []string{"nothing lives at this path"}},
		{"405", answered(405), []string{"another method", "ALPN"}},
		{"418", answered(418), []string{"finds fault"}},
		{"426", answered(426, "Sec-WebSocket-Version", "13, 8"), []string{"dropped Upgrade", "13, 8"}},
		{"429", answered(429, "Retry-After", "120"), []string{"too many requests", "Retry-After: 120"}},
		{"431", answered(431), []string{"too long", "cookies", "-H 'Cookie:'"}},
		{"500", answered(500), []string{"its log", "optional fields"}},
		{"502", answered(502), []string{"the origin behind it dropped the handshake"}},
		{"503", answered(503), []string{"overloaded", "later"}},
		{"507", answered(507), []string{"failed on the way"}},
		{"a 101 with a wrong Accept", wrong, []string{"RFC 6455 forbids", "no WebSocket server answers"}},
		{"a 101 with a subprotocol of its own", protocol, []string{"offer the one it names"}},
		{"a TLS alert", refused(handshake.PhaseTLS, handshake.Transport), []string{"phase tls", "-root", "ClientHello"}},
		{"an unknown host", refused(handshake.PhaseResolve, handshake.Transport), []string{"phase resolve", "host name"}},
		{"a closed port", refused(handshake.PhaseConnect, handshake.Transport), []string{"phase connect", "listens on this port"}},
		{"a proxy that refuses", refused(handshake.PhaseProxy, handshake.Transport), []string{"phase proxy", "CONNECT"}},
		{"a banner", banner, []string{"does not speak HTTP", `SSH-2.0-x\r\n\x1b[2J`}},
		{"a reset", refused(handshake.PhaseAnswer, handshake.Transport), []string{"broke in phase answer", "reset"}},
		{"silence", refused(handshake.PhaseAnswer, handshake.Silent), []string{"said nothing"}},
		{"a close without a byte", refused(handshake.PhaseAnswer, handshake.NoAnswer), []string{"without a byte"}},
		{"a close within the head", refused(handshake.PhaseAnswer, handshake.CutShort), []string{"in the middle of its answer"}},
		{"a head without end", refused(handshake.PhaseAnswer, handshake.HeadTooLong), []string{"longer than the limits"}},
	} {
		all := strings.Join(Hints(tt.err), "\n")
		for _, want := range tt.want {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no hint says %q:\n%s", tt.name, want, all)
			}
		}
		if other := seen[all]; other != "" || all == "" {
			t.Errorf("%s has the hints of %q", tt.name, other)
		}
		seen[all] = tt.name
	}
}

// Of an explained refusal the report says which rule was broken, if one was,
// and what to do in libwebsockets and in Octet.
func TestRuleAndFixes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		suspect Head
		refuse  func(r *handshake.Request) bool
		section string
		fix     string
	}{
		{"a subprotocol that is no token", suspect(t, "libwebsockets-coinex"), hasProtocol, "RFC 6455 §4.1", "protocol = NULL"},
		{"a legal subprotocol", suspect(t, "libwebsockets-test-client"), hasProtocol, "", "In Octet offer no subprotocol"},
		{"HTTP/1.0", suspect(t, "curl", func(r *handshake.Request) { r.Proto = "HTTP/1.0" }),
			func(r *handshake.Request) bool { return r.Proto != "HTTP/1.1" }, "RFC 6455 §4.2.1", "Speak HTTP/1.1"},
		{"two Hosts", suspect(t, "curl", func(r *handshake.Request) { r.Fields.Add("Host", "b") }),
			func(r *handshake.Request) bool { return r.Fields.Count("Host") > 1 }, "RFC 9112 §3.2", "Send Host once"},
		{"space before a colon", suspect(t, "curl", func(r *handshake.Request) { r.Fields[0].Sep = " : " }),
			func(r *handshake.Request) bool { return strings.Contains(raw(r), " :") }, "RFC 9112 §5.1", "one colon and one blank"},
		{"Go's case", suspect(t, "coder"),
			func(r *handshake.Request) bool { return strings.Contains(raw(r), "Sec-Websocket-Key") }, "", "Write the name as Sec-WebSocket-Key"},
		{"Host without port", suspect(t, "libwebsockets"),
			func(r *handshake.Request) bool { return !strings.Contains(r.Fields.Get("Host"), ":") }, "", "info.host"},
	} {
		report := explain(t, refuseIf(tt.refuse), tt.suspect, Options{})
		if report.Section != tt.section || (report.Rule == "") != (tt.section == "") {
			t.Errorf("%s breaks %q of %q, want %q", tt.name, report.Rule, report.Section, tt.section)
		}
		if len(report.Fixes) != 1 || !strings.Contains(strings.Join(report.Fixes[0], "\n"), tt.fix) {
			t.Errorf("%s: fixes %q, want %q", tt.name, report.Fixes, tt.fix)
		}
	}
}
