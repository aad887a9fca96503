package wshttp_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/conn/wshttp"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

const patience = 10 * time.Second

func TestMain(m *testing.M) {
	code := m.Run()
	if left := leaks(); left != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "goroutines are left behind:\n%s\n", left)
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

// An outcome is what Upgrade returned to its handler.
type outcome struct {
	c   *conn.Conn
	err error
}

// upgrader is a handler that upgrades, tells how it went, and leaves the echo
// to a goroutine.
func upgrader(opts *wshttp.Options, told chan<- outcome) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wshttp.Upgrade(w, r, opts)
		if told != nil {
			told <- outcome{c, err}
		}
		if err == nil {
			go echo(c)
		}
	})
}

func echo(c *conn.Conn) {
	defer c.Close()
	for {
		t, p, err := c.NextMessage()
		if err != nil || c.WriteMessage(t, p) != nil {
			return
		}
	}
}

func start(t *testing.T, h http.Handler) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

const request = "GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

const accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

// send sends raw bytes, in segments, and returns all that comes back. The
// client's side is shut down, so that a server which keeps the connection closes
// it then.
func send(t *testing.T, s *httptest.Server, segments ...string) string {
	t.Helper()
	nc, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(patience))
	for i, text := range segments {
		if i > 0 {
			time.Sleep(100 * time.Microsecond) // to make two segments likely
		}
		if _, err := io.WriteString(nc, text); err != nil {
			t.Fatal(err)
		}
	}
	nc.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(nc)
	if err != nil {
		t.Errorf("after %q: %v", b, err)
	}
	return string(b)
}

// The answer is written by package handshake: in the case of RFC 6455, and
// with nothing that net/http adds. Frames behind the head are not lost.
func TestUpgradeAnswer(t *testing.T) {
	decide := func(r *handshake.Request, o handshake.Offer, a handshake.Answer) (handshake.Answer, error) {
		a.Fields.Add("x-TRACE", r.Fields.Get("X-Id")+o.Host+r.Target)
		return a, nil
	}
	for _, tt := range []struct {
		name         string
		opts         *wshttp.Options
		fields, want string
	}{
		{"nothing special", nil, "", ""},
		{"the same origin", nil, "Origin: https://a.test\r\n", ""},
		{"an origin that is allowed", &wshttp.Options{Chooser: &handshake.Chooser{Origins: []string{"*.b.test"}}}, "Origin: https://x.b.test\r\n", ""},
		{"a subprotocol", &wshttp.Options{Chooser: &handshake.Chooser{Subprotocols: []string{"v1", "v2"}}},
			"Sec-WebSocket-Protocol: v3\r\nSec-WebSocket-Protocol: v2, v1\r\n", "Sec-WebSocket-Protocol: v2\r\n"},
		{"a field of the caller's", &wshttp.Options{Chooser: &handshake.Chooser{Decide: decide}}, "X-Id: 7\r\n", "x-TRACE: 7a.test/\r\n"},
	} {
		s := start(t, upgrader(tt.opts, nil))
		const hello, bye = "\x81\x85\x00\x00\x00\x00Hello", "\x88\x82\x00\x00\x00\x00\x03\xe8"
		got := send(t, s, request+tt.fields+"\r\n"+hello+bye)
		want := accepted + tt.want + "\r\n" + "\x81\x05Hello" + "\x88\x02\x03\xe8"
		if got != want {
			t.Errorf("%s: the client reads\n%q\nwant\n%q", tt.name, got, want)
		}
	}
}

func TestUpgradeRefuses(t *testing.T) {
	teapot := func(*handshake.Request, handshake.Offer, handshake.Answer) (handshake.Answer, error) {
		return handshake.Answer{}, &handshake.Refusal{Status: 401, Fields: handshake.Fields{{Name: "WWW-Authenticate", Value: "Basic"}}}
	}
	for _, tt := range []struct {
		name    string
		opts    *wshttp.Options
		request string
		status  string
		lines   []string
		err     error
	}{
		{"another origin", nil, request + "Origin: https://b.test\r\n\r\n", "403 Forbidden", nil, handshake.ForeignOrigin},
		{"another version", nil, strings.Replace(request, "13", "8", 1) + "\r\n", "426 Upgrade Required",
			[]string{"Sec-WebSocket-Version: 13", "Upgrade: websocket"}, handshake.UnsupportedVersion},
		{"a browser's visit", nil, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", "426 Upgrade Required", []string{"Upgrade: websocket"}, handshake.MissingUpgrade},
		{"POST", nil, strings.Replace(request, "GET", "POST", 1) + "Content-Length: 0\r\n\r\n", "405 Method Not Allowed", []string{"Allow: GET"}, handshake.MethodNotGET},
		{"a body", nil, request + "Content-Length: 1\r\n\r\nx", "400 Bad Request", nil, handshake.RequestBody},
		{"a chunked body", nil, request + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 Bad Request", nil, handshake.RequestBody},
		{"HTTP/1.0", nil, strings.Replace(request, "HTTP/1.1", "HTTP/1.0", 1) + "\r\n", "505 HTTP Version Not Supported", nil, handshake.UnsupportedHTTP},
		{"a second key", nil, request + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "400 Bad Request", nil, handshake.RepeatedKey},
		{"the caller's decision", &wshttp.Options{Chooser: &handshake.Chooser{Decide: teapot}}, request + "\r\n", "401 Unauthorized", []string{"WWW-Authenticate: Basic"}, nil},
	} {
		told := make(chan outcome, 1)
		s := start(t, upgrader(tt.opts, told))
		got := send(t, s, tt.request)
		if !strings.HasPrefix(got, "HTTP/1.1 "+tt.status+"\r\n") && !strings.HasPrefix(got, "HTTP/1.0 "+tt.status+"\r\n") {
			t.Errorf("%s: the answer is\n%s\nwant %s", tt.name, got, tt.status)
		}
		for _, line := range tt.lines {
			if !strings.Contains(got, "\r\n"+line+"\r\n") {
				t.Errorf("%s: %q does not stand in\n%s", tt.name, line, got)
			}
		}
		if o := <-told; o.err == nil || tt.err != nil && !errors.Is(o.err, tt.err) {
			t.Errorf("%s: Upgrade = %v, want %v", tt.name, o.err, tt.err)
		}
	}
}

// talk dials, sends a message each way, and closes.
func talk(t *testing.T, s *httptest.Server, opts *ws.DialOptions) {
	t.Helper()
	c, _, err := ws.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), opts)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(patience))
	if err := c.WriteMessage(conn.Text, []byte("Hello")); err != nil {
		t.Fatal(err)
	}
	if _, p, err := c.ReadMessage(); err != nil || string(p) != "Hello" {
		t.Fatalf("the echo is %q, %v", p, err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
}

// The server's timeouts are for requests: a connection has none of them left.
func TestUpgradeClearsDeadlines(t *testing.T) {
	s := httptest.NewUnstartedServer(upgrader(nil, nil))
	s.Config.ReadTimeout, s.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	s.Start()
	defer s.Close()
	c, _, err := ws.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	time.Sleep(100 * time.Millisecond)
	c.WriteMessage(conn.Text, []byte("Hello"))
	c.SetDeadline(time.Now().Add(patience))
	if _, p, err := c.ReadMessage(); err != nil || string(p) != "Hello" {
		t.Errorf("after the server's timeouts: %q, %v", p, err)
	}
}

func TestUpgradeOverTLSAndHTTP2(t *testing.T) {
	told := make(chan outcome, 1)
	s := httptest.NewUnstartedServer(upgrader(nil, told))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()

	// A client that offers http/1.1 alone, as ws.Dial does, is served.
	roots := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	secure := &ws.DialOptions{TLS: &wstls.ClientConfig{Roots: roots}}
	talk(t, s, secure)
	if o := <-told; o.err != nil {
		t.Error(o.err)
	} else if _, ok := o.c.Transport().(*tls.Conn); !ok {
		t.Errorf("the transport is a %T, want *tls.Conn", o.c.Transport())
	}

	// Over HTTP/2 there is nothing to upgrade.
	resp, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 505 || string(body) != "WebSocket needs HTTP/1.1 here\n" {
		t.Errorf("the answer over HTTP/2 is %s %q", resp.Status, body)
	}
	if o := <-told; !errors.Is(o.err, wshttp.ErrHTTP2) {
		t.Errorf("Upgrade = %v, want ErrHTTP2", o.err)
	}
}

// hijacker hands over a connection that a test has made.
type hijacker struct {
	http.ResponseWriter
	nc net.Conn
	rw *bufio.ReadWriter
}

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.nc, h.rw, nil }

// Frames behind the head arrive wherever the stream is cut: what net/http has
// read of them and what it has not.
func TestUpgradeAtEveryCut(t *testing.T) {
	s := start(t, upgrader(nil, nil))
	const frames = "\x81\x85\x00\x00\x00\x00Hello" + "\x01\x82\x00\x00\x00\x00Go" + "\x80\x80\x00\x00\x00\x00" + "\x88\x82\x00\x00\x00\x00\x03\xe8"
	const want = accepted + "\r\n" + "\x81\x05Hello" + "\x81\x02Go" + "\x88\x02\x03\xe8"
	text := request + "\r\n" + frames
	for at := len(request); at <= len(text); at++ {
		if got := send(t, s, text[:at], text[at:]); got != want {
			t.Fatalf("cut at byte %d the client reads\n%q\nwant\n%q", at, got, want)
		}
	}
}

// A client that does not read its 101 has so much time, and no more.
func TestUpgradeWriteTimeout(t *testing.T) {
	for _, tt := range []struct{ limit, want time.Duration }{
		{0, 10 * time.Second},
		{3 * time.Second, 3 * time.Second},
		{-1, time.Minute}, // when the client goes
	} {
		synctest.Test(t, func(t *testing.T) {
			a, b := net.Pipe()
			time.AfterFunc(time.Minute, func() { b.Close() })
			begin := time.Now()
			_, err := wshttp.Upgrade(hijacker{httptest.NewRecorder(), a, nil}, aRequest(t), &wshttp.Options{WriteTimeout: tt.limit})
			if took := time.Since(begin); took != tt.want || errors.Is(err, os.ErrDeadlineExceeded) != (tt.limit >= 0) || err == nil {
				t.Errorf("with a limit of %v Upgrade = %v after %v, want %v", tt.limit, err, took, tt.want)
			}
			if _, err := a.Write(nil); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("with a limit of %v the connection is left open: %v", tt.limit, err)
			}
		})
	}
}

// A socket that has no room for the 101 is waited for as long, and gets all of it.
func TestUpgradeOnFullSocket(t *testing.T) {
	for _, reads := range []bool{true, false} {
		a, b := tcpPair(t)
		earlier := fill(t, a)
		limit := 50 * time.Millisecond
		received := make(chan string, 1)
		if reads {
			limit = 0
			go func() {
				io.CopyN(io.Discard, b, earlier)
				b.SetDeadline(time.Now().Add(patience))
				head := make([]byte, len(accepted)+2)
				io.ReadFull(b, head)
				received <- string(head)
			}()
		}
		_, err := wshttp.Upgrade(hijacker{httptest.NewRecorder(), a, nil}, aRequest(t), &wshttp.Options{WriteTimeout: limit})
		switch {
		case !reads:
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("Upgrade for a client that reads nothing = %v", err)
			}
		case err != nil:
			t.Errorf("Upgrade for a client that reads late = %v", err)
		default:
			if got, want := <-received, accepted+"\r\n"; got != want {
				t.Errorf("the client reads %q, want %q", got, want)
			}
		}
	}
}

// tcpPair returns the two ends of a connection.
func tcpPair(t *testing.T) (a, b net.Conn) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if b, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if a, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// fill writes to a until it takes no more, and returns how much it took.
func fill(t *testing.T, a net.Conn) (total int64) {
	for n, misses := 0, 0; misses < 3; { // the other end's buffer may still grow
		a.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
		n, _ = a.Write(make([]byte, 1<<20))
		if total += int64(n); n == 0 {
			misses++
		}
	}
	if err := a.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	return total
}

// A connection keeps nothing of net/http alive: neither its buffers, 8 KiB,
// nor the request.
func TestUpgradeKeepsNoBuffer(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	go io.Copy(io.Discard, b)
	var buffers weak.Pointer[bufio.ReadWriter]
	var head weak.Pointer[http.Request]
	c := func() *conn.Conn {
		rw := bufio.NewReadWriter(bufio.NewReader(a), bufio.NewWriter(a))
		r := aRequest(t)
		buffers, head = weak.Make(rw), weak.Make(r)
		c, err := wshttp.Upgrade(hijacker{httptest.NewRecorder(), a, rw}, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}()
	runtime.GC()
	if buffers.Value() != nil || head.Value() != nil {
		t.Errorf("kept: the buffers %t, the request %t", buffers.Value() != nil, head.Value() != nil)
	}
	c.Abort() // which also keeps it until here
}

func aRequest(t *testing.T) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request + "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A broken connection, and a hijacker that keeps its buffer to itself.
func TestUpgradeOfOtherServers(t *testing.T) {
	r := aRequest(t)
	a, b := net.Pipe()
	b.Close()
	w := httptest.NewRecorder()
	if _, err := wshttp.Upgrade(hijacker{w, a, nil}, r, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Upgrade on a broken connection = %v", err)
	}
	if w.Body.Len() > 0 {
		t.Errorf("something was written beside the connection: %s", w.Body)
	}

	a, b = net.Pipe()
	defer b.Close()
	go func() {
		if c, err := wshttp.Upgrade(hijacker{w, a, nil}, r, nil); err == nil {
			c.Abort()
		}
	}()
	b.SetDeadline(time.Now().Add(patience))
	got, _ := io.ReadAll(b)
	if d := cmp.Diff(accepted+"\r\n", string(got)); d != "" {
		t.Errorf("the answer (-want +got)\n%s", d)
	}
}
