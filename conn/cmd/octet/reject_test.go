package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/octet-ws/octet/handshake/museum"
	"github.com/octet-ws/octet/tls/tlstest"
)

func TestServeRejectList(t *testing.T) {
	status, stdout, stderr := runSub(runServe, "", "-reject", "list")
	if status != exitOK || stderr != "" {
		t.Errorf("octet serve -reject list: exit status %d, standard error %q", status, stderr)
	}
	for _, r := range museum.All() {
		if !strings.Contains(stdout, r.Name+"\n    refuses "+r.Refuses+"\n    ") {
			t.Errorf("octet serve -reject list does not tell of %s and its source", r.Name)
		}
	}
	for args, want := range map[string]string{
		"-reject nonsense": "there is no rule nonsense",
		"-reject tls-1.3":  "needs -tls-cert and -tls-key",
	} {
		status, _, stderr := runSub(runServe, "", strings.Fields(args)...)
		if status != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("octet serve %s: exit status %d, standard error %q, want usage and %q", args, status, stderr, want)
		}
	}
}

// Picky servers on the wire, explained on the wire.
func TestWhyAgainstServeReject(t *testing.T) {
	dir := t.TempDir()
	root := tlstest.NewRoot(t)
	cert, key := tlstest.PEM(t, root.Leaf("127.0.0.1", "localhost"))
	files := map[string][]byte{"root.pem": root.PEM(), "cert.pem": cert, "key.pem": key}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, tt := range []struct {
		rule string
		why  string // flags
		want string
	}{
		{"subprotocol-present", "-suspect libwebsockets-coinex", "remove Sec-WebSocket-Protocol: COINEX protocol"},
		{"subprotocol-unknown", "-suspect libwebsockets-coinex", "remove Sec-WebSocket-Protocol: COINEX protocol"},
		{"subprotocol-required", "-suspect gorilla", "add Sec-WebSocket-Protocol: chat"},
		{"name-go-case", "-suspect coder", `change Sec-WebSocket-Key from "Sec-Websocket-Key" to "Sec-WebSocket-Key"`},
		{"header-order", "-suspect node-ws", "move Host from last to first"},
		{"user-agent-missing-hangs", "-suspect gobwas -timeout 200ms",
			"add User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"},
		{"extensions-offered", "-suspect firefox", "remove Sec-WebSocket-Extensions: permessage-deflate"},
		{"cookie-missing", "", "add Cookie: [redacted]"},
		{"http-1.0", "", ""},
		{"tls-alpn-h2", "", ""},
		{"tls-sni-missing", "-sni none", `change tls.sni from "" to "localhost"`},
		{"tls-1.3", "", `change tls.version from "1.3" to "1.2"`},
	} {
		rule, _ := museum.Lookup(tt.rule)
		serve := []string{"-reject", tt.rule}
		args := append(strings.Fields(tt.why), "-root", file("root.pem"))
		if rule.TLS {
			serve = append(serve, "-tls-cert", file("cert.pem"), "-tls-key", file("key.pem"))
		}
		s := startServe(t, serve...)
		report := why(t, exitOK, "", append(args, strings.Replace(s.url, "127.0.0.1", "localhost", 1))...)
		if got := say(report.Causes); got != tt.want {
			t.Errorf("octet why %s, against octet serve -reject %s: %q, want %q", tt.why, tt.rule, got, tt.want)
		}
		s.stop()
	}
}
