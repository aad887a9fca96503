package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/diagnose"
)

// startPicky runs a server that refuses on the wire what refusal returns a
// sentence for: the bytes to answer, where "" closes without a byte. Anything
// else is accepted.
func startPicky(t *testing.T, refusal func(r *handshake.Request) (answer string, refused bool)) (address string) {
	t.Helper()
	return startListener(t, func(nc net.Conn) {
		r, _, err := readRequest(nc)
		if err != nil {
			return
		}
		if answer, refused := refusal(r); refused {
			io.WriteString(nc, answer)
			return
		}
		io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Accept: "+handshake.AcceptKey(r.Fields.Get("Sec-WebSocket-Key"))+"\r\n\r\n")
		io.Copy(io.Discard, nc)
	})
}

// Servers that are in no museum, on the wire: octet why names the change that
// each asks for and nothing else, within 8 attempts beside the two baselines
// where it is one change and the first control is accepted.
func TestWhyAgainstPickyServers(t *testing.T) {
	const refused = "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
	has := func(r *handshake.Request, name string) bool { return r.Fields.Has(name) }
	get := func(r *handshake.Request, name string) string { return r.Fields.Get(name) }
	index := func(r *handshake.Request, name string) int { return r.Fields.Index(name) }
	type r = *handshake.Request
	file := filepath.Join(t.TempDir(), "head.http")
	head := "GET /feed HTTP/1.1\r\nhost: 127.0.0.1\r\nConnection: keep-alive, upgrade\r\nUpgrade: websocket\r\nX-Device: a b\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	if err := os.WriteFile(file, []byte(head), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		args   string // @ stands for a blank in a value
		refuse func(r) bool
		want   string
		most   int // attempts
	}{
		{"the version has to come before the key", "", func(r r) bool { return index(r, "Sec-WebSocket-Version") > index(r, "Sec-WebSocket-Key") },
			"move Sec-WebSocket-Version from last to first", 10},
		{"no name in lower case", "-suspect " + file, func(r r) bool {
			for _, f := range r.Fields {
				if f.Name == strings.ToLower(f.Name) {
					return true
				}
			}
			return false
		}, `change Host from "host" to "Host"`, 10},
		{"no keep-alive", "-suspect " + file, func(r r) bool { return strings.Contains(get(r, "Connection"), "keep-alive") },
			`change Connection from "keep-alive, upgrade" to "upgrade"`, 10},
		{"no field it does not know", "-suspect " + file, func(r r) bool { return has(r, "X-Device") }, "remove X-Device: a b", 10},
		{"no br", "-suspect chrome -H Accept-Encoding:gzip,@deflate,@br,@zstd", func(r r) bool { return strings.Contains(get(r, "Accept-Encoding"), "br") },
			`change Accept-Encoding from "gzip, deflate, br, zstd" to "gzip, deflate, zstd"`, 10},
		{"the subprotocol that is offered, and no User-Agent", "-suspect gorilla -subprotocol v1.chat",
			func(r r) bool { return get(r, "Sec-WebSocket-Protocol") != "v1.chat" || has(r, "User-Agent") },
			"remove User-Agent: Go-http-client/1.1", 12},
		{"an Origin and a User-Agent", "", func(r r) bool { return !has(r, "Origin") || !has(r, "User-Agent") },
			"add Origin: http://ADDRESS; add User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36", 13},
		{"Host without port", "", func(r r) bool { return strings.Contains(get(r, "Host"), ":") },
			`change Host from "ADDRESS" to "127.0.0.1"`, 20},
		{"no quoted parameter", `-H Sec-WebSocket-Extensions:permessage-deflate;@server_max_window_bits="12"`, func(r r) bool { return strings.Contains(get(r, "Sec-WebSocket-Extensions"), `"`) },
			`change Sec-WebSocket-Extensions from "permessage-deflate; server_max_window_bits="12"" to "permessage-deflate"`, 10},
	} {
		for answer, kind := range map[string]string{refused: "400", "": "a close without a byte", "HTTP/1.1 500 \r\n\r\n": "a bare 500"} {
			address := startPicky(t, func(r *handshake.Request) (string, bool) { return answer, tt.refuse(r) })
			args := strings.Fields(tt.args)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "@", " ")
			}
			report := why(t, exitOK, "", append(args, "ws://"+address+"/feed")...)
			if got := strings.ReplaceAll(say(report.Causes), address, "ADDRESS"); got != tt.want {
				t.Errorf("%s, by %s: %q, want %q", tt.name, kind, got, tt.want)
			}
			if report.Attempts > tt.most {
				t.Errorf("%s, by %s: %d attempts, want at most %d", tt.name, kind, report.Attempts, tt.most)
			}
		}
	}
}

// Endings that no head changes, each with its verdict, exit status and hint.
func TestWhyEndings(t *testing.T) {
	serve := func(answer string) string {
		return startPicky(t, func(*handshake.Request) (string, bool) { return answer, true })
	}
	hang := startListener(t, func(nc net.Conn) { io.Copy(io.Discard, nc) })
	banner := startListener(t, func(nc net.Conn) {
		io.WriteString(nc, "220 mail.example ESMTP\r\n")
		io.Copy(io.Discard, nc)
	})
	closed, stop, err := listenAndServe(t.Context(), func(net.Conn) {})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	page := "<html>" + strings.Repeat("welcome ", 10000)
	for _, tt := range []struct {
		name, address string
		status        int
		verdict       diagnose.Verdict
		hint          string
	}{
		{"a web page", serve(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(page), page)),
			exitUnexplained, diagnose.Unexplained, "this path is not a WebSocket"},
		{"a wrong Accept", serve("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
			exitUnexplained, diagnose.Unexplained, "a cache between"},
		{"too many requests", serve("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\n\r\n"),
			exitUnexplained, diagnose.Unexplained, "too many requests"},
		{"silence", hang, exitUnreachable, diagnose.Unreachable, "said nothing until the time ran out"},
		{"another protocol", banner, exitUnreachable, diagnose.Unreachable, `220 mail.example ESMTP`},
		{"a closed port", closed, exitUnreachable, diagnose.Unreachable, "Check that the server runs"},
	} {
		timeout := "10s"
		if tt.address == hang {
			timeout = "50ms"
		}
		report := why(t, tt.status, "", "-timeout", timeout, "-budget", "12", "ws://"+tt.address+"/a%20b")
		if report.Verdict != tt.verdict || report.Control != nil || len(report.Causes) > 0 || report.Attempts > 12 {
			t.Errorf("%s: verdict %s, control %v, causes %v, %d attempts", tt.name, report.Verdict, report.Control, report.Causes, report.Attempts)
		}
		if !strings.Contains(strings.Join(report.Hints, "\n"), tt.hint) {
			t.Errorf("%s: no hint says %q: %q", tt.name, tt.hint, report.Hints)
		}
		if report.Response != nil && len(report.Response.Body) > keptBody {
			t.Errorf("%s: %d bytes of the body are in the report, want at most %d", tt.name, len(report.Response.Body), keptBody)
		}
	}
}

// Whatever the output, no credential is in it: not one of the URL, of a field,
// or of the answer.
func TestWhyShowsNoSecret(t *testing.T) {
	const secret = "hunter2"
	encoded := strings.TrimPrefix(basicAuth("ann:"+secret), "Basic ")
	address := startPicky(t, func(r *handshake.Request) (string, bool) {
		refused := r.Fields.Has("Cookie") || r.Fields.Get("Authorization") == ""
		return "HTTP/1.1 401 Unauthorized\r\nSet-Cookie: sid=" + secret + "\r\nLocation: http://ann:" + secret + "@example.com/\r\nContent-Length: 0\r\n\r\n", refused
	})
	for _, output := range [][]string{{"-json"}, {"-v"}, nil} {
		args := append(output, "-H", "Cookie: sid="+secret, "-H", "Proxy-Authorization: Basic "+encoded, "ws://ann:"+secret+"@"+address+"/")
		status, stdout, stderr := runSub(runWhy, "", args...)
		if status != exitOK {
			t.Errorf("octet why %s: exit status %d\n%s", output, status, stdout)
		}
		for _, s := range []string{secret, encoded} {
			if strings.Contains(stdout+stderr, s) {
				t.Errorf("octet why %s shows %q:\n%s%s", output, s, stdout, stderr)
			}
		}
	}
}

// The JSON of octet why has all members, in their order and of their types,
// whatever the verdict: programs rely on it.
func TestWhyContract(t *testing.T) {
	const change = `\{"op":"[a-z]+","field":"[^"]+","from":"([^"\\]|\\.)*","to":"([^"\\]|\\.)*"\}`
	const baseline = `\{"profile":"[^"]+","status":\d+\}`
	const changes = `\[(` + change + `(,` + change + `)*)?\]`
	const text = `"([^"\\]|\\.)*"`
	const texts = `\[(` + text + `(,` + text + `)*)?\]`
	const trial = `\{"changes":` + changes + `,"status":\d+,"phase":"[a-z]+","accepted":(true|false)\}`
	contract := regexp.MustCompile(`^\{"url":"wss?://[^"]+","verdict":"(accepted|explained|unexplained|unreachable)",` +
		`"control":(null|` + baseline + `),"suspect":` + baseline + `,"causes":\[(` + changes + `(,` + changes + `)*)?\],` +
		`"attempts":\d+,"tried":\[` + trial + `(,` + trial + `)*\],"hints":` + texts + `,` +
		`"response":(null|\{"status":\d+,"reason":` + text + `,"fields":\[(\[` + text + `,` + text + `\](,\[` + text + `,` + text + `\])*)?\],"body":` + text + `\})\}$`)
	drops := startPicky(t, func(*handshake.Request) (string, bool) { return "", true })
	accepts := startPicky(t, func(*handshake.Request) (string, bool) { return "", false })
	refuses := startPicky(t, func(*handshake.Request) (string, bool) { return "HTTP/1.1 403 \r\n\r\n<\"\x00\xff", true })
	for name, args := range map[string][]string{
		"the demo":                  {"-demo"},
		"a server that accepts":     {"ws://" + accepts + "/"},
		"a server that refuses":     {"-budget", "9", "ws://" + refuses + "/"},
		"a server that says naught": {"-budget", "9", "ws://" + drops + "/"},
	} {
		_, stdout, _ := runSub(runWhy, "", append(args, "-json")...)
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(stdout)); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, stdout)
		}
		if !contract.Match(compact.Bytes()) {
			t.Errorf("the report on %s is not as the contract has it:\n%s", name, compact.Bytes())
		}
	}
}

// What octet tap saves of a client, octet why explains.
func TestWhyOfASavedHead(t *testing.T) {
	server := startRule(t, "subprotocol-present")
	head := filepath.Join(t.TempDir(), "head.http")
	tap := startTap(t, "-to", "ws://"+server, "-save-head", head)
	if status, _, _ := runSub(runDial, "", "-subprotocol", "chat", "-H", "X-Device: 7", "ws://"+tap.addr+"/feed"); status != exitFail {
		t.Errorf("octet dial through octet tap, to a server that refuses subprotocols: status %d, want %d", status, exitFail)
	}
	if status := tap.stop(); status != exitOK {
		t.Errorf("octet tap: status %d, says %s", status, tap.stderr)
	}
	report := why(t, exitOK, "", "-suspect", head, "ws://"+server+"/feed")
	if got := say(report.Causes); got != "remove Sec-WebSocket-Protocol: chat" || report.Attempts > 10 {
		t.Errorf("octet why of the saved head: %q in %d attempts", got, report.Attempts)
	}
}
