package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/octet-ws/octet/tls/tlstest"
)

// tapRun is octet tap under test.
type tapRun struct {
	addr   string
	stderr *lockedBuffer
	stop   func() int // interrupts it and returns its status
}

// lockedBuffer can be read while a subcommand writes to it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// startTap runs octet tap in process on a free port.
func startTap(t *testing.T, args ...string) *tapRun {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, stdout := io.Pipe()
	r := &tapRun{stderr: &lockedBuffer{}}
	status := make(chan int, 1)
	go func() {
		status <- runTap(&env{ctx: ctx, stdin: strings.NewReader(""), stdout: stdout, stderr: r.stderr},
			append([]string{"-addr", "127.0.0.1:0"}, args...))
		stdout.Close()
	}()
	r.stop = sync.OnceValue(func() int { cancel(); return <-status })
	t.Cleanup(func() { r.stop() })
	lines := bufio.NewReader(out)
	line, _ := lines.ReadString('\n')
	go io.Copy(io.Discard, lines)
	_, rest, ok := strings.Cut(line, "://")
	if !ok {
		r.stop()
		t.Fatalf("tap says %q and %q, not where it listens", line, r.stderr)
	}
	r.addr, _, _ = strings.Cut(rest, " ")
	return r
}

// identity makes a private root and a certificate of it for 127.0.0.1, and
// writes them to PEM files.
func identity(t *testing.T) (root *tlstest.Root, cert tls.Certificate, rootFile, certFile, keyFile string) {
	t.Helper()
	root = tlstest.NewRoot(t)
	cert = root.Leaf("127.0.0.1")
	certPEM, keyPEM := tlstest.PEM(t, cert)
	dir := t.TempDir()
	rootFile, certFile, keyFile = filepath.Join(dir, "root.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, content := range map[string][]byte{rootFile: root.PEM(), certFile: certPEM, keyFile: keyPEM} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root, cert, rootFile, certFile, keyFile
}

const (
	tapRequest = "GET /feed?a=%2f HTTP/1.1\r\nhost: example.com\r\nCookie: id=s3cret\r\nupgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	tapAnswer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
	tapClientFrames = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58" + "\x88\x82\x00\x00\x00\x00\x03\xe8"
	tapServerFrames = "\x81\x05Hello" + "\x88\x02\x03\xe8"
)

// halfClose ends the sending direction of either kind of connection.
func halfClose(c net.Conn) { c.(interface{ CloseWrite() error }).CloseWrite() }

// TestTapPassesEverythingOn plays a session in which each side ends alone,
// over all four combinations of transports, and looks at what came through
// and at the recordings.
func TestTapPassesEverythingOn(t *testing.T) {
	root, pair, rootFile, certFile, keyFile := identity(t)
	for _, tt := range []struct {
		name                 string
		clientTLS, serverTLS bool
		wantOpen             string
	}{
		{"ws to ws", false, false, " → 127.0.0.1:"},
		{"wss to ws", true, false, " (TLS) → 127.0.0.1:"},
		{"ws to wss", false, true, " → 127.0.0.1:"},
		{"wss to wss", true, true, " (TLS) → 127.0.0.1:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			scheme := "ws"
			if tt.serverTLS {
				scheme = "wss"
				listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}})
			}
			dir := t.TempDir()
			text, lines, capture := filepath.Join(dir, "a.txt"), filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "a.pcapng")
			head := filepath.Join(dir, "head")
			args := []string{"-to", scheme + "://" + listener.Addr().String() + "/not/sent", "-root", rootFile,
				"-o", text, "-o", lines, "-o", capture, "-save-head", head, "-secrets"}
			if tt.clientTLS {
				args = append(args, "-tls-cert", certFile, "-tls-key", keyFile)
			}
			run := startTap(t, args...)

			var server net.Conn
			accepted := make(chan error, 1)
			go func() {
				var err error
				server, err = listener.Accept()
				accepted <- err
			}()
			client, err := net.Dial("tcp", run.addr)
			if err != nil {
				t.Fatal(err)
			}
			if tt.clientTLS {
				client = tls.Client(client, &tls.Config{RootCAs: root.Pool(), ServerName: "127.0.0.1"})
			}
			defer client.Close()
			io.WriteString(client, tapRequest)
			if err := <-accepted; err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			expect(t, "the server", server, tapRequest)
			io.WriteString(server, tapAnswer)
			expect(t, "the client", client, tapAnswer)
			io.WriteString(client, tapClientFrames)
			halfClose(client) // the client ends; the server speaks on
			if got, err := io.ReadAll(server); err != nil || string(got) != tapClientFrames {
				t.Errorf("the server got %q, %v; want %q and an end", got, err, tapClientFrames)
			}
			io.WriteString(server, tapServerFrames)
			halfClose(server)
			if got, err := io.ReadAll(client); err != nil || string(got) != tapServerFrames {
				t.Errorf("the client got %q, %v; want %q and an end", got, err, tapServerFrames)
			}
			client.Close()
			server.Close()
			if status := run.stop(); status != exitOK || run.stderr.String() != "" {
				t.Errorf("status %d, standard error %q", status, run.stderr)
			}

			if diff := cmp.Diff(tapRequest, read(t, head)); diff != "" {
				t.Errorf("the saved head (-sent +saved):\n%s", diff)
			}
			for _, want := range []string{tt.wantOpen, "host: example.com\n", "Text fin masked 37fa213d, 5 bytes\n     Hello\n",
				"Close fin, 2 bytes: 1000 normal closure \"\"\n"} {
				if got := read(t, text); !strings.Contains(got, want) {
					t.Errorf("the text has no %q:\n%s", want, got)
				}
			}
			if got := strings.Count(read(t, lines), "\n"); got != 9 {
				t.Errorf("%d lines of JSON, want 9: open, two heads, four frames, two ends", got)
			}
			for _, want := range []string{tapRequest, tapAnswer, tapClientFrames, tapServerFrames} {
				if !strings.Contains(read(t, capture), want) {
					t.Errorf("the capture has no %q", want)
				}
			}
		})
	}
}

// expect reads exactly what is wanted.
func expect(t *testing.T, who string, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := io.ReadFull(c, got); err != nil {
		t.Fatalf("%s got %q, then %v; want %q", who, got[:n], err, want)
	}
	c.SetReadDeadline(time.Time{})
	if string(got) != want {
		t.Fatalf("%s got %q, want %q", who, got, want)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTapHidesSecrets(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "a.txt"), filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "a.pcapng"), filepath.Join(dir, "head")}
	run := startTap(t, "-to", "ws://user:s3cret@"+listener.Addr().String(), "-o", files[0], "-o", files[1], "-o", files[2], "-save-head", files[3])
	client, err := net.Dial("tcp", run.addr)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(client, tapRequest)
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "the server", server, tapRequest) // with the secret
	server.Close()
	io.ReadAll(client)
	client.Close()
	run.stop()
	for _, f := range files {
		got := read(t, f)
		if strings.Contains(got, "s3cret") || !strings.Contains(got, "Cookie: *********") {
			t.Errorf("%s: the secret is not hidden, or the field is gone:\n%s", filepath.Base(f), got)
		}
	}
	if want := "asterisks for Cookie"; !strings.Contains(run.stderr.String(), want) {
		t.Errorf("standard error is %q, want a warning of %s", run.stderr, want)
	}
}

// TestTapPassesResetsOn holds that a peer that is reset looks reset, not ended.
func TestTapPassesResetsOn(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	run := startTap(t, "-to", "ws://"+listener.Addr().String())
	client, err := net.Dial("tcp", run.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	io.WriteString(client, "x")
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "the server", server, "x")
	server.(*net.TCPConn).SetLinger(0)
	server.Close()
	client.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client read %d bytes and %v, want a reset", n, err)
	}
}

func TestTapWithoutAServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // its port is closed now
	file := filepath.Join(t.TempDir(), "a.txt")
	run := startTap(t, "-to", "ws://"+listener.Addr().String(), "-o", file)
	client, err := net.Dial("tcp", run.addr)
	if err == nil { // else the reset came before Dial had returned
		client.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := client.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the client's read ended with %v, want an end or a reset", err)
		}
		client.Close()
	}
	run.stop()
	for what, got := range map[string]string{"standard error": run.stderr.String(), "the recording": read(t, file)} {
		if !strings.Contains(got, "refused") {
			t.Errorf("%s does not say that the server refused: %q", what, got)
		}
	}
}

func TestTapUsage(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-to", "http://a"}, {"-to", "ws://a", "-o", "x.html"}, {"-to", "ws://a", "-tls-cert", "x"},
		{"-to", "ws://a", "-cert", "x"}, {"-to", "ws://a", "more"}, {"-to", "ws://a", "-H", "A: b"},
	} {
		if status, _, errs := runSub(runTap, "", args...); status != exitUsage || errs == "" {
			t.Errorf("tap %q: status %d and %q on standard error, want %d and a reason", args, status, errs, exitUsage)
		}
	}
	if status, out, _ := runSub(runTap, "", "-h"); status != exitOK || !strings.Contains(out, "the server sees the Host the client sent") {
		t.Errorf("-h: status %d\n%s", status, out)
	}
}
