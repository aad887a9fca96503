package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/octet-ws/octet/handshake/diagnose"
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

// Every picky server of the museum on the wire, explained on the wire.
func TestWhyAgainstServeReject(t *testing.T) {
	dir := t.TempDir()
	root := tlstest.NewRoot(t)
	cert, key := tlstest.PEM(t, root.Leaf("127.0.0.1", "localhost"))
	head := func(start, before, after string) []byte {
		return []byte(start + "\r\n" + before + "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Key: " + sampleKey + "\r\nSec-WebSocket-Version: 13\r\n" + after + "\r\n")
	}
	const start = "GET / HTTP/1.1"
	plain := head(start, "", "")
	files := map[string][]byte{
		"root.pem": root.PEM(), "cert.pem": cert, "key.pem": key,
		"empty":    head(start, "", "Sec-WebSocket-Protocol: \r\n"),
		"lower":    bytes.Replace(plain, []byte("Sec-WebSocket-Key"), []byte("sec-websocket-key"), 1),
		"twohosts": head(start, "Host: a\r\n", ""),
		"twokeys":  head(start, "", "Sec-WebSocket-Key: "+sampleKey+"\r\n"),
		"old":      head("GET / HTTP/1.0", "", ""),
		"post":     head("POST / HTTP/1.1", "", ""),
		"space":    bytes.Replace(plain, []byte("Upgrade:"), []byte("Upgrade :"), 1),
		"lf":       bytes.ReplaceAll(plain, []byte("\r\n"), []byte("\n")),
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	const agent = "add User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
	seen := map[string]bool{}
	for _, tt := range []struct {
		rule string
		why  string // flags; DIR is where the files are, _ is a blank in a value
		want string // ADDRESS stands for the server's
	}{
		{"subprotocol-present", "-suspect libwebsockets-coinex", "remove Sec-WebSocket-Protocol: COINEX protocol"},
		{"subprotocol-not-a-token", "-suspect chrome -subprotocol my_protocol", "remove Sec-WebSocket-Protocol: my protocol"},
		{"subprotocol-empty", "-suspect DIR/empty", "remove Sec-WebSocket-Protocol: "},
		{"subprotocol-unknown", "-suspect libwebsockets-coinex", "remove Sec-WebSocket-Protocol: COINEX protocol"},
		{"subprotocol-list", "-subprotocol chat -subprotocol json", `change Sec-WebSocket-Protocol from "chat, json" to "chat"`},
		{"subprotocol-required", "-suspect gorilla", "add Sec-WebSocket-Protocol: chat"},
		{"subprotocol-repeated", "-subprotocol chat -subprotocol chat", `change Sec-WebSocket-Protocol from "chat, chat" to "chat"`},
		{"name-go-case", "-suspect coder", `change Sec-WebSocket-Key from "Sec-Websocket-Key" to "Sec-WebSocket-Key"`},
		{"name-lower-case", "-suspect DIR/lower", `change Sec-WebSocket-Key from "sec-websocket-key" to "Sec-WebSocket-Key"`},
		{"upgrade-mixed-case", "-H Upgrade:WebSocket", `change Upgrade from "WebSocket" to "websocket"`},
		{"connection-list", "-suspect firefox -H Connection:keep-alive,_Upgrade", `change Connection from "keep-alive, Upgrade" to "Upgrade"`},
		{"connection-lower-case", "-suspect aiohttp", `change Connection from "upgrade" to "Upgrade"`},
		{"origin-missing", "", "add Origin: http://ADDRESS"},
		{"origin-foreign", "-origin http://evil.example", "remove Origin: http://evil.example"},
		{"origin-scheme", "-suspect websocket-client", "remove Origin: http://ADDRESS"},
		{"origin-malformed", "-origin http://https://a", "remove Origin: http://https://a"},
		{"host-without-port", "-suspect libwebsockets", `change Host from "127.0.0.1" to "ADDRESS"`},
		{"host-with-port", "-suspect gorilla", `change Host from "ADDRESS" to "127.0.0.1"`},
		{"host-repeated", "-suspect DIR/twohosts -keep-host", "do not repeat Host: a"},
		{"user-agent-missing", "", agent},
		{"user-agent-missing-hangs", "-suspect gobwas -timeout 200ms", agent},
		{"user-agent-of-a-library", "-suspect gorilla", "remove User-Agent: Go-http-client/1.1"},
		{"user-agent-of-a-library-drops", "-suspect curl", "remove User-Agent: curl/8.14.1"},
		{"extensions-offered", "-suspect firefox", "remove Sec-WebSocket-Extensions: permessage-deflate"},
		{"client-max-window-bits", "-suspect chrome", `change Sec-WebSocket-Extensions from "permessage-deflate; client_max_window_bits" to "permessage-deflate"`},
		{"client-max-window-bits-value", "-H Sec-WebSocket-Extensions:permessage-deflate;_client_max_window_bits=15",
			`change Sec-WebSocket-Extensions from "permessage-deflate; client_max_window_bits=15" to "permessage-deflate; client_max_window_bits"`},
		{"header-order", "-suspect node-ws", "move Host from last to first"},
		{"head-too-long", "-H Cookie:" + strings.Repeat("a", 5000), "change (length) from "},
		{"http-1.0", "-suspect DIR/old", `change (version) from "HTTP/1.0" to "HTTP/1.1"`},
		{"method-not-get", "-suspect DIR/post", `change (method) from "POST" to "GET"`},
		{"key-repeated", "-suspect DIR/twokeys", "do not repeat Sec-WebSocket-Key: " + sampleKey},
		{"space-before-colon", "-suspect DIR/space", `write Upgrade with ": " instead of " : "`},
		{"line-end", "-suspect DIR/lf", `change (line-end) from "LF" to "CRLF"`},
		{"accept-encoding", "-suspect chrome", "remove Accept-Encoding: gzip, deflate, br, zstd"},
		{"cookie-missing", "", "add Cookie: [redacted]"},
		{"redirect", "-suspect firefox", "add Cookie: [redacted]"},
		{"rate-limit", "-subprotocol chat", "remove Sec-WebSocket-Protocol: chat"},
		{"flaky", "-suspect websocket-client -repeat 3", "remove Origin: http://ADDRESS"},
		{"tls-alpn-missing", "", ""}, // octet why offers http/1.1
		{"tls-alpn-h2", "", ""},
		{"tls-sni-missing", "-sni none", `change tls.sni from "" to "localhost"`},
		{"tls-1.3", "", `change tls.version from "1.3" to "1.2"`},
	} {
		seen[tt.rule] = true
		t.Run(tt.rule, func(t *testing.T) {
			rule, _ := museum.Lookup(tt.rule)
			serve := []string{"-reject", tt.rule}
			args := strings.Fields(strings.ReplaceAll(tt.why, "DIR", dir))
			for i := range args {
				if !strings.HasPrefix(args[i], "/") && !strings.Contains(args[i], "_max_") {
					args[i] = strings.ReplaceAll(args[i], "_", " ")
				}
				args[i] = strings.ReplaceAll(args[i], ";_", "; ")
			}
			url := ""
			if rule.TLS {
				serve = append(serve, "-tls-cert", file("cert.pem"), "-tls-key", file("key.pem"))
				args = append(args, "-root", file("root.pem"))
			}
			s := startServe(t, serve...)
			defer s.stop()
			if url = s.url; rule.TLS {
				url = strings.Replace(url, "127.0.0.1", "localhost", 1)
			}
			report := why(t, exitOK, "", append(args, url)...)
			_, address, _ := strings.Cut(url, "://")
			if got := strings.ReplaceAll(say(report.Causes), strings.Trim(address, "/"), "ADDRESS"); got != tt.want && !(tt.rule == "head-too-long" && strings.HasPrefix(got, tt.want)) {
				t.Errorf("octet why %s, against octet serve -reject %s: %q, want %q", tt.why, tt.rule, got, tt.want)
			}
			if want := len(tt.want) > 0; want != (report.Verdict == diagnose.Explained) {
				t.Errorf("octet why %s, against octet serve -reject %s: verdict %s", tt.why, tt.rule, report.Verdict)
			}
		})
	}
	for _, r := range museum.All() {
		if !seen[r.Name] {
			t.Errorf("%s is not tried on the wire", r.Name)
		}
	}
}
