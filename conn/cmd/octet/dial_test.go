package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
)

// startServer serves handler on loopback until the test ends, and returns its
// URL.
func startServer(t *testing.T, chooser *handshake.Chooser, handler func(*conn.Conn, *handshake.Request)) string {
	t.Helper()
	l, err := ws.Listen("tcp", "127.0.0.1:0", &ws.ListenOptions{Accept: ws.AcceptOptions{Chooser: chooser}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- l.Serve(handler) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := l.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		if err := <-done; !errors.Is(err, ws.ErrListenerClosed) {
			t.Errorf("Serve = %v", err)
		}
	})
	return "ws://" + l.Addr().String()
}

// Lines go out as messages, messages come out as lines, and nothing else does.
func TestDialPassesLines(t *testing.T) {
	url := startServer(t, nil, echo)
	for _, tt := range []struct{ name, stdin, stdout string }{
		{"nothing", "", ""},
		{"a line", "Hello\n", "Hello\n"},
		{"a line without its end", "a\nb", "a\nb\n"},
		{"an empty line", "\nx\n", "\nx\n"},
		{"a line that is not UTF-8", "\xff\n", "\xff\n"},
		{"a long line", strings.Repeat("x", 1<<20) + "\n", strings.Repeat("x", 1<<20) + "\n"},
		{"many lines", strings.Repeat("ab\n", 5000), strings.Repeat("ab\n", 5000)},
	} {
		status, stdout, stderr := runSub(runDial, tt.stdin, url)
		if status != exitOK || stdout != tt.stdout || stderr != "" {
			t.Errorf("%s: status %d, %d bytes of output, want %d; says %q", tt.name, status, len(stdout), len(tt.stdout), stderr)
		}
	}
}

// What a server says between our Close and its own is printed.
func TestDialPrintsWhatArrivesBeforeTheClose(t *testing.T) {
	const late = 200 // a timer tick apart, they all come within CloseTimeout on a busy machine too
	url := startServer(t, nil, func(c *conn.Conn, _ *handshake.Request) {
		_, first, err := c.ReadMessage()
		if err != nil {
			return
		}
		for range late {
			time.Sleep(10 * time.Microsecond)
			if c.WriteMessage(conn.Text, first) != nil {
				return
			}
		}
		c.ReadMessage() // the Close
	})
	status, stdout, stderr := runSub(runDial, "x\n", url)
	if status != exitOK || stdout != strings.Repeat("x\n", late) || stderr != "" {
		t.Errorf("status %d, %d lines of output, want %d; says %q", status, strings.Count(stdout, "\n"), late, stderr)
	}
}

// With -keep it is the server that closes.
func TestDialKeep(t *testing.T) {
	url := startServer(t, nil, func(c *conn.Conn, _ *handshake.Request) {
		if _, _, err := c.ReadMessage(); err != nil {
			return
		}
		c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if _, _, err := c.ReadMessage(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the client did not wait: %v", err)
		}
		c.WriteMessage(conn.Text, []byte("late"))
	})
	status, stdout, stderr := runSub(runDial, "x\n", "-keep", url)
	if status != exitOK || stdout != "late\n" || stderr != "" {
		t.Errorf("status %d, output %q, %q", status, stdout, stderr)
	}
}

func TestDialEcho(t *testing.T) {
	big := bytes.Repeat([]byte{0xfe}, 1<<20)
	url := startServer(t, nil, func(c *conn.Conn, _ *handshake.Request) {
		c.SetDeadline(time.Now().Add(10 * time.Second))
		for _, m := range []struct {
			t conn.MessageType
			p []byte
		}{{conn.Text, []byte("Hello")}, {conn.Binary, big}} {
			c.WriteMessage(m.t, m.p)
			if typ, p, err := c.ReadMessage(); err != nil || typ != m.t || !bytes.Equal(p, m.p) {
				t.Errorf("the echo is %v of %d bytes, %v", typ, len(p), err)
			}
		}
	})
	stdin, never := io.Pipe() // which -echo does not read
	defer never.Close()
	var out, errs bytes.Buffer
	status := runDial(&env{ctx: t.Context(), stdin: stdin, stdout: &out, stderr: &errs}, []string{"-echo", url})
	if status != exitOK || out.String() != "Hello\n"+string(big)+"\n" || errs.Len() > 0 {
		t.Errorf("status %d, %d bytes of output, says %q", status, out.Len(), errs.String())
	}
}

// writerFunc is a standard output that notices what is written.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// An interrupt closes in order.
func TestDialIsInterrupted(t *testing.T) {
	codes := make(chan frame.CloseCode, 1)
	url := startServer(t, nil, func(c *conn.Conn, _ *handshake.Request) {
		c.WriteMessage(conn.Text, []byte("Hello"))
		_, _, err := c.ReadMessage()
		codes <- conn.CloseCode(err)
	})
	ctx, cancel := context.WithCancel(t.Context())
	stdin, never := io.Pipe()
	defer never.Close()
	stdout := writerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
	var errs bytes.Buffer
	status := runDial(&env{ctx: ctx, stdin: stdin, stdout: stdout, stderr: &errs}, []string{url})
	if status != exitOK || errs.Len() > 0 {
		t.Errorf("status %d, says %q", status, errs.String())
	}
	if code := <-codes; code != frame.CloseNormal {
		t.Errorf("the server was told %d, want 1000", code)
	}
}

func TestDialFailures(t *testing.T) {
	unhappy := startServer(t, nil, func(c *conn.Conn, _ *handshake.Request) {
		c.CloseWith(t.Context(), frame.CloseInternalError, "out of\nluck")
	})
	gone := startServer(t, nil, func(c *conn.Conn, _ *handshake.Request) { c.Abort() })
	strict := startServer(t, &handshake.Chooser{Decide: func(*handshake.Request, handshake.Offer, handshake.Answer) (handshake.Answer, error) {
		return handshake.Answer{}, &handshake.Refusal{Status: 404}
	}}, nil)
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		text   string
	}{
		{"no URL", nil, exitUsage, "octet dial: want one URL (see octet dial -h)\n"},
		{"no ws URL", []string{"http://a.test/"}, exitUsage, "octet dial: handshake: the URL's scheme is neither ws nor wss"},
		{"no such profile", []string{"-profile", "netscape", unhappy}, exitUsage, "octet dial: there is no profile netscape"},
		{"no such root", []string{"-root", "absent.pem", unhappy}, exitFail, "octet dial: open absent.pem: "},
		{"half a client certificate", []string{"-cert", "x", unhappy}, exitFail, "octet dial: -cert and -key go together"},
		{"a subprotocol that is none", []string{"-subprotocol", "COINEX protocol", unhappy}, exitFail, "octet dial: handshake: a subprotocol is not a token (C20, RFC 6455 §4.1)"},
		{"a refusal", []string{strict}, exitFail, "octet dial: ws: " + strict + "/: answer: the server did not switch protocols (C24, RFC 6455 §4.1): \"404 Not Found\"\n" +
			"octet dial: 404 means that nothing lives at this path: check it letter by letter, the slash at its end too. " +
			"Some servers also answer 404 when the Host or the User-Agent is not one they expect, or when a proxy dropped Upgrade.\n" +
			"octet dial: `octet why URL` looks for the cause in the request\n"},
		{"a Close that complains", []string{unhappy}, exitFail, `octet dial: websocket: closed by the peer: 1011 internal error "out of\nluck"`},
		{"a connection that is lost", []string{gone}, exitFail, "octet dial: websocket: connection lost"},
	} {
		stdin, never := io.Pipe()
		var out, errs bytes.Buffer
		status := runDial(&env{ctx: t.Context(), stdin: stdin, stdout: &out, stderr: &errs}, tt.args)
		never.Close()
		if status != tt.status || !strings.HasPrefix(errs.String(), tt.text) || out.Len() > 0 {
			t.Errorf("%s: status %d, output %q, says\n%s\nwant %d and\n%s", tt.name, status, out.String(), errs.String(), tt.status, tt.text)
		}
	}
}

// The head is the one that the flags ask for.
func TestDialHead(t *testing.T) {
	var raw string
	url := startServer(t, &handshake.Chooser{
		Origins: []string{"*"},
		Decide: func(r *handshake.Request, _ handshake.Offer, a handshake.Answer) (handshake.Answer, error) {
			raw = r.Raw
			return a, nil
		},
	}, echo)
	host := strings.TrimPrefix(url, "ws://")
	withUser := "ws://me:pw@" + host + "/"
	for _, tt := range []struct {
		name string
		args []string
		head []string
		note string
	}{
		{"no flags", []string{url}, []string{"GET / HTTP/1.1", "Host: " + host, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: KEY", "Sec-WebSocket-Version: 13"}, ""},
		{"every flag", []string{"-host", "a.test", "-origin", "https://a.test", "-subprotocol", "v1", "-subprotocol", "v2", "-H", "uPGRADE: WebSocket", "-H", "X-a: 1", "-H", "Empty;", "-connect", host, "ws://b.test/x?y"},
			[]string{"GET /x?y HTTP/1.1", "Host: a.test", "uPGRADE: WebSocket", "Connection: Upgrade", "Sec-WebSocket-Key: KEY", "Sec-WebSocket-Version: 13", "Origin: https://a.test", "Sec-WebSocket-Protocol: v1, v2", "X-a: 1", "Empty: "}, ""},
		{"a profile", []string{"-profile", "gobwas", url},
			[]string{"GET / HTTP/1.1", "Host: " + host, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: KEY"}, ""},
		{"a profile that offers compression, and more", []string{"-profile", "node-ws", "-subprotocol", "chat", "-H", "connection: keep-alive, Upgrade", withUser},
			[]string{"GET / HTTP/1.1", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: KEY", "connection: keep-alive, Upgrade", "Upgrade: websocket", "Host: " + host, "Sec-WebSocket-Protocol: chat", "Authorization: Basic bWU6cHc="},
			"octet dial: profile node-ws offers permessage-deflate, which is not spoken here; sent without that offer\n"},
	} {
		status, _, stderr := runSub(runDial, "", tt.args...)
		if status != exitOK || stderr != tt.note {
			t.Errorf("%s: status %d, says %q, want %q", tt.name, status, stderr, tt.note)
		}
		head := regexp.MustCompile(`(Sec-WebSocket-Key: )[^\r]*`).ReplaceAllString(strings.TrimSuffix(raw, "\r\n\r\n"), "${1}KEY")
		if d := cmp.Diff(tt.head, strings.Split(head, "\r\n")); d != "" {
			t.Errorf("%s: the head (-want +got)\n%s", tt.name, d)
		}
	}
}

func TestDialVerbose(t *testing.T) {
	url := startServer(t, nil, echo)
	status, stdout, stderr := runSub(runDial, "Hello\n", "-v", "-H", "Cookie: sid=s3cret", url)
	if status != exitOK || stdout != "Hello\n" {
		t.Errorf("status %d, output %q", status, stdout)
	}
	for _, line := range []string{
		"> GET / HTTP/1.1", "> Cookie: [redacted]", "< HTTP/1.1 101 Switching Protocols",
		"> Text, 5 bytes", "< Text, 5 bytes", "> Close, 2 bytes", "< Close, 2 bytes",
	} {
		if strings.Count(stderr, line+"\n") != 1 {
			t.Errorf("%q does not stand once in\n%s", line, stderr)
		}
	}
	if strings.Contains(stderr, "s3cret") {
		t.Errorf("a secret is shown:\n%s", stderr)
	}
}

// A peer cannot drive the terminal.
func TestAppendPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"wörld\t1\n2":     "wörld\t1\n2",
		"\x1b[2J\r\x00":   `\x1b[2J\x0d\x00`,
		"\u009b31m\x7f":   `\xc29b31m\x7f`,
		"\xff\xfeok\xc3":  `\xff\xfeok\xc3`,
		"\ufffd is legal": "\ufffd is legal",
	} {
		if got := string(appendPrintable(nil, []byte(in))); got != want {
			t.Errorf("%q is printed as %q, want %q", in, got, want)
		}
	}
}
