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
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
	"github.com/octet-ws/octet/tls/tlstest"
)

func TestAccept(t *testing.T) {
	for _, tt := range []struct {
		name   string
		opts   *ws.AcceptOptions
		fields string
		status string
		lines  string // of the 101
		err    error
	}{
		{"nothing special", nil, "", "101 Switching Protocols", "", nil},
		{"the same origin", nil, "Origin: http://a.test\r\n", "101 Switching Protocols", "", nil},
		{"another origin", nil, "Origin: http://b.test\r\n", "403 Forbidden", "", handshake.ForeignOrigin},
		{"an origin that is allowed", &ws.AcceptOptions{Chooser: &handshake.Chooser{Origins: []string{"*.test"}}}, "Origin: http://b.test\r\n", "101 Switching Protocols", "", nil},
		{"a subprotocol", &ws.AcceptOptions{Chooser: &handshake.Chooser{Subprotocols: []string{"v1", "v2"}}}, "Sec-WebSocket-Protocol: v3, v2, v1\r\n",
			"101 Switching Protocols", "Sec-WebSocket-Protocol: v2\r\n", nil},
		{"a head too long", &ws.AcceptOptions{Limits: handshake.Limits{HeadBytes: 512}}, "X: " + strings.Repeat("x", 4000) + "\r\n", "431 Request Header Fields Too Large", "", handshake.HeadTooLong},
		{"a second key", nil, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "400 Bad Request", "", handshake.RepeatedKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			type result struct {
				c   *conn.Conn
				r   *handshake.Request
				err error
			}
			done := make(chan result, 1)
			addr := tcp(t, func(nc net.Conn) {
				c, r, err := ws.Accept(soon(t), nc, tt.opts)
				done <- result{c, r, err}
				if c != nil {
					echo(c, r)
					c.Close()
				}
			})
			nc, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			// The first frame comes right behind the head.
			io.WriteString(nc, request+tt.fields+"\r\n"+"\x81\x85\x00\x00\x00\x00Hello"+"\x88\x80\x00\x00\x00\x00")
			nc.(*net.TCPConn).CloseWrite() // a refused client would be waited for
			nc.SetReadDeadline(time.Now().Add(patience))
			got, err := io.ReadAll(nc)
			if err != nil {
				t.Errorf("reading the answer: %v", err)
			}
			res := <-done
			if !errors.Is(res.err, tt.err) {
				t.Errorf("Accept = %v, want %v", res.err, tt.err)
			}
			if !strings.HasPrefix(string(got), "HTTP/1.1 "+tt.status+"\r\n") {
				t.Fatalf("the answer is\n%s\nwant %s", got, tt.status)
			}
			if tt.err != nil {
				return
			}
			want := strings.TrimSuffix(accepted, "\r\n") + tt.lines + "\r\n" + "\x81\x05Hello" + "\x88\x00"
			if string(got) != want {
				t.Errorf("the answer is\n%q\nwant\n%q", got, want)
			}
			if res.r.Raw != request+tt.fields+"\r\n" {
				t.Errorf("the request returned is\n%s", res.r.Raw)
			}
		})
	}
}

// On a port of TLS, TLS comes first (S12).
func TestAcceptSecure(t *testing.T) {
	root := tlstest.NewRoot(t)
	conf := (&wstls.ServerConfig{Certificates: []tls.Certificate{root.Leaf("octet.test")}}).Config()
	errs := make(chan error, 1)
	addr := tcp(t, func(nc net.Conn) {
		_, _, err := ws.Accept(soon(t), nc, &ws.AcceptOptions{TLS: conf})
		errs <- err
	})
	// ws:// where wss:// is spoken: the client sees a 400 that says so.
	_, resp, err := ws.Dial(soon(t), "ws://"+addr, nil)
	if err == nil || resp == nil || resp.Status != 400 || !strings.Contains(string(resp.Body), "use wss://") {
		t.Errorf("Dial = %v, with the answer %+v", err, resp)
	}
	if err := <-errs; !errors.Is(err, wstls.CauseNotTLS) {
		t.Errorf("Accept = %v, want CauseNotTLS", err)
	}
}

// To give up during the opening handshake is to close the connection (K16).
func TestAcceptEndsWithItsContext(t *testing.T) {
	for _, secure := range []bool{false, true} {
		opts := &ws.AcceptOptions{}
		if secure {
			opts.TLS = (&wstls.ServerConfig{Certificates: []tls.Certificate{tlstest.NewRoot(t).Leaf("octet.test")}}).Config()
		}
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 1)
		addr := tcp(t, func(nc net.Conn) {
			_, _, err := ws.Accept(ctx, nc, opts)
			errs <- err
		})
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("TLS %t: Accept = %v, want context.Canceled", secure, err)
		}
		nc.SetReadDeadline(time.Now().Add(patience))
		if b, err := io.ReadAll(nc); len(b) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("TLS %t: the client reads %q, %v; want the end", secure, b, err)
		}
	}
}

// Each connection may have a Trace of its own, or none.
func TestAcceptTrace(t *testing.T) {
	phases := make(chan string, 10)
	opts := &ws.ListenOptions{Accept: ws.AcceptOptions{
		Conn: &conn.Options{Trace: &conn.Trace{Phase: func(conn.Phase, error) { phases <- "of the template" }}},
		Trace: func(nc net.Conn, r *handshake.Request) *conn.Trace {
			if r.Target == "/quiet" {
				return nil
			}
			who := nc.RemoteAddr().String() + r.Target
			return &conn.Trace{Phase: func(p conn.Phase, _ error) { phases <- who + " " + p.String() }}
		},
	}}
	_, url := listen(t, opts, echo)
	for _, target := range []string{"/quiet", "/told"} {
		c, _, err := ws.Dial(soon(t), url+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		converse(t, c)
		if target == "/told" {
			want := c.Transport().(net.Conn).LocalAddr().String() + "/told open"
			if got := <-phases; got != want {
				t.Errorf("the hook is told %q, want %q", got, want)
			}
		}
		checkClosed(t, c)
	}
}

// A client whose request is refused while it still sends can read the answer:
// what it sends is read for a second, as closing a socket with bytes unread
// would reset it.
func TestRefusedClientReadsTheAnswer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sends time.Duration // how long the client goes on
		want  time.Duration // when the server closes
	}{
		{"and ends", 300 * time.Millisecond, 300 * time.Millisecond},
		{"and never ends", time.Hour, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			near, far := conntest.Pipe()
			start := time.Now()
			closed := make(chan time.Duration, 1)
			go func() {
				if _, _, err := ws.Accept(t.Context(), memory{far}, nil); !errors.Is(err, handshake.ForeignOrigin) {
					t.Errorf("Accept = %v", err)
				}
				closed <- time.Since(start)
			}()
			io.WriteString(near, request+"Origin: https://b.test\r\n\r\n")
			var sending sync.WaitGroup
			sending.Go(func() {
				for time.Since(start) < tt.sends && !far.Closed() {
					io.WriteString(near, "eager")
					time.Sleep(100 * time.Millisecond)
				}
				near.CloseWrite()
			})
			answer, err := io.ReadAll(near)
			if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 403 Forbidden\r\n") {
				t.Errorf("a client that goes on sending %s reads %q, %v", tt.name, answer, err)
			}
			if took := <-closed; took != tt.want {
				t.Errorf("a client that goes on sending %s is closed after %v, want %v", tt.name, took, tt.want)
			}
			sending.Wait()
			near.Close()
		})
	}
}
