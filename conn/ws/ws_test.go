package ws_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

func TestMain(m *testing.M) {
	// The resolver sets itself up when it is first used. If that were in the
	// bubble of a test, it would be of no use to any other.
	nowhere := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no server is asked") }
	(&net.Resolver{PreferGo: true, Dial: nowhere}).LookupHost(context.Background(), "localhost")
	code := m.Run()
	if leaked := leaks(); leaked != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "goroutines are left behind:\n%s\n", leaked)
		code = 1
	}
	os.Exit(code)
}

// leaks returns the stacks of goroutines in this module's code, once those on
// their way out have had time to go.
func leaks() string {
	for wait := time.Millisecond; ; wait *= 2 {
		buf := make([]byte, 1<<20)
		var left []string
		for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(g, "octet-ws/octet") && !strings.Contains(g, "TestMain") {
				left = append(left, g)
			}
		}
		if len(left) == 0 || wait > time.Second {
			return strings.Join(left, "\n\n")
		}
		time.Sleep(wait)
	}
}

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// echo is a handler that sends every message back.
func echo(c *conn.Conn, _ *handshake.Request) {
	for {
		typ, p, err := c.NextMessage()
		if err != nil {
			return
		}
		if err := c.WriteMessage(typ, p); err != nil {
			return
		}
	}
}

// listen serves handler on loopback until the test ends, and returns the
// listener and its ws URL.
func listen(t testing.TB, opts *ws.ListenOptions, handler func(*conn.Conn, *handshake.Request)) (*ws.Listener, string) {
	t.Helper()
	l, err := ws.Listen("tcp", "127.0.0.1:0", opts)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, handler)
	return l, "ws://" + l.Addr().String()
}

func serve(t testing.TB, l *ws.Listener, handler func(*conn.Conn, *handshake.Request)) {
	done := make(chan error)
	go func() { done <- l.Serve(handler) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := l.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		if err := <-done; !errors.Is(err, ws.ErrListenerClosed) {
			t.Errorf("Serve = %v, want ErrListenerClosed", err)
		}
	})
}

// script is a server on loopback that plays the same part for every
// connection, closes it then, and writes down the heads it is sent. It returns
// HOST:PORT.
type script struct {
	addr string

	mu    sync.Mutex
	heads []string
}

// play starts a script. The part gets the head it was sent; what it returns is
// sent back.
func play(t testing.TB, part func(head string) string) *script {
	s := &script{}
	s.addr = tcp(t, func(c net.Conn) {
		head := readHead(c)
		s.mu.Lock()
		s.heads = append(s.heads, head)
		s.mu.Unlock()
		c.Write([]byte(part(head)))
	})
	return s
}

func (s *script) sent() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heads
}

// tcp runs part for every connection to a loopback address, which it returns,
// and closes the connection then.
func tcp(t testing.TB, part func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveTCP(t, ln, part)
	return ln.Addr().String()
}

func serveTCP(t testing.TB, ln net.Listener, part func(net.Conn)) {
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(patience))
				part(c)
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		running.Wait()
	})
}

// readHead reads up to the empty line, byte by byte: nothing behind it is taken.
func readHead(c net.Conn) string {
	var head []byte
	var b [1]byte
	for !strings.HasSuffix(string(head), "\r\n\r\n") {
		if _, err := c.Read(b[:]); err != nil {
			break
		}
		head = append(head, b[0])
	}
	return string(head)
}

// key returns the Sec-WebSocket-Key of a head.
func key(head string) string {
	_, after, _ := strings.Cut(head, "Sec-WebSocket-Key: ")
	k, _, _ := strings.Cut(after, "\r\n")
	return k
}

// accepting is the 101 for a head, with lines added, each ending in CRLF.
func accepting(head, lines string) string {
	return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + handshake.AcceptKey(key(head)) + "\r\n" + lines + "\r\n"
}

// converse sends a message each way.
func converse(t testing.TB, c *conn.Conn) {
	t.Helper()
	c.SetDeadline(time.Now().Add(patience))
	if err := c.WriteMessage(conn.Text, []byte("Hello")); err != nil {
		t.Fatalf("writing: %v", err)
	}
	typ, p, err := c.ReadMessage()
	if err != nil || typ != conn.Text || string(p) != "Hello" {
		t.Fatalf("the echo is %v %q, %v", typ, p, err)
	}
}

// checkClosed wants c to close in order.
func checkClosed(t testing.TB, c *conn.Conn) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
}
