package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/octet-ws/octet/handshake/diagnose"
)

// heads for diff, by the names of the files they are written to.
var diffHeads = map[string]string{
	"plain": "GET /feed HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
	"otherkey": "GET /feed HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
	"badkey": "GET /feed HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: abc\r\nSec-WebSocket-Version: 13\r\n\r\n",
	"lf": "GET /feed HTTP/1.1\nHost: example.com\nUpgrade: websocket\nConnection: Upgrade\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n",
	"every": "GET /feed HTTP/1.1\r\nhost: example.com\r\nConnection: Upgrade\r\nUpgrade:WebSocket\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Authorization: Bearer s3cret\r\nReferer: http://user:s3cret@a/\r\n\r\n",
	"secret2": "GET /feed HTTP/1.1\r\nhost: example.com\r\nConnection: Upgrade\r\nUpgrade:WebSocket\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Authorization: Bearer s4cret\r\nReferer: http://user:s3cret@a/\r\n\r\n",
	"answer": "HTTP/1.1 101 Switching Protocols\r\n\r\n",
	"empty":  "",
}

func diffFiles(t *testing.T) (path func(string) string) {
	t.Helper()
	dir := t.TempDir()
	for name, head := range diffHeads {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(head), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) string {
		if _, ok := diffHeads[name]; ok {
			return filepath.Join(dir, name)
		}
		return name
	}
}

func TestDiff(t *testing.T) {
	path := diffFiles(t)
	for _, tt := range []struct {
		args   []string
		status int
		want   []diagnose.Change
	}{
		{[]string{"plain", "plain"}, 0, nil},
		{[]string{"plain", "otherkey"}, 0, nil},
		{[]string{"-keys", "plain", "otherkey"}, 1, []diagnose.Change{
			{Op: "value", Field: "Sec-WebSocket-Key", From: "dGhlIHNhbXBsZSBub25jZQ==", To: "AQIDBAUGBwgJCgsMDQ4PEA=="}}},
		{[]string{"plain", "badkey"}, 1, []diagnose.Change{
			{Op: "value", Field: "Sec-WebSocket-Key", From: "dGhlIHNhbXBsZSBub25jZQ==", To: "abc"}}},
		{[]string{"plain", "lf"}, 1, []diagnose.Change{{Op: "value", Field: "(line-end)", From: "CRLF", To: "LF"}}},
		{[]string{"plain", "every"}, 1, []diagnose.Change{
			{Op: "case", Field: "Host", From: "Host", To: "host"},
			{Op: "case", Field: "Upgrade", From: "websocket", To: "WebSocket"},
			{Op: "spacing", Field: "Upgrade", From: ": ", To: ":"},
			{Op: "move", Field: "Upgrade", From: "before Connection", To: "before Sec-WebSocket-Key"},
			{Op: "remove", Field: "Sec-WebSocket-Version", From: "13"},
			{Op: "duplicate", Field: "Sec-WebSocket-Key", To: "dGhlIHNhbXBsZSBub25jZQ=="},
			{Op: "add", Field: "Authorization", To: "[redacted]"},
			{Op: "add", Field: "Referer", To: "http://[redacted]@a/"}}},
		{[]string{"every", "secret2"}, 1, []diagnose.Change{
			{Op: "value", Field: "Authorization", From: "[redacted]", To: "[redacted]"}}},
		{[]string{"-secrets", "every", "secret2"}, 1, []diagnose.Change{
			{Op: "value", Field: "Authorization", From: "Bearer s3cret", To: "Bearer s4cret"}}},
		// A profile takes over what a file says about the server.
		{[]string{"plain", "gobwas"}, 1, []diagnose.Change{
			{Op: "move", Field: "Sec-WebSocket-Version", From: "last", To: "before Sec-WebSocket-Key"}}},
		{[]string{"badkey", "gobwas"}, 1, []diagnose.Change{
			{Op: "value", Field: "Sec-WebSocket-Key", From: "abc", To: sampleKey},
			{Op: "move", Field: "Sec-WebSocket-Version", From: "last", To: "before Sec-WebSocket-Key"}}},
		{[]string{"libwebsockets", "libwebsockets-coinex"}, 1, []diagnose.Change{
			{Op: "add", Field: "Origin", To: "http://example.com"},
			{Op: "add", Field: "Sec-WebSocket-Protocol", To: "COINEX protocol"}}},
	} {
		var args []string
		for _, a := range tt.args {
			args = append(args, path(a))
		}
		status, out, errs := runSub(runDiff, "", append([]string{"-json"}, args...)...)
		var got []diagnose.Change
		if err := json.Unmarshal([]byte(out), &got); err != nil || got == nil {
			t.Errorf("diff %q printed no list (%v): %q, %q", tt.args, err, out, errs)
			continue
		}
		if diff := cmp.Diff(append([]diagnose.Change{}, tt.want...), got); diff != "" || status != tt.status {
			t.Errorf("diff %q: status %d, want %d; changes (-want +got):\n%s", tt.args, status, tt.status, diff)
		}
	}
}

func TestDiffText(t *testing.T) {
	path := diffFiles(t)
	status, out, errs := runSub(runDiff, diffHeads["every"], "node-ws-nopmd", "-")
	want := strings.TrimLeft(`
    node-ws-nopmd                                │ -
    ─────────────────────────────────────────────┼─────────────────────────────────────────────
    GET /feed HTTP/1.1                           │ GET /feed HTTP/1.1
  < Sec-WebSocket-Version: 13                    │
  ↕                                              │ host: example.com
    Connection: Upgrade                          │ Connection: Upgrade
  ≠ Upgrade: websocket                           │ Upgrade:WebSocket
  ↕ Host: example.com                            │
  >                                              │ Authorization: *************
  remove Sec-WebSocket-Version: 13
`, "\n")
	if status != exitFail || errs != "" || strings.Contains(out, "\x1b") || strings.Contains(out, "s3cret") {
		t.Errorf("status %d, standard error %q; colours and secrets do not belong here:\n%s", status, errs, out)
	}
	for line := range strings.Lines(want) {
		if !strings.Contains(out, line) {
			t.Errorf("there is no line %q in\n%s", line, out)
		}
	}
	if _, out, _ := runSub(runDiff, "", path("plain"), path("plain")); !strings.Contains(out, "the heads are equal") {
		t.Errorf("equal heads are not said to be:\n%s", out)
	}
}

func TestDiffUsage(t *testing.T) {
	path := diffFiles(t)
	for _, args := range [][]string{
		{}, {"chrome"}, {"chrome", "firefox", "curl"}, {"-", "-"}, {"chrome", "no such thing"},
		{path("answer"), "chrome"}, {path("empty"), "chrome"},
	} {
		if status, out, errs := runSub(runDiff, "", args...); status != exitUsage || errs == "" || out != "" {
			t.Errorf("diff %q: status %d, %q, and %q on standard error; want %d and a reason", args, status, out, errs, exitUsage)
		}
	}
}
