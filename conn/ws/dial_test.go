package ws_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
	"github.com/octet-ws/octet/tls/tlstest"
)

// Without a proxy the client connects to the server itself (C4), and for wss all
// goes through TLS (C7, S12, X17).
func TestDialAndEcho(t *testing.T) {
	root := tlstest.NewRoot(t)
	server := (&wstls.ServerConfig{Certificates: []tls.Certificate{root.Leaf("127.0.0.1")}}).Config()
	_, plain := listen(t, nil, echo)
	_, secure := listen(t, &ws.ListenOptions{Accept: ws.AcceptOptions{TLS: server}}, echo)
	secure = "wss" + strings.TrimPrefix(secure, "ws")

	for _, tt := range []struct {
		name, url string
		opts      *ws.DialOptions
	}{
		{"ws, no options", plain, nil},
		{"ws, a path and a query", plain + "/feed?x=1", nil},
		{"wss under a private root", secure, &ws.DialOptions{TLS: &wstls.ClientConfig{Roots: root.Pool()}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, resp, err := ws.Dial(soon(t), tt.url, tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			if resp.Status != 101 {
				t.Errorf("the answer returned has status %d", resp.Status)
			}
			converse(t, c)
			checkClosed(t, c)
		})
	}
}

// Every way to fail has its phase, its type and its line, and is worth another
// attempt or not. A TLS handshake that fails is the end (C6).
func TestDialFailures(t *testing.T) {
	root := tlstest.NewRoot(t)
	server := (&wstls.ServerConfig{Certificates: []tls.Certificate{root.Leaf("octet.test")}}).Config()
	secure := tcp(t, func(c net.Conn) {
		tc := tls.Server(c, server)
		tc.Handshake()
		tc.Close()
	})
	plain := tcp(t, func(c net.Conn) {
		c.Read(make([]byte, 1)) // of the ClientHello
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		io.Copy(io.Discard, c)
	})
	silent := tcp(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	closed := tcp(t, func(c net.Conn) { readHead(c) })
	answers := func(text string) string { return play(t, func(string) string { return text }).addr }
	accepts := func(lines string) string {
		return play(t, func(head string) string { return accepting(head, lines) }).addr
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().String()
	ln.Close()
	notFound := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "nowhere.invalid", IsNotFound: true}}
	}
	quick := ws.Timeouts{Handshake: 30 * time.Millisecond, TLS: 30 * time.Millisecond}
	retryable := []string{"an unknown host", "a closed port", "silence where TLS is due", "a silent server",
		"a server that hangs up", "an answer cut short", "another status"}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

	for _, tt := range []struct {
		name, url string
		opts      ws.DialOptions
		phase     handshake.Phase
		is        func(error) bool
		text      string
	}{
		{"an unknown host", "ws://nowhere.invalid/", ws.DialOptions{NetDial: notFound}, handshake.PhaseResolve,
			func(err error) bool { var e *net.DNSError; return errors.As(err, &e) && e.IsNotFound },
			"ws: ws://nowhere.invalid/: resolve: unknown host nowhere.invalid"},
		{"a closed port", "ws://" + port + "/", ws.DialOptions{}, handshake.PhaseConnect, is(syscall.ECONNREFUSED),
			"ws: ws://" + port + "/: connect: " + port + ": connection refused"},
		{"a wrong root", "wss://octet.test/", ws.DialOptions{Address: secure}, handshake.PhaseTLS, is(wstls.CauseUntrusted),
			"ws: wss://octet.test/: tls: tls handshake with octet.test: certificate is signed by an unknown authority (CN=Octet test root); give its root if it is private"},
		{"a wrong name", "wss://other.test/", ws.DialOptions{Address: secure, TLS: &wstls.ClientConfig{Roots: root.Pool()}}, handshake.PhaseTLS, is(wstls.CauseName),
			"ws: wss://other.test/: tls: tls handshake with other.test: certificate is valid for octet.test, not for other.test"},
		{"an expired certificate", "wss://octet.test/", ws.DialOptions{Address: secure, TLS: &wstls.ClientConfig{Roots: root.Pool(), Time: func() time.Time { return time.Now().Add(48 * time.Hour) }}}, handshake.PhaseTLS, is(wstls.CauseExpired),
			"ws: wss://octet.test/: tls: tls handshake with octet.test: certificate expired on "},
		{"plain HTTP where TLS is due", "wss://octet.test/", ws.DialOptions{Address: plain}, handshake.PhaseTLS, is(wstls.CauseNotTLS), "ws: wss://octet.test/: tls: "},
		{"silence where TLS is due", "wss://octet.test/", ws.DialOptions{Address: silent, Timeouts: quick}, handshake.PhaseTLS, is(os.ErrDeadlineExceeded),
			"ws: wss://octet.test/: tls: tls handshake with octet.test: peer did not answer in time"},
		{"a silent server", "ws://" + silent + "/", ws.DialOptions{Timeouts: quick}, handshake.PhaseAnswer,
			func(err error) bool {
				return errors.Is(err, handshake.Silent) && errors.Is(err, context.DeadlineExceeded) && errors.Is(err, os.ErrDeadlineExceeded)
			},
			"ws: ws://" + silent + "/: answer: the time ran out before the head was complete (C5, RFC 6455 §4.1): "},
		{"a server that hangs up", "ws://" + closed + "/", ws.DialOptions{}, handshake.PhaseAnswer, is(handshake.NoAnswer),
			"ws: ws://" + closed + "/: answer: the peer closed the connection without a byte (C5, RFC 6455 §4.1)"},
		{"an answer cut short", "ws://a.test/", ws.DialOptions{Address: answers("HTTP/1.1 101 Swi")}, handshake.PhaseAnswer, is(handshake.CutShort),
			"ws: ws://a.test/: answer: the peer closed the connection within its head"},
		{"an answer that is not HTTP", "ws://a.test/", ws.DialOptions{Address: answers("SSH-2.0-x\r\n")}, handshake.PhaseAnswer, is(handshake.NotHTTP),
			`ws: ws://a.test/: answer: the first bytes are not HTTP (C9, RFC 6455 §4.1): "SSH-2.0-x\r\n"`},
		{"another status", "ws://a.test/", ws.DialOptions{Address: answers("HTTP/1.1 502 Bad Gateway\r\nServer: cloudflare\r\nContent-Length: 15\r\n\r\nerror code: 502")}, handshake.PhaseAnswer, is(handshake.NotSwitching),
			`ws: ws://a.test/: answer: the server did not switch protocols (C24, RFC 6455 §4.1): "502 Bad Gateway", Server: cloudflare`},
		{"a wrong Accept", "ws://a.test/", ws.DialOptions{Address: answers("HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")}, handshake.PhaseCheck, is(handshake.WrongAccept),
			"ws: ws://a.test/: check: Sec-WebSocket-Accept does not belong to the key (C27, RFC 6455 §4.1)"},
		{"a subprotocol not asked for", "ws://a.test/", ws.DialOptions{Address: accepts("Sec-WebSocket-Protocol: chat\r\n")}, handshake.PhaseCheck, is(handshake.UnrequestedSubprotocol),
			"ws: ws://a.test/: check: the server chose a subprotocol that was not offered (C29, RFC 6455 §4.1)"},
		{"an extension not asked for", "ws://a.test/", ws.DialOptions{Address: accepts("Sec-WebSocket-Extensions: x-y\r\n")}, handshake.PhaseCheck, is(handshake.UnrequestedExtension),
			"ws: ws://a.test/: check: the server chose an extension that was not offered (C28, RFC 6455 §4.1)"},
		{"no subprotocol where one is required", "ws://a.test/", ws.DialOptions{Address: accepts(""), Subprotocols: []string{"chat"}, RequireSubprotocol: true}, handshake.PhaseCheck, is(handshake.NoSubprotocol),
			"ws: ws://a.test/: check: the server chose none of the subprotocols"},
		{"an extension that a head of the caller's offers", "ws://a.test/", ws.DialOptions{
			Address: accepts("Sec-WebSocket-Extensions: permessage-deflate\r\n"),
			Head: func(_ handshake.URL, r *handshake.Request) (*handshake.Request, error) {
				r.Fields.Add("Sec-WebSocket-Extensions", "permessage-deflate")
				return r, nil
			}}, handshake.PhaseCheck, is(ws.ErrExtension),
			"ws: ws://a.test/: check: server agreed to an extension that is offered but not implemented"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _, err := ws.Dial(soon(t), tt.url, &tt.opts)
			if err == nil {
				c.Abort()
				t.Fatal("Dial succeeded")
			}
			var e *ws.Error
			if !errors.As(err, &e) {
				t.Fatalf("the error %v is a %T, want *ws.Error", err, err)
			}
			if e.Phase != tt.phase {
				t.Errorf("phase %v, want %v", e.Phase, tt.phase)
			}
			if tt.is != nil && !tt.is(err) {
				t.Errorf("%v is not the error expected", err)
			}
			if want := slices.Contains(retryable, tt.name); ws.Retryable(err) != want {
				t.Errorf("Retryable = %t, want %t", !want, want)
			}
			if !strings.HasPrefix(err.Error(), tt.text) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error reads\n%s\nwant one line that begins\n%s", err, tt.text)
			}
		})
	}
}

// A refused handshake holds what a person needs to find out why.
func TestDialKeepsTheRefusal(t *testing.T) {
	const answer = "HTTP/1.1 403 Forbidden\r\nserver: edge\r\nX-Ray:  abc \r\n\r\nno browsers here"
	s := play(t, func(string) string { return answer })
	_, resp, err := ws.Dial(soon(t), "ws://a.test/feed", &ws.DialOptions{Address: s.addr})
	var refused *handshake.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a *handshake.RefusedError in it", err)
	}
	if resp != refused.Response {
		t.Error("the response returned is not the one in the error")
	}
	if got := refused.Request.Raw; got != s.sent()[0] {
		t.Errorf("the request kept is\n%s\nand the one sent\n%s", got, s.sent()[0])
	}
	if got, want := resp.Raw+string(resp.Body), answer; got != want {
		t.Errorf("the answer kept is\n%s\nand the one received\n%s", got, want)
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	addr := tcp(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	ctx, cancel := context.WithCancel(t.Context())
	dialled := &ws.DialOptions{Trace: &ws.DialTrace{Opened: func(net.Conn, ws.Timings) { cancel() }}}
	_, _, err := ws.Dial(ctx, "ws://"+addr, dialled)
	var e *ws.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &e) {
		t.Fatalf("Dial = %v, want context.Canceled in an *Error", err)
	}
	_, _, err = ws.Dial(ctx, "ws://"+addr, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Dial with a context that has ended = %v, want context.Canceled", err)
	}
}

// What is wrong with the caller's own words costs no connection.
func TestDialRefusesItsCaller(t *testing.T) {
	reached := func(context.Context, string, string) (net.Conn, error) {
		t.Error("a connection was opened")
		return nil, io.EOF
	}
	for _, tt := range []struct {
		name, url string
		opts      ws.DialOptions
		want      handshake.Requirement
	}{
		{"a fragment", "ws://a.test/#x", ws.DialOptions{}, handshake.URLFragment},
		{"another scheme", "http://a.test/", ws.DialOptions{}, handshake.NotWebSocketURL},
		{"a subprotocol with a blank", "ws://a.test/", ws.DialOptions{Subprotocols: []string{"COINEX protocol"}}, handshake.MalformedSubprotocol},
		{"a field that is two", "ws://a.test/", ws.DialOptions{Fields: handshake.Fields{{Name: "A", Value: "b\r\nC: d"}}}, handshake.ControlInValue},
		{"an origin that is two fields", "ws://a.test/", ws.DialOptions{Origin: "x\r\nC: d"}, handshake.ControlInValue},
	} {
		tt.opts.NetDial = reached
		_, _, err := ws.Dial(t.Context(), tt.url, &tt.opts)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

// Frames in the segment of the 101, or cut anywhere, are not lost; 1xx answers
// are passed over.
func TestDialAtEveryCut(t *testing.T) {
	const early = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
	const frames = "\x81\x05Hello\x88\x02\x03\xe8"
	total := len(early) + len(accepting("Sec-WebSocket-Key: \r\n", "")) + len(frames)
	cuts := make(chan int, 1)
	addr := tcp(t, func(c net.Conn) {
		c.(*net.TCPConn).SetNoDelay(true)
		text := early + accepting(readHead(c), "") + frames
		at := <-cuts
		io.WriteString(c, text[:at])
		time.Sleep(50 * time.Microsecond) // to make two segments likely
		io.WriteString(c, text[at:])
		io.Copy(io.Discard, c)
	})
	for at := 0; at <= total; at++ {
		cuts <- at
		c, _, err := ws.Dial(soon(t), "ws://"+addr, nil)
		if err != nil {
			t.Fatalf("cut at %d: %v", at, err)
		}
		if typ, p, err := c.ReadMessage(); err != nil || typ != conn.Text || string(p) != "Hello" {
			t.Fatalf("cut at %d: got %v %q, %v", at, typ, p, err)
		}
		c.Abort()
	}
}

func TestDialUnixSocket(t *testing.T) {
	path := t.TempDir() + "/s"
	l, err := ws.Listen("unix", path, nil)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, echo)
	c, _, err := ws.Dial(soon(t), "ws://localhost/", &ws.DialOptions{Network: "unix", Address: path})
	if err != nil {
		t.Fatal(err)
	}
	converse(t, c)
	checkClosed(t, c)
}

// transcript is a Tap.
type transcript struct{ sent, received [2]string }

func (s *transcript) Sent(p wstls.Phase, b []byte)     { s.sent[p] += string(b) }
func (s *transcript) Received(p wstls.Phase, b []byte) { s.received[p] += string(b) }

// A tap sits above TLS, and sees heads and frames apart.
func TestDialTap(t *testing.T) {
	root := tlstest.NewRoot(t)
	server := (&wstls.ServerConfig{Certificates: []tls.Certificate{root.Leaf("127.0.0.1")}}).Config()
	var ours, theirs transcript
	l, _ := listen(t, &ws.ListenOptions{Accept: ws.AcceptOptions{
		TLS: server,
		Tap: func(net.Conn) wstls.Tap { return &theirs },
	}}, echo)
	c, resp, err := ws.Dial(soon(t), "wss://"+l.Addr().String(), &ws.DialOptions{
		TLS: &wstls.ClientConfig{Roots: root.Pool()},
		Tap: &ours,
	})
	if err != nil {
		t.Fatal(err)
	}
	converse(t, c)
	checkClosed(t, c)
	if !strings.HasPrefix(ours.sent[wstls.PhaseHandshake], "GET / HTTP/1.1\r\n") || ours.received[wstls.PhaseHandshake] != resp.Raw {
		t.Errorf("the tap saw the heads\n%s\n%s", ours.sent[0], ours.received[0])
	}
	if got, want := ours.received[wstls.PhaseFrames], "\x81\x05Hello\x88\x02\x03\xe8"; got != want {
		t.Errorf("the tap saw the frames % x, want % x", got, want)
	}
	l.Shutdown(soon(t)) // waits for the server's side to be done with its tap
	if ours.sent != theirs.received || ours.received != theirs.sent {
		t.Errorf("the two sides differ:\n%q\n%q", ours, theirs)
	}
}

// The socket is handed to conn as it is, and a connection type of the caller's
// is never read behind its back.
func TestDialWrappedConn(t *testing.T) {
	_, url := listen(t, nil, echo)
	var reads int
	c, _, err := ws.Dial(soon(t), url, &ws.DialOptions{NetDial: func(ctx context.Context, network, address string) (net.Conn, error) {
		nc, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &countingConn{TCPConn: nc.(*net.TCPConn), reads: &reads}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	before := reads
	converse(t, c)
	if reads == before {
		t.Error("the message did not come through the connection's Read")
	}
	checkClosed(t, c)
}

type countingConn struct {
	*net.TCPConn
	reads *int
}

func (c *countingConn) Read(p []byte) (int, error) { *c.reads++; return c.TCPConn.Read(p) }

func TestDialTimings(t *testing.T) {
	l, _ := listen(t, nil, echo)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	var opened, done ws.Timings
	c, _, err := ws.Dial(soon(t), "ws://localhost:"+port, &ws.DialOptions{Trace: &ws.DialTrace{
		Opened:   func(_ net.Conn, t ws.Timings) { opened = t },
		Answered: func(_ *handshake.Request, answers []*handshake.Response, t ws.Timings) { done = t },
	}})
	if err != nil {
		t.Fatal(err)
	}
	checkClosed(t, c)
	if opened.DNS == 0 || opened.Connect == 0 || opened.Handshake != 0 || done.Handshake == 0 || done.Proxy+done.TLS != 0 {
		t.Errorf("timings before the handshake %+v, after %+v", opened, done)
	}
}

// The hook hears of every phase that was gone through, at its end, and of the
// one that failed last.
func TestDialPhases(t *testing.T) {
	root := tlstest.NewRoot(t)
	server := (&wstls.ServerConfig{Certificates: []tls.Certificate{root.Leaf("octet.test")}}).Config()
	l, _ := listen(t, &ws.ListenOptions{Accept: ws.AcceptOptions{TLS: server}}, echo)
	var head string
	proxy := &ws.Proxy{Address: tcp(t, connectProxy(l.Addr().String(), &head))}
	busy := play(t, func(string) string { return "HTTP/1.1 503 Busy\r\n\r\n" }).addr
	trust := &wstls.ClientConfig{Roots: root.Pool()}
	direct := func(ctx context.Context, network, address string) (net.Conn, error) {
		return net.Dial(network, l.Addr().String())
	}
	notFound := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}
	for _, tt := range []struct {
		name string
		url  string
		opts ws.DialOptions
		want string
	}{
		{"all there are", "wss://octet.test/", ws.DialOptions{Proxy: ws.Via(proxy), TLS: trust}, "resolve connect proxy tls check"},
		{"a custom dial", "wss://octet.test/", ws.DialOptions{NetDial: direct, TLS: trust}, "connect tls check"},
		{"an unknown host", "ws://octet.test/", ws.DialOptions{NetDial: notFound}, "resolve: lookup : no such host"},
		{"a wrong root", "wss://octet.test/", ws.DialOptions{NetDial: direct}, "connect tls: "},
		{"a refusal", "ws://octet.test/", ws.DialOptions{Address: busy}, "resolve connect answer: handshake: the server did not switch protocols"},
		{"no port for the proxy", "ws://octet.test/", ws.DialOptions{Address: "octet.test", Proxy: ws.Via(proxy)}, "proxy: address octet.test: missing port"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			tt.opts.Trace = &ws.DialTrace{Phase: func(p handshake.Phase, took time.Duration, err error) {
				s := p.String()
				if err != nil {
					s += ": " + err.Error()
				} else if took < 0 {
					t.Errorf("phase %v took %v", p, took)
				}
				got = append(got, s)
			}}
			c, _, _ := ws.Dial(soon(t), tt.url, &tt.opts)
			if c != nil {
				checkClosed(t, c)
			}
			if s := strings.Join(got, " "); !strings.HasPrefix(s, tt.want) || c != nil && s != tt.want {
				t.Errorf("the phases are\n%s\nwant\n%s", s, tt.want)
			}
		})
	}
}
