package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/tls/tlstest"
)

// serveRun is octet serve under test.
type serveRun struct {
	line   string // the first of its standard output
	url    string // which that line gives
	rest   *lockedBuffer
	stderr *lockedBuffer
	stop   func() int // interrupts it and returns its status
}

// startServe runs octet serve in process on a free port.
func startServe(t *testing.T, args ...string) *serveRun {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, stdout := io.Pipe()
	r := &serveRun{rest: &lockedBuffer{}, stderr: &lockedBuffer{}}
	status := make(chan int, 1)
	go func() {
		status <- runServe(&env{ctx: ctx, stdin: strings.NewReader(""), stdout: stdout, stderr: r.stderr},
			append([]string{"-addr", "127.0.0.1:0"}, args...))
		stdout.Close()
	}()
	r.stop = sync.OnceValue(func() int { cancel(); return <-status })
	t.Cleanup(func() { r.stop() })
	lines := bufio.NewReader(out)
	r.line, _ = lines.ReadString('\n')
	go io.Copy(r.rest, lines)
	_, r.url, _ = strings.Cut(strings.TrimSpace(r.line), "listening on ")
	if r.url == "" {
		t.Fatalf("serve says %q and %q, not where it listens", r.line, r.stderr)
	}
	return r
}

func dialServe(t *testing.T, url string, opts *ws.DialOptions) *conn.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, _, err := ws.Dial(ctx, url, opts)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

func TestServeEchoes(t *testing.T) {
	s := startServe(t)
	if !regexp.MustCompile(`^listening on ws://127\.0\.0\.1:[1-9][0-9]*\n$`).MatchString(s.line) {
		t.Errorf("the first line is %q", s.line)
	}
	c := dialServe(t, s.url, nil)
	for _, m := range []struct {
		t conn.MessageType
		p string
	}{
		{conn.Text, "Hello, wörld"}, {conn.Text, ""}, {conn.Binary, "\xff\x00"}, {conn.Binary, strings.Repeat("x", 1<<20)},
	} {
		// In one frame, and in many.
		if err := c.WriteMessage(m.t, []byte(m.p)); err != nil {
			t.Fatal(err)
		}
		w, err := c.NextWriter(m.t)
		if err != nil {
			t.Fatal(err)
		}
		for rest := m.p; rest != ""; {
			n := min(len(rest), 100<<10)
			if _, err := io.WriteString(w, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			typ, p, err := c.ReadMessage()
			if err != nil || typ != m.t || string(p) != m.p {
				t.Fatalf("the echo of %d bytes of %v is %d bytes of %v, %v", len(m.p), m.t, len(p), typ, err)
			}
		}
	}
	if err := c.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	if status := s.stop(); status != exitOK {
		t.Errorf("exit status %d after an interrupt", status)
	}
	if s.rest.String()+s.stderr.String() != "" {
		t.Errorf("serve says also %q and %q", s.rest, s.stderr)
	}
}

func TestServeFlags(t *testing.T) {
	s := startServe(t, "-max-message", "4", "-subprotocol", "v1", "-subprotocol", "v2", "-allow-origin", "*.b.test")
	c := dialServe(t, s.url, &ws.DialOptions{Subprotocols: []string{"v3", "v2", "v1"}, Origin: "https://x.b.test"})
	if c.Subprotocol() != "v2" {
		t.Errorf("the subprotocol is %q, want v2", c.Subprotocol())
	}
	c.WriteMessage(conn.Text, []byte("12345"))
	if _, _, err := c.ReadMessage(); conn.CloseCode(err) != frame.CloseMessageTooBig {
		t.Errorf("five bytes, of four allowed: %v, want 1009", err)
	}
	c.Close()

	_, _, err := ws.Dial(t.Context(), s.url, &ws.DialOptions{Origin: "https://c.test"})
	var refused *handshake.RefusedError
	if !errors.As(err, &refused) || refused.Response.Status != 403 {
		t.Errorf("another origin: %v, want 403", err)
	}
	s.stop()
	if want := regexp.MustCompile(`^octet serve: 127\.0\.0\.1:\d+: handshake: the Origin is not allowed \(S15, RFC 6455 §4\.2\.2\): Origin "https://c\.test"\n$`); !want.MatchString(s.stderr.String()) {
		t.Errorf("of the refusal serve says %q", s.stderr)
	}
}

func TestServeTLS(t *testing.T) {
	_, _, rootFile, certFile, keyFile := identity(t)
	s := startServe(t, "-tls-cert", certFile, "-tls-key", keyFile)
	if !strings.HasPrefix(s.url, "wss://") {
		t.Errorf("the first line is %q", s.line)
	}
	status, stdout, stderr := runSub(runDial, "Hello\n", "-root", rootFile, s.url)
	if status != exitOK || stdout != "Hello\n" || stderr != "" {
		t.Errorf("dial: status %d, output %q, %q", status, stdout, stderr)
	}

	// A root that did not sign, a name that is not the certificate's, a time
	// that is over: one line each.
	stranger := tlstest.NewRoot(t)
	otherRoot := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(otherRoot, stranger.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	old := startServe(t, expired(t, rootFile)...)
	for _, tt := range []struct {
		name, text string
		args       []string
	}{
		{"a wrong root", "certificate is signed by an unknown authority", []string{"-root", otherRoot, s.url}},
		{"a wrong name", "certificate is valid for 127.0.0.1, not for other.test", []string{"-root", rootFile, "-sni", "other.test", s.url}},
		{"an expired certificate", "certificate expired on ", []string{"-root", filepath.Join(filepath.Dir(rootFile), "old-root.pem"), old.url}},
	} {
		status, stdout, stderr := runSub(runDial, "", tt.args...)
		if status != exitFail || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, tt.text) {
			t.Errorf("%s: status %d, output %q, %q", tt.name, status, stdout, stderr)
		}
	}
	status, stdout, _ = runSub(runDial, "Hello\n", "-insecure", old.url)
	if status != exitOK || stdout != "Hello\n" {
		t.Errorf("-insecure: status %d, output %q", status, stdout)
	}
}

// expired writes a certificate of yesterday beside rootFile, with its root, and
// returns the flags that serve it.
func expired(t *testing.T, rootFile string) []string {
	t.Helper()
	root := tlstest.NewRoot(t)
	now := time.Now()
	cert, key := tlstest.PEM(t, root.LeafBetween(now.Add(-2*time.Hour), now.Add(-time.Hour), "127.0.0.1"))
	dir := filepath.Dir(rootFile)
	for name, content := range map[string][]byte{"old-root.pem": root.PEM(), "old-cert.pem": cert, "old-key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"-tls-cert", filepath.Join(dir, "old-cert.pem"), "-tls-key", filepath.Join(dir, "old-key.pem")}
}

// An interrupt says 1001 to everybody.
func TestServeIsInterrupted(t *testing.T) {
	s := startServe(t)
	c := dialServe(t, s.url, nil)
	defer c.Close()
	codes := make(chan frame.CloseCode, 1)
	go func() {
		_, _, err := c.ReadMessage()
		codes <- conn.CloseCode(err)
	}()
	if status := s.stop(); status != exitOK {
		t.Errorf("exit status %d", status)
	}
	if code := <-codes; code != frame.CloseGoingAway {
		t.Errorf("the peer was closed with %d, want 1001", code)
	}
}

func TestServeUsage(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for _, tt := range []struct {
		args   []string
		status int
		text   string
	}{
		{[]string{"ws://a.test"}, exitUsage, "octet serve: there is nothing to do with ws://a.test (see octet serve -h)\n"},
		{[]string{"-tls-cert", "x"}, exitUsage, "octet serve: -tls-cert and -tls-key go together (see octet serve -h)\n"},
		{[]string{"-max-message", "-1"}, exitUsage, "octet serve: -max-message is a number of bytes (see octet serve -h)\n"},
		{[]string{"-tls-cert", "absent.pem", "-tls-key", "absent.pem"}, exitFail, "octet serve: open absent.pem: no such file or directory\n"},
		{[]string{"-addr", ln.Addr().String()}, exitFail, "octet serve: listen tcp " + ln.Addr().String() + ": bind: address already in use\n"},
	} {
		if status, stdout, stderr := runSub(runServe, "", tt.args...); status != tt.status || stdout != "" || stderr != tt.text {
			t.Errorf("octet serve %q: status %d, output %q, %q", tt.args, status, stdout, stderr)
		}
	}
}

// What handshakes have left is collected once, a while after the last of them.
func TestTidier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tidy := newTidier()
		n := int64(runtime.NumGoroutine())
		for range n {
			time.Sleep(tidyTime - 1)
			tidy.came()
		}
		synctest.Wait()
		if got := tidy.fresh.Load(); got != n {
			t.Errorf("while connections come, %d of %d are still to be tidied up after", got, n)
		}
		time.Sleep(tidyTime)
		synctest.Wait()
		if got := tidy.fresh.Load(); got != 0 {
			t.Errorf("%v after the last connection, %d are still to be tidied up after", tidyTime, got)
		}
	})
}
