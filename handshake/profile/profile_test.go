package profile

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var keyLine = regexp.MustCompile(`(?i)sec-websocket-key: (.*)\r\n`)

// captured is the target each capture was made for.
func captured(p Profile) Target {
	t := Target{Host: "example.com", Target: "/path", Key: keyLine.FindStringSubmatch(string(p.Capture()))[1]}
	if p.Name == "libwebsockets-test-client" {
		t.Target = "/"
	}
	return t
}

// artefacts are the lines in which a profile may differ from its capture.
var artefacts = map[string]func(string) string{
	"chrome": func(s string) string {
		return strings.Replace(strings.Replace(s, "HeadlessChrome", "Chrome", 1), "Cookie: sid=1\r\n", "", 1)
	},
	"firefox": func(s string) string { return strings.Replace(s, "Cookie: sid=1\r\n", "", 1) },
}

func TestEveryProfileIsItsCapture(t *testing.T) {
	for _, p := range All() {
		want := string(p.Capture())
		if change := artefacts[p.Name]; change != nil {
			want = change(want)
		}
		got := string(p.Request(captured(p)).AppendRaw(nil))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-capture +profile):\n%s", p.Name, diff)
		}
		if p.Source == "" || p.Description == "" || (artefacts[p.Name] != nil) && len(p.Deviations) == 0 {
			t.Errorf("%s: its provenance or deviations are not stated: %+v", p.Name, p)
		}
	}
}

// TestProfilesFollowTheTarget compares profiles with what their clients sent to
// other targets: in TLS, to another port, to this machine.
func TestProfilesFollowTheTarget(t *testing.T) {
	captures := furtherCaptures(t)
	for _, tt := range []struct {
		profile, capture string
		target           Target // the key is the capture's
	}{
		{"node-ws", "node-ws-port", Target{Host: "127.0.0.1:18080"}},
		{"node", "node20-undici-builtin-port", Target{Host: "127.0.0.1:18083"}},
		{"node", "node20-undici-builtin-wss", Target{Host: "example.com", Secure: true}},
		{"undici", "undici7-wss", Target{Host: "example.com", Secure: true}},
		{"bun", "bun-port", Target{Host: "127.0.0.1:18080"}},
		{"bun", "bun-wss", Target{Host: "example.com", Secure: true}},
		{"deno", "deno-port", Target{Host: "127.0.0.1:18080"}},
		{"deno", "deno-wss", Target{Host: "example.com", Secure: true}},
		{"chrome", "chromium-wss", Target{Host: "example.com", Secure: true}},
		{"chrome", "chromium-port", Target{Host: "127.0.0.1:18080"}},
		{"chrome", "chromium-localhost", Target{Host: "localhost:18080"}},
		{"chrome", "chromium-ip6", Target{Host: "[::1]:18080"}},
		{"firefox", "firefox-wss", Target{Host: "example.com", Secure: true}},
		{"firefox", "firefox-port", Target{Host: "127.0.0.1:18080"}},
		{"firefox", "firefox-localhost", Target{Host: "localhost:18080"}},
		{"firefox", "firefox-ip6", Target{Host: "[::1]:18080"}},
		{"libwebsockets", "lws-4.1.6-port", Target{Host: "127.0.0.1:18086"}},
		{"coder", "go-coder-port", Target{Host: "127.0.0.1:18084"}},
		{"x-net", "go-xnet-port", Target{Host: "127.0.0.1:18081"}},
	} {
		p, _ := Lookup(tt.profile)
		want, ok := captures[tt.capture]
		if !ok {
			t.Fatalf("there is no capture %s", tt.capture)
		}
		tt.target.Target, tt.target.Key = "/path", keyLine.FindStringSubmatch(want)[1]
		if change := artefacts[p.Name]; change != nil {
			want = change(want)
		}
		got := string(p.Request(tt.target).AppendRaw(nil))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-capture %s +profile):\n%s", p.Name, tt.capture, diff)
		}
	}
}

// furtherCaptures reads the captures that the tests of handshake keep, one a
// line: its name, and its bytes as a Go string.
func furtherCaptures(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.ReadFile("../testdata/requests.txt")
	if err != nil {
		t.Fatal(err)
	}
	captures := map[string]string{}
	for line := range strings.Lines(string(file)) {
		name, quoted, _ := strings.Cut(strings.TrimSpace(line), " ")
		if captures[name], err = strconv.Unquote(quoted); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return captures
}

// TestBrowsersTrustThisMachine tells hosts that are this machine from names that
// only look so.
func TestBrowsersTrustThisMachine(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "localhost:80": true, "127.0.0.1": true, "127.1.2.3:80": true, "[::1]": true, "[::1]:80": true,
		"example.com": false, "127.example.com": false, "localhost.example": false, "10.127.0.1": false, "": false,
	} {
		if got := (Target{Host: host}).trustworthy(); got != want {
			t.Errorf("ws to %q is trustworthy: %v, want %v", host, got, want)
		}
	}
}

// TestOnlyKeyHostTargetAndOriginChange sends every profile somewhere else in
// the clear; what TLS changes, TestProfilesFollowTheTarget shows.
func TestOnlyKeyHostTargetAndOriginChange(t *testing.T) {
	to := Target{Host: "192.0.2.1:8080", Target: "/x?y=%2F"}
	for _, p := range All() {
		there, here := p.Request(captured(p)), p.Request(to)
		if here.Target != to.Target || here.Raw != "" {
			t.Errorf("%s: target %q", p.Name, here.Target)
		}
		if key := here.Fields.Get("Sec-WebSocket-Key"); len(key) != 24 || key == there.Fields.Get("Sec-WebSocket-Key") {
			t.Errorf("%s: the key %q is not a new one", p.Name, key)
		}
		host, origin := to.Host, "http://"+to.Host
		if strings.HasPrefix(p.Name, "libwebsockets") {
			host, origin = "192.0.2.1", "http://192.0.2.1"
		}
		if p.Name == "x-net" {
			origin = "http://localhost/"
		}
		if got := here.Fields.Get("Host"); got != host {
			t.Errorf("%s: Host is %q, want %q", p.Name, got, host)
		}
		if got := here.Fields.Get("Origin"); got != "" && got != origin {
			t.Errorf("%s: Origin is %q, want %q", p.Name, got, origin)
		}
		for _, name := range []string{"Host", "Origin", "Sec-WebSocket-Key"} {
			if i := there.Fields.Index(name); i >= 0 {
				here.Fields[i].Value = there.Fields[i].Value
			}
		}
		if diff := cmp.Diff(there.Fields, here.Fields); diff != "" {
			t.Errorf("%s: more than that changes (-there +here):\n%s", p.Name, diff)
		}
	}
}

func TestOriginIsReplacedButNotAdded(t *testing.T) {
	for _, p := range All() {
		has := p.Request(Target{Host: "h"}).Fields.Has("Origin")
		got := p.Request(Target{Host: "h", Origin: "https://o.example"}).Fields.Get("Origin")
		if has && got != "https://o.example" || !has && got != "" {
			t.Errorf("%s: Origin is %q", p.Name, got)
		}
	}
}

func TestHostWithoutPort(t *testing.T) {
	for host, want := range map[string]string{"h": "h", "h:1": "h", "[::1]": "[::1]", "[::1]:1": "[::1]"} {
		if got := withoutPort(host); got != want {
			t.Errorf("%s without its port is %s, want %s", host, got, want)
		}
	}
}

// TestWhatProfilesSay checks each against the rules: one is illegal, and is here
// for that reason.
func TestWhatProfilesSay(t *testing.T) {
	for _, p := range All() {
		_, err := p.Request(Target{Host: "h:1", Target: "/"}).Append(nil)
		if illegal := p.Name == "libwebsockets-coinex"; (err != nil) != illegal {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func TestLookup(t *testing.T) {
	files, err := os.ReadDir("requests")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range All() {
		q, ok := Lookup(p.Name)
		if !ok || q.Description != p.Description || names[p.Name] {
			t.Errorf("%s is not found, or found twice", p.Name)
		}
		names[p.Name] = true
	}
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".http"); ok && !names[name] {
			t.Errorf("requests/%s belongs to no profile", f.Name())
		}
	}
	if _, ok := Lookup("safari"); ok {
		t.Error("there is a profile without a capture")
	}
	if All()[0].Name != "node-ws" {
		t.Error("node-ws is the first to compare with")
	}
	for _, want := range []string{"node-ws", "node", "undici", "bun", "deno", "chrome", "firefox", "curl", "libwebsockets", "libwebsockets-coinex", "gorilla", "coder",
		"gobwas", "gws", "x-net", "nbio", "python-websockets", "aiohttp", "websocket-client", "tungstenite"} {
		if !names[want] {
			t.Errorf("there is no profile %s", want)
		}
	}
}

func ExampleProfile_Request() {
	p, _ := Lookup("gobwas")
	r := p.Request(Target{Host: "example.com", Target: "/chat", Key: "dGhlIHNhbXBsZSBub25jZQ=="})
	os.Stdout.WriteString(strings.ReplaceAll(string(r.AppendRaw(nil)), "\r\n", "\n"))
	// Output:
	// GET /chat HTTP/1.1
	// Host: example.com
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Version: 13
	// Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
}
