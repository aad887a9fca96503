package main

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/diagnose"
	"github.com/octet-ws/octet/tls/tlstest"
)

// golden compares got with a file of testdata, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got = mask(untail(got))
	if *updateGoldens {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got)\n%s", path, d)
	}
}

var (
	ports   = regexp.MustCompile(`127\.0\.0\.1:\d{5}`)
	accepts = regexp.MustCompile(`(Sec-WebSocket-Accept: ).{28}`)
)

// mask replaces what differs from run to run with something as long.
func mask(s string) string {
	s = ports.ReplaceAllString(s, "127.0.0.1:54321")
	return accepts.ReplaceAllString(s, "${1}s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
}

// The founding story: a subprotocol that is no token, dropped by an origin
// behind a proxy.
func TestWhyDemo(t *testing.T) {
	status, stdout, stderr := runSub(runWhy, "", "-demo")
	if status != exitOK || stderr != "" {
		t.Errorf("octet why -demo: exit status %d, standard error %q", status, stderr)
	}
	golden(t, "why-demo.txt", stdout)
	for i, line := range strings.Split(stdout, "\n") {
		if n := utf8.RuneCountInString(line); n > reportWidth {
			t.Errorf("line %d of the report is %d columns wide: %s", i+1, n, line)
		}
	}

	status, stdout, stderr = runSub(runWhy, "", "-demo", "-json")
	if status != exitOK || stderr != "" {
		t.Errorf("octet why -demo -json: exit status %d, standard error %q", status, stderr)
	}
	golden(t, "why-demo.json", stdout)
	var report diagnose.Report
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	want := [][]diagnose.Change{{{Op: diagnose.Remove, Field: "Sec-WebSocket-Protocol", From: "COINEX protocol"}}}
	if d := cmp.Diff(want, report.Causes); d != "" {
		t.Errorf("causes (-want +got)\n%s", d)
	}
}

// What why says about servers of the museum, each a kind of its own.
func TestWhyTranscripts(t *testing.T) {
	for _, tt := range []struct {
		rule   string
		status int
		args   []string
	}{
		{"header-order", exitOK, []string{"-suspect", "websocket-client"}},
		{"client-max-window-bits", exitOK, []string{"-suspect", "chrome"}},
		{"user-agent-missing-hangs", exitOK, []string{"-timeout", "200ms"}},
		{"name-lower-case", exitOK, []string{"-suspect", "undici"}},
		{"subprotocol-required", exitOK, []string{"-v"}},
		{"subprotocol-unknown", exitOK, []string{"-subprotocol", "COINEX protocol", "-json"}},
		{"head-too-long", exitOK, []string{"-H", "Cookie: sid=" + strings.Repeat("abcdefgh", 600)}},
		{"redirect", exitUnexplained, []string{"-suspect", "firefox", "-budget", "3"}},
		{"origin-foreign", exitOK, nil},
	} {
		status, stdout, stderr := runSub(runWhy, "", append(tt.args, "ws://"+startRule(t, tt.rule)+"/feed")...)
		if status != tt.status || stderr != "" {
			t.Errorf("%s: exit status %d, want %d; standard error %q", tt.rule, status, tt.status, stderr)
		}
		golden(t, "why-"+tt.rule+".txt", stdout)
		for i, line := range strings.Split(stdout, "\n") {
			if n := utf8.RuneCountInString(line); n > reportWidth && !strings.HasPrefix(stdout, "{") {
				t.Errorf("%s: line %d of the report is %d columns wide: %s", tt.rule, i+1, n, line)
			}
		}
	}
}

// why runs octet why -json and returns its report.
func why(t *testing.T, wantStatus int, stdin string, args ...string) diagnose.Report {
	t.Helper()
	status, stdout, stderr := runSub(runWhy, stdin, append([]string{"-json"}, args...)...)
	var report diagnose.Report
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || status != wantStatus || stderr != "" {
		t.Fatalf("octet why %s: exit status %d, want %d; error %v; standard error %q\n%s", strings.Join(args, " "), status, wantStatus, err, stderr, stdout)
	}
	return report
}

func say(causes [][]diagnose.Change) string {
	var list []string
	for _, cause := range causes {
		list = append(list, describe(cause, 10))
	}
	return strings.Join(list, " | ")
}

// recordHeads is a server that accepts and keeps what it was sent.
func recordHeads(t *testing.T) (address string, heads func() []string) {
	t.Helper()
	var mu sync.Mutex
	var list []string
	address = startListener(t, func(nc net.Conn) {
		r, head, err := readRequest(nc)
		if err != nil {
			return
		}
		mu.Lock()
		list = append(list, string(head))
		mu.Unlock()
		out, err := new(handshake.Answer).Append(nil, r.Fields.Get("Sec-WebSocket-Key"))
		if err != nil {
			t.Error(err)
		}
		nc.Write(out)
		io.Copy(io.Discard, nc)
	})
	return address, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(list)
	}
}

// A head from a file is sent as it is, but for the key, the Host and the target.
func TestWhySuspectFromFile(t *testing.T) {
	const captured = "GET /old HTTP/1.1\r\nhost : other.example\r\nX-Odd:1 \r\nUpgrade: websocket\r\nConnection: upgrade\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
	file := filepath.Join(t.TempDir(), "head.http")
	if err := os.WriteFile(file, []byte(captured), 0o644); err != nil { // the empty line may be missing
		t.Fatal(err)
	}
	address, heads := recordHeads(t)
	key := regexp.MustCompile(`Key: [^\r]*`)
	for _, tt := range []struct {
		args  []string
		stdin string
		want  string
	}{
		{[]string{"-suspect", file}, "", strings.NewReplacer("/old", "/feed", "other.example", address).Replace(captured) + "\r\n"},
		{[]string{"-suspect", "-"}, captured + "\r\nbehind the head", strings.NewReplacer("/old", "/feed", "other.example", address).Replace(captured) + "\r\n"},
		{[]string{"-suspect", file, "-keep-host"}, "", captured + "\r\n"},
		{[]string{"-suspect", file, "-host", "third.example", "-H", "X-Odd:", "-H", "Upgrade: WebSocket", "-subprotocol", "a b", "-origin", "null"}, "",
			strings.NewReplacer("/old", "/feed", "other.example", "third.example", "X-Odd:1 \r\n", "", "websocket\r\n", "WebSocket\r\n").Replace(captured) +
				"Origin: null\r\nSec-WebSocket-Protocol: a b\r\n\r\n"},
		{nil, "", "GET /feed HTTP/1.1\r\nHost: " + address + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"},
	} {
		why(t, exitOK, tt.stdin, append(tt.args, "ws://"+address+"/feed")...)
		all := heads()
		got := all[len(all)-1]
		if d := cmp.Diff(key.ReplaceAllString(tt.want, "Key: x"), key.ReplaceAllString(got, "Key: x")); d != "" {
			t.Errorf("octet why %s sends (-want +got)\n%s", strings.Join(tt.args, " "), d)
		}
	}
	keys := map[string]bool{}
	for _, head := range heads() {
		keys[key.FindString(head)] = true
	}
	if len(keys) != len(heads()) {
		t.Errorf("%d attempts had %d keys, want a fresh one each", len(heads()), len(keys))
	}
}

// A report, and the exit status, for each way not to reach a server.
func TestWhyUnreachable(t *testing.T) {
	closed := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}()
	banner := startListener(t, func(nc net.Conn) { io.WriteString(nc, "220 mail.example ESMTP\r\n") })
	for _, tt := range []struct{ name, url, hint string }{
		{"a closed port", "ws://" + closed + "/", "phase connect"},
		{"an unknown host", "ws://host.invalid/", "phase resolve"},
		{"no HTTP", "ws://" + banner + "/", "220 mail.example ESMTP"},
		{"no TLS", "wss://" + banner + "/", "phase tls"},
	} {
		report := why(t, exitUnreachable, "", "-budget", "3", tt.url)
		if report.Verdict != diagnose.Unreachable || !strings.Contains(strings.Join(report.Hints, "\n"), tt.hint) {
			t.Errorf("%s: verdict %s, hints %q, want unreachable and %q", tt.name, report.Verdict, report.Hints, tt.hint)
		}
	}
}

// Over TLS, under a private root: the same, and the transport is varied when no
// head helps.
func TestWhyOverTLS(t *testing.T) {
	root := tlstest.NewRoot(t)
	rootFile := filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(rootFile, root.PEM(), 0o644); err != nil {
		t.Fatal(err)
	}
	conf := &tls.Config{Certificates: []tls.Certificate{root.Leaf("example.com", "127.0.0.1")}, MaxVersion: tls.VersionTLS13}
	serve := func(refuse func(r *handshake.Request, hello *tls.ClientHelloInfo) bool) string {
		return startListener(t, func(nc net.Conn) {
			var hello *tls.ClientHelloInfo
			c := conf.Clone()
			c.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
				hello = h
				return nil, nil
			}
			tc := tls.Server(nc, c)
			r, _, err := readRequest(tc)
			if err != nil {
				return
			}
			out, err := new(handshake.Answer).Append(nil, r.Fields.Get("Sec-WebSocket-Key"))
			if refuse(r, hello) {
				out, err = handshake.Refuse(&handshake.Refusal{Status: 403}).Append(nil)
			}
			if err != nil {
				t.Error(err)
			}
			tc.Write(out)
			tc.Close()
		})
	}
	for _, tt := range []struct {
		name   string
		refuse func(r *handshake.Request, hello *tls.ClientHelloInfo) bool
		want   string
	}{
		{"a subprotocol", func(r *handshake.Request, _ *tls.ClientHelloInfo) bool { return r.Fields.Has("Sec-WebSocket-Protocol") },
			"remove Sec-WebSocket-Protocol: chat"},
		{"ALPN", func(_ *handshake.Request, h *tls.ClientHelloInfo) bool { return len(h.SupportedProtos) > 0 },
			`change tls.alpn from "http/1.1" to ""`},
		{"SNI", func(_ *handshake.Request, h *tls.ClientHelloInfo) bool { return h.ServerName != "" },
			`change tls.sni from "example.com" to ""`},
		{"TLS 1.3", func(_ *handshake.Request, h *tls.ClientHelloInfo) bool {
			return slices.Contains(h.SupportedVersions, tls.VersionTLS13)
		}, `change tls.version from "1.3" to "1.2"`},
	} {
		report := why(t, exitOK, "", "-root", rootFile, "-connect", serve(tt.refuse), "-subprotocol", "chat", "wss://example.com/feed")
		if got := say(report.Causes); got != tt.want {
			t.Errorf("a server that refuses %s: %s, want %s", tt.name, got, tt.want)
		}
	}
	report := why(t, exitUnreachable, "", "-connect", serve(func(*handshake.Request, *tls.ClientHelloInfo) bool { return false }), "wss://example.com/feed")
	if hints := strings.Join(report.Hints, "\n"); !strings.Contains(hints, "-root") {
		t.Errorf("a private root that is not given: hints %s", hints)
	}
}

// What an answer says is shown, but cannot drive the terminal; credentials are
// not shown at all.
func TestWhyReportIsSafe(t *testing.T) {
	address := startListener(t, func(nc net.Conn) {
		if _, _, err := readRequest(nc); err == nil {
			io.WriteString(nc, "HTTP/1.1 403 \x1b[2JNo\r\nSet-Cookie: sid=s3cret\r\nX-Note: caf\xc3\xa9\u202e\r\nContent-Length: 6\r\n\r\n\x1b]0;x\x07")
		}
	})
	args := []string{"-H", "Authorization: Bearer s3cret", "-H", "Cookie: a=s3cret", "-budget", "4", "ws://user:s3cret@" + address + "/"}
	for _, format := range []string{"-v", "-json"} {
		_, stdout, _ := runSub(runWhy, "", append([]string{format}, args...)...)
		if strings.Contains(stdout, "s3cret") || strings.ContainsAny(stdout, "\x1b\x07") || format == "-v" && strings.Contains(stdout, "\u202e") {
			t.Errorf("octet why %s shows a secret or passes control characters on:\n%q", format, stdout)
		}
	}
	_, stdout, _ := runSub(runWhy, "", append([]string{"-secrets"}, args...)...)
	if !strings.Contains(stdout, "Cookie: a=s3cret") || !strings.Contains(stdout, "Set-Cookie: sid=s3cret") {
		t.Errorf("octet why -secrets hides them:\n%s", stdout)
	}
}
