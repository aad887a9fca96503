//go:build interop && unix

package interop

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The profiles are what clients send: each client connects through octet tap,
// and octet diff compares the head it has saved with the profile.
func TestProfilesAreWhatClientsSend(t *testing.T) {
	for _, tt := range []struct {
		profile string
		connect func(t *testing.T, url string)
		vary    []string // fields that differ from version to version, and from place to place
	}{
		{"node-ws", conversationOf("ws"), nil},
		{"undici", conversationOf("undici"), nil},
		{"node", conversationOf("node"), nil},
		{"bun", conversationOf("bun"), nil},
		{"deno", conversationOf("deno"), nil},
		{"python-websockets", conversationOf("websockets"), []string{"User-Agent"}},
		{"chrome", conversationOf("chromium"), []string{"User-Agent"}}, // headless here
		// It opens a connection for each of its two subprotocols, in no sure order.
		{"libwebsockets-test-client", connectLwsTestClient, []string{"Sec-WebSocket-Protocol"}},
	} {
		t.Run(tt.profile, func(t *testing.T) {
			t.Parallel()
			server := serve(t, "-allow-origin", "*", "-subprotocol", "dumb-increment-protocol", "-subprotocol", "lws-mirror-protocol")
			head := filepath.Join(t.TempDir(), "head.http")
			url, stop := startTap(t, "-to", server, "-save-head", head)
			tt.connect(t, url)
			for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
				if _, err := os.Stat(head); err == nil {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("no head was saved")
				}
			}
			stop()
			out, stderr, exit := run(t, "", octet, "diff", "-json", tt.profile, head)
			var changes []change
			if err := json.Unmarshal([]byte(out), &changes); err != nil {
				t.Fatalf("octet diff ended with status %d: %v: %s", exit, err, stderr)
			}
			for _, c := range changes {
				if c.Op != "value" || !slices.Contains(tt.vary, c.Field) {
					t.Errorf("the client does not send what the profile has: %+v", c)
				}
			}
		})
	}
}

// conversationOf connects the client of that name.
func conversationOf(name string) func(t *testing.T, url string) {
	return func(t *testing.T, url string) {
		t.Helper()
		for _, c := range clients {
			if c.name == name {
				c.run(t, url+"/echo", "")
			}
		}
	}
}

// connectLwsTestClient starts the client that libwebsockets comes with. It does
// not end by itself.
func connectLwsTestClient(t *testing.T, url string) {
	t.Helper()
	program := need(t, "libwebsockets-test-client", "apt-get install libwebsockets-test-server")
	_, port, _ := strings.Cut(strings.TrimPrefix(url, "ws://"), ":")
	start(t, nil, program, "127.0.0.1", "--port", port)
}
