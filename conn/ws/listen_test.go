package ws_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
	"github.com/octet-ws/octet/tls/tlstest"
)

const request = "GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

const accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

// pipes is a net.Listener whose connections are made by dial, in memory.
type pipes struct {
	conns  chan net.Conn
	errs   chan error // what Accept is to return next
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), errs: make(chan error), closed: make(chan struct{})}
}

func (p *pipes) dial() net.Conn {
	a, b := net.Pipe()
	select {
	case p.conns <- b:
	case <-p.closed:
		b.Close()
	}
	return a
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case err := <-p.errs:
		return nil, err
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }

// inBubble serves echo on pipes in a bubble of its own time, and shuts down.
func inBubble(t *testing.T, opts *ws.ListenOptions, run func(t *testing.T, p *pipes, l *ws.Listener)) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		l := ws.NewListener(p, opts)
		done := make(chan error)
		go func() { done <- l.Serve(echo) }()
		run(t, p, l)
		l.Close()
		if err := <-done; err != ws.ErrListenerClosed {
			t.Errorf("Serve = %v", err)
		}
	})
}

// A head that comes slowly costs the time of all heads, and is told so.
func TestSlowHead(t *testing.T) {
	inBubble(t, &ws.ListenOptions{Accept: ws.AcceptOptions{Timeout: 3 * time.Second}}, func(t *testing.T, p *pipes, l *ws.Listener) {
		c := p.dial()
		start := time.Now()
		go func() {
			for _, b := range []byte(request) { // a byte each second
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		answer, _ := io.ReadAll(c)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("the connection was closed after %v, want 3s", took)
		}
		if !strings.HasPrefix(string(answer), "HTTP/1.1 408 Request Timeout\r\n") {
			t.Errorf("the answer is %q, want a 408", answer)
		}
		c.Close()
		time.Sleep(time.Minute) // for the goroutine above to notice
	})
}

// A client that says nothing, or no TLS where that is due, has the time of a
// handshake, and not more.
func TestSilentClient(t *testing.T) {
	for _, tt := range []struct {
		name string
		tls  *tls.Config
		want error
	}{
		{"plain", nil, handshake.Silent},
		{"TLS", (&wstls.ServerConfig{Certificates: []tls.Certificate{tlstest.NewRoot(t).Leaf("octet.test")}}).Config(), wstls.CauseTransport},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var refused error
			opts := &ws.ListenOptions{
				Accept:  ws.AcceptOptions{TLS: tt.tls},
				Refused: func(_ net.Addr, _ *handshake.Request, err error) { refused = err },
			}
			inBubble(t, opts, func(t *testing.T, p *pipes, l *ws.Listener) {
				c := p.dial()
				start := time.Now()
				answer, _ := io.ReadAll(c)
				if took := time.Since(start); took != 10*time.Second || len(answer) > 0 {
					t.Errorf("the connection was closed after %v with %q, want 10s and nothing", took, answer)
				}
				synctest.Wait()
				if !errors.Is(refused, tt.want) {
					t.Errorf("Refused was told %v, want %v", refused, tt.want)
				}
				c.Close()
			})
		})
	}
}

// An open connection has no deadline left from its handshake.
func TestDeadlineEndsWithTheHandshake(t *testing.T) {
	opts := &ws.ListenOptions{Accept: ws.AcceptOptions{Conn: &conn.Options{Keepalive: conn.Keepalive{Interval: -1}}}}
	inBubble(t, opts, func(t *testing.T, p *pipes, l *ws.Listener) {
		c := p.dial()
		io.WriteString(c, request+"\r\n")
		io.ReadFull(c, make([]byte, len(accepted)))
		time.Sleep(time.Hour)
		go io.WriteString(c, "\x81\x81\x00\x00\x00\x00x")
		echoed := make([]byte, 3)
		if _, err := io.ReadFull(c, echoed); err != nil || string(echoed) != "\x81\x01x" {
			t.Errorf("an hour later the echo is %q, %v", echoed, err)
		}
		c.Close()
	})
}

// Half-open handshakes are bounded: the oldest goes, and a client that is
// quick gets in however many are slow.
func TestHalfOpenHandshakesAreBounded(t *testing.T) {
	inBubble(t, &ws.ListenOptions{MaxHalfOpen: 3}, func(t *testing.T, p *pipes, l *ws.Listener) {
		var slow []net.Conn
		closed := make([]bool, 10)
		for i := range closed {
			c := p.dial()
			slow = append(slow, c)
			go func() { io.Copy(io.Discard, c); closed[i] = true }()
			synctest.Wait()
		}
		for i, is := range closed {
			if want := i < 7; is != want {
				t.Errorf("slow client %d is closed: %t, want %t", i, is, want)
			}
		}
		quick := p.dial()
		io.WriteString(quick, request+"\r\n")
		got := make([]byte, len(accepted))
		if _, err := io.ReadFull(quick, got); err != nil || string(got) != accepted {
			t.Errorf("the quick client got %q, %v", got, err)
		}
		synctest.Wait()
		more := p.dial()
		synctest.Wait()
		if closed[8] {
			t.Error("an open connection takes the place of a half-open one")
		}
		for _, c := range append(slow, quick, more) {
			c.Close()
		}
	})
}

// Shutdown says 1001 to every peer, waits for the handlers, and ends what is
// half open.
func TestShutdown(t *testing.T) {
	l, err := ws.Listen("tcp", "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- l.Serve(echo) }()
	url := "ws://" + l.Addr().String()
	half, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()

	codes := make(chan frame.CloseCode)
	const n = 20
	for range n {
		c, _, err := ws.Dial(soon(t), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		converse(t, c)
		go func() {
			_, _, err := c.ReadMessage()
			c.Close()
			codes <- conn.CloseCode(err)
		}()
	}
	down := make(chan error)
	go func() { down <- l.Shutdown(soon(t)) }()
	for range n {
		if code := <-codes; code != frame.CloseGoingAway {
			t.Errorf("a peer was closed with %d, want 1001", code)
		}
	}
	if err := <-down; err != nil {
		t.Errorf("Shutdown = %v", err)
	}
	if err := <-served; err != ws.ErrListenerClosed {
		t.Errorf("Serve = %v", err)
	}
	half.SetReadDeadline(time.Now().Add(patience))
	if _, err := half.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the half-open connection is still there: %v", err)
	}
	if _, _, err := ws.Dial(soon(t), url, nil); err == nil {
		t.Error("the listener still accepts")
	}
	if err := l.Shutdown(soon(t)); err != nil {
		t.Errorf("a second Shutdown = %v", err)
	}
}

// Handshakes that are under way when Shutdown comes: one that has been
// answered ends with 1001 like any connection, one that has not ends at once.
func TestShutdownDuringHandshakes(t *testing.T) {
	var answered chan struct{} // made in the bubble
	opts := &ws.ListenOptions{Accept: ws.AcceptOptions{Chooser: &handshake.Chooser{
		Decide: func(_ *handshake.Request, _ handshake.Offer, a handshake.Answer) (handshake.Answer, error) {
			<-answered
			return a, nil
		},
	}}}
	inBubble(t, opts, func(t *testing.T, p *pipes, l *ws.Listener) {
		answered = make(chan struct{})
		silent, late := p.dial(), p.dial()
		io.WriteString(late, request+"\r\n")
		synctest.Wait()
		start := time.Now()
		down := make(chan error)
		go func() { down <- l.Shutdown(t.Context()) }()
		if b, err := io.ReadAll(silent); len(b) > 0 || err != nil || time.Since(start) > 0 {
			t.Errorf("the silent client got %q, %v, after %v", b, err, time.Since(start))
		}
		close(answered)
		want := accepted + "\x88\x02\x03\xe9"
		got := make([]byte, len(want))
		if _, err := io.ReadFull(late, got); err != nil || string(got) != want {
			t.Errorf("the client that was answered got %q, %v", got, err)
		}
		io.WriteString(late, "\x88\x82\x00\x00\x00\x00\x03\xe9")
		if err := <-down; err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		silent.Close()
		late.Close()
	})
}

// A peer that does not answer the Close cannot hold Shutdown beyond its context.
func TestShutdownIsBounded(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *pipes, l *ws.Listener) {
		c := p.dial()
		io.WriteString(c, request+"\r\n")
		io.ReadFull(c, make([]byte, len(accepted)))
		synctest.Wait() // until the connection is its handler's
		got := make(chan string)
		go func() {
			b, _ := io.ReadAll(c)
			got <- string(b)
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		if err := l.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 2*time.Second {
			t.Errorf("Shutdown = %v after %v", err, time.Since(start))
		}
		if s := <-got; s != "\x88\x02\x03\xe9" {
			t.Errorf("the peer got % x, want a Close with 1001", s)
		}
		c.Close()
	})
}

// A lack of descriptors passes; Serve waits longer each time, up to a second.
// Any other error ends it.
func TestServeErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		l := ws.NewListener(p, nil)
		done := make(chan error)
		go func() { done <- l.Serve(echo) }()
		start := time.Now()
		var at []time.Duration
		for range 11 {
			p.errs <- &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
			at = append(at, time.Since(start)/time.Millisecond)
		}
		want := []time.Duration{0, 5, 15, 35, 75, 155, 315, 635, 1275, 2275, 3275}
		if d := cmp.Diff(want, at); d != "" {
			t.Errorf("Accept was called after so many milliseconds (-want +got)\n%s", d)
		}
		broken := errors.New("broken")
		p.errs <- broken
		if err := <-done; err != broken {
			t.Errorf("Serve = %v, want the listener's error", err)
		}
		l.Close()
	})
}
