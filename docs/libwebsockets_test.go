package docs

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/tap"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
	"github.com/octet-ws/octet/tls/tlstest"
)

// The examples of this file are the snippets of libwebsockets.md: each in full
// but for its first paragraph, which sets the stage.

// serve accepts connections on loopback and hands each with its request to f.
func serve(chooser *handshake.Chooser, f func(*conn.Conn, *handshake.Request)) (address string, stop func()) {
	l, err := ws.Listen("tcp", "127.0.0.1:0", &ws.ListenOptions{Accept: ws.AcceptOptions{Chooser: chooser}})
	if err != nil {
		panic(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); l.Serve(f) }()
	return l.Addr().String(), func() { l.Close(); <-done }
}

// serveTLS echoes over TLS.
func serveTLS(cert tls.Certificate) (address string, stop func()) {
	l, err := ws.Listen("tcp", "127.0.0.1:0", &ws.ListenOptions{Accept: ws.AcceptOptions{
		TLS: (&wstls.ServerConfig{Certificates: []tls.Certificate{cert}}).Config()}})
	if err != nil {
		panic(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); l.Serve(echo) }()
	return l.Addr().String(), func() { l.Close(); <-done }
}

func echo(c *conn.Conn, _ *handshake.Request) {
	for {
		kind, message, err := c.NextMessage()
		if err != nil || c.WriteMessage(kind, message) != nil {
			return
		}
	}
}

// heads returns a handler that sends the head of the request, less its key, as
// a message.
func heads(c *conn.Conn, r *handshake.Request) {
	r.Fields.Set("Sec-WebSocket-Key", "(random)")
	c.WriteMessage(conn.Text, r.AppendRaw(nil))
	c.ReadMessage()
}

func Example_connect() {
	address, stop := serve(&handshake.Chooser{Subprotocols: []string{"chat"}, Origins: []string{"*"}}, heads)
	defer stop()
	ctx := context.Background()

	c, answer, err := ws.Dial(ctx, "ws://example.com:8000/feed?depth=5", &ws.DialOptions{
		Address:      address,                       // .address, .port
		Host:         "example.com",                 // .host; without it, example.com:8000
		Origin:       "https://example.com",         // .origin, never rewritten
		Subprotocols: []string{"chat", "superchat"}, // .protocol; without it, none is sent
		Fields:       handshake.Fields{{Name: "X-Token", Value: "1"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	_, head, err := c.ReadMessage()
	fmt.Println(answer.Status, c.Subprotocol(), err)
	fmt.Println(strings.ReplaceAll(string(head), "\r", ""))
	// Output:
	// 101 chat <nil>
	// GET /feed?depth=5 HTTP/1.1
	// Host: example.com
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Key: (random)
	// Sec-WebSocket-Version: 13
	// Origin: https://example.com
	// Sec-WebSocket-Protocol: chat, superchat
	// X-Token: 1
}

func Example_subprotocol() {
	ctx := context.Background()

	_, _, err := ws.Dial(ctx, "ws://127.0.0.1:9/", &ws.DialOptions{
		Subprotocols: []string{"COINEX protocol"},
	})
	fmt.Println(errors.Is(err, handshake.MalformedSubprotocol)) // before a byte is sent
	fmt.Println(err)
	// Output:
	// true
	// handshake: a subprotocol is not a token (C20, RFC 6455 §4.1): Sec-WebSocket-Protocol "COINEX protocol"
}

func Example_refused() {
	address, stop := serve(&handshake.Chooser{
		Decide: func(*handshake.Request, handshake.Offer, handshake.Answer) (handshake.Answer, error) {
			return handshake.Answer{}, &handshake.Refusal{Status: 502, Body: "error code: 502"}
		},
	}, echo)
	defer stop()
	ctx := context.Background()

	_, _, err := ws.Dial(ctx, "ws://"+address+"/feed", nil)
	var refused *handshake.RefusedError
	if errors.As(err, &refused) {
		fmt.Println(refused.Phase, refused.Response.Status, refused.Response.Reason)
		fmt.Println(refused.Response.Fields.Get("Content-Length"), string(refused.Response.Body))
		_ = refused.Report(false) // both heads as they were, secrets left out
	}
	// Output:
	// answer 502 Bad Gateway
	// 15 error code: 502
}

func Example_tls() {
	root := tlstest.NewRoot(exampleT{})
	address, stop := serveTLS(root.Leaf("inner.example"))
	defer stop()
	ctx, roots := context.Background(), root.Pool()

	c, _, err := ws.Dial(ctx, "wss://public.example/", &ws.DialOptions{
		Address: address,
		TLS: &wstls.ClientConfig{
			Roots:      roots,                // client_ssl_ca_filepath: wstls.ReadRoots(file)
			ServerName: "inner.example",      // SNI
			VerifyName: "inner.example",      // what the certificate must be for
			ALPN:       []string{"http/1.1"}, // alpn; this is the default
			MinVersion: tls.VersionTLS13,     // ssl_client_options_set
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Close())
	// Output: <nil>
}

func Example_pins() {
	cert := tlstest.NewRoot(exampleT{}).Leaf("127.0.0.1")
	address, stop := serveTLS(cert)
	defer stop()
	ctx, leaf, url := context.Background(), cert.Leaf, "wss://"+address

	// A certificate that no authority vouches for, by its key alone.
	c, _, err := ws.Dial(ctx, url, &ws.DialOptions{
		TLS: &wstls.ClientConfig{Insecure: true, Pins: []wstls.Pin{wstls.PinOf(leaf)}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Close())

	_, _, err = ws.Dial(ctx, url, &ws.DialOptions{
		TLS: &wstls.ClientConfig{Insecure: true, Pins: []wstls.Pin{{1, 2, 3}}},
	})
	fmt.Println(err != nil)
	// Output:
	// <nil>
	// true
}

// exampleT fails an example that cannot set its stage.
type exampleT struct{ testing.TB }

func (exampleT) Helper()           {}
func (exampleT) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func Example_timeouts() {
	address, stop := serve(nil, echo)
	defer stop()
	ctx, url := context.Background(), "ws://"+address

	ctx, cancel := context.WithTimeout(ctx, 20*time.Second) // all of it
	defer cancel()
	c, _, err := ws.Dial(ctx, url, &ws.DialOptions{
		Timeouts: ws.Timeouts{
			Connect:   5 * time.Second,  // connect_timeout_secs
			Handshake: 15 * time.Second, // timeout_secs; TLS, Proxy and DNS have their own
		},
		Limits: handshake.Limits{
			HeadBytes: 4096, // max_http_header_data
			BodyBytes: 1024, // what is kept of a refusal
		},
		Conn: &conn.Options{
			MaxMessage: 1 << 20,
			Keepalive: conn.Keepalive{
				Interval: 5 * time.Minute,  // secs_since_valid_ping
				Timeout:  10 * time.Second, // secs_since_valid_hangup, less the above
			},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Close())
	// Output: <nil>
}

func Example_retry() {
	connections := 0
	address, stop := serve(nil, func(c *conn.Conn, _ *handshake.Request) {
		connections++
		if connections == 1 {
			c.CloseWith(context.Background(), 1012, "restart")
			return
		}
		c.WriteMessage(conn.Text, []byte("quote"))
		c.ReadMessage()
	})
	defer stop()
	ctx, url := context.Background(), "ws://"+address

	s := &ws.Session{
		URL: url,
		Backoff: ws.Backoff{
			First:       -1,                                                       // no first random delay
			Table:       []time.Duration{time.Millisecond, 10 * time.Millisecond}, // retry_ms_table
			Jitter:      0.3,                                                      // jitter_percent 30
			MaxFailures: 10,                                                       // conceal_count
		},
		Waiting: func(w ws.Wait) { fmt.Println("failure", w.Failures, "is retried") },
		Serve: func(ctx context.Context, c *conn.Conn, _ *handshake.Response) error {
			_, message, err := c.ReadMessage() // subscribe, then read
			if err != nil {
				return err
			}
			fmt.Println(string(message))
			return nil // done
		},
	}
	fmt.Println(s.Run(ctx))
	// Output:
	// failure 1 is retried
	// quote
	// <nil>
}

// recording puts what a connection sends and receives into a recording.
type recording struct{ *tap.Session }

func (r recording) Sent(_ wstls.Phase, p []byte)     { r.Bytes(tap.Client, p) }
func (r recording) Received(_ wstls.Phase, p []byte) { r.Bytes(tap.Server, p) }

func Example_log() {
	address, stop := serve(nil, echo)
	defer stop()
	ctx, url, file := context.Background(), "ws://"+address, &bytes.Buffer{}

	recorder := tap.New(tap.Options{}, tap.NewText(file)) // or NewJSONLines, NewPcapng
	session := recorder.Open(tap.Peers{URL: url})
	c, _, err := ws.Dial(ctx, url, &ws.DialOptions{Tap: recording{session}})
	if err != nil {
		fmt.Println(err)
		return
	}
	c.WriteMessage(conn.Text, []byte("Hello"))
	c.ReadMessage()
	c.Close()
	session.End(tap.Client, nil)
	session.End(tap.Server, nil)
	fmt.Println(recorder.Close())

	fmt.Println(strings.Contains(file.String(), "server ◀  Text fin, 5 bytes\n     Hello\n"))
	// Output:
	// <nil>
	// true
}

func Example_keylog() {
	root := tlstest.NewRoot(exampleT{})
	address, stop := serveTLS(root.Leaf("127.0.0.1"))
	defer stop()
	dir, _ := os.MkdirTemp("", "octet-docs-")
	defer os.RemoveAll(dir)
	ctx, roots, url, file := context.Background(), root.Pool(), "wss://"+address, dir+"/keys.log"

	keys, err := wstls.OpenKeyLog(file) // os.Getenv("SSLKEYLOGFILE"), if that is the wish
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keys.Close()
	c, _, err := ws.Dial(ctx, url, &ws.DialOptions{
		TLS: &wstls.ClientConfig{Roots: roots, KeyLog: keys},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Close()
	secrets, err := os.ReadFile(file)
	fmt.Println(bytes.Contains(secrets, []byte("CLIENT_TRAFFIC_SECRET_0")), err)
	// Output: true <nil>
}

func Example_unix() {
	dir, _ := os.MkdirTemp("", "octet-docs-")
	defer os.RemoveAll(dir)
	l, err := ws.Listen("unix", dir+"/socket", nil)
	if err != nil {
		panic(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); l.Serve(echo) }()
	defer func() { l.Close(); <-done }()
	ctx, path := context.Background(), dir+"/socket"

	c, _, err := ws.Dial(ctx, "ws://localhost/feed", &ws.DialOptions{
		Network: "unix", // .address "+path"
		Address: path,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Close())
	// Output: <nil>
}

func Example_iface() {
	address, stop := serve(nil, echo)
	defer stop()
	ctx, url := context.Background(), "ws://"+address

	dialer := &net.Dialer{
		LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, // .iface, .local_port
		KeepAliveConfig: net.KeepAliveConfig{ // ka_time, ka_interval, ka_probes
			Enable: true, Idle: time.Minute, Interval: 10 * time.Second, Count: 3,
		},
		// Control sets any other option of the socket.
	}
	c, _, err := ws.Dial(ctx, url, &ws.DialOptions{NetDial: dialer.DialContext})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Close())
	// Output: <nil>
}

func Example_proxy() {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	defer l.Close()
	go func() { // a proxy that says no
		c, err := l.Accept()
		if err == nil {
			io.ReadFull(c, make([]byte, 30))
			io.WriteString(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
			c.Close()
		}
	}()
	ctx, address := context.Background(), l.Addr().String()

	proxy, err := ws.ParseProxy("http://user:password@" + address) // or https://, socks5://
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _, err = ws.Dial(ctx, "wss://example.com/", &ws.DialOptions{
		Proxy: ws.Via(proxy), // or ws.ProxyFromEnvironment
	})
	var refused *ws.ProxyError
	if errors.As(err, &refused) {
		fmt.Println(refused)
	}
	// Output: proxy refused the tunnel with 403 Forbidden
}
