package ws_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
	"github.com/octet-ws/octet/tls/tlstest"
)

// relay copies both ways until either side is done.
func relay(a, b net.Conn) {
	var wg sync.WaitGroup
	for _, c := range [][2]net.Conn{{a, b}, {b, a}} {
		wg.Go(func() {
			io.Copy(c[0], c[1])
			c[0].(interface{ CloseWrite() error }).CloseWrite()
		})
	}
	wg.Wait()
}

// connectProxy opens tunnels to target, whatever host is asked for, and gives
// the heads it is sent to seen.
func connectProxy(target string, seen *string) func(net.Conn) {
	return func(c net.Conn) {
		*seen = readHead(c)
		up, err := net.Dial("tcp", target)
		if err != nil {
			return
		}
		defer up.Close()
		io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
		relay(c, up)
	}
}

// The proxy is asked for the server's host and port, and nothing is sent to the
// server before it has opened the tunnel (C3).
func TestConnectProxy(t *testing.T) {
	root := tlstest.NewRoot(t)
	server := (&wstls.ServerConfig{Certificates: []tls.Certificate{root.Leaf("octet.test")}}).Config()
	plain, _ := listen(t, nil, echo)
	secure, _ := listen(t, &ws.ListenOptions{Accept: ws.AcceptOptions{TLS: server}}, echo)
	trust := &wstls.ClientConfig{Roots: root.Pool()}

	for _, tt := range []struct {
		name, url string
		target    *ws.Listener
		tls       bool // between client and proxy
		proxy     ws.Proxy
		head      string
	}{
		{"ws", "ws://octet.test/", plain, false, ws.Proxy{},
			"CONNECT octet.test:80 HTTP/1.1\r\nHost: octet.test:80\r\n\r\n"},
		{"wss", "wss://octet.test/", secure, false, ws.Proxy{},
			"CONNECT octet.test:443 HTTP/1.1\r\nHost: octet.test:443\r\n\r\n"},
		{"wss by TLS", "wss://octet.test:8443/", secure, true, ws.Proxy{Scheme: ws.ProxyHTTPS, TLS: trust},
			"CONNECT octet.test:8443 HTTP/1.1\r\nHost: octet.test:8443\r\n\r\n"},
		{"ws by TLS, with authentication and fields", "ws://octet.test/", plain, true,
			ws.Proxy{Scheme: ws.ProxyHTTPS, TLS: trust, Username: "user", Fields: handshake.Fields{{Name: "User-Agent", Value: "x"}}},
			"CONNECT octet.test:80 HTTP/1.1\r\nHost: octet.test:80\r\nProxy-Authorization: Basic dXNlcjo=\r\nUser-Agent: x\r\n\r\n"},
		{"authentication and fields", "ws://[2001:db8::1%25eth0]/", plain, false,
			ws.Proxy{Username: "user", Password: "p:w", Fields: handshake.Fields{{Name: "X-tenant", Value: "7"}}},
			"CONNECT [2001:db8::1]:80 HTTP/1.1\r\nHost: [2001:db8::1]:80\r\nProxy-Authorization: Basic dXNlcjpwOnc=\r\nX-tenant: 7\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen string
			part := connectProxy(tt.target.Addr().String(), &seen)
			if tt.tls {
				inner := part
				conf := (&wstls.ServerConfig{Certificates: []tls.Certificate{root.Leaf("127.0.0.1")}}).Config()
				part = func(c net.Conn) { inner(tls.Server(c, conf)) }
			}
			tt.proxy.Address = tcp(t, part)
			var timings ws.Timings
			c, _, err := ws.Dial(soon(t), tt.url, &ws.DialOptions{
				Proxy: ws.Via(&tt.proxy),
				TLS:   trust,
				Trace: &ws.DialTrace{Opened: func(_ net.Conn, t ws.Timings) { timings = t }},
			})
			if err != nil {
				t.Fatal(err)
			}
			converse(t, c)
			checkClosed(t, c)
			if seen != tt.head {
				t.Errorf("the proxy was sent\n%s\nwant\n%s", seen, tt.head)
			}
			if timings.Proxy == 0 {
				t.Error("the proxy took no time")
			}
		})
	}
}

// socksProxy serves one name by SOCKS5 with a password, and connects to target.
func socksProxy(t *testing.T, target string) string {
	return tcp(t, func(c net.Conn) {
		read := func(n int) []byte {
			b := make([]byte, n)
			io.ReadFull(c, b)
			return b
		}
		read(4) // version, two methods
		io.WriteString(c, "\x05\x02")
		if got := string(read(10)); got != "\x01\x04user\x03p:w" {
			t.Errorf("the login is %q", got)
		}
		io.WriteString(c, "\x01\x00")
		if got, want := string(read(17)), "\x05\x01\x00\x03\x0aoctet.test\x00\x50"; got != want {
			t.Errorf("the request is %q, want %q", got, want)
		}
		up, err := net.Dial("tcp", target)
		if err != nil {
			return
		}
		defer up.Close()
		io.WriteString(c, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
		relay(c, up)
	})
}

func TestSOCKSProxy(t *testing.T) {
	l, _ := listen(t, nil, echo)
	p := &ws.Proxy{Scheme: ws.ProxySOCKS5, Address: socksProxy(t, l.Addr().String()), Username: "user", Password: "p:w"}
	c, _, err := ws.Dial(soon(t), "ws://octet.test/", &ws.DialOptions{Proxy: ws.Via(p)})
	if err != nil {
		t.Fatal(err)
	}
	converse(t, c)
	checkClosed(t, c)
}

func TestConnectProxyFailures(t *testing.T) {
	silent := func(c net.Conn) { io.Copy(io.Discard, c) }
	says := func(text string) func(net.Conn) {
		return func(c net.Conn) { readHead(c); io.WriteString(c, text) }
	}
	for _, tt := range []struct {
		name  string
		part  func(net.Conn)
		proxy ws.Proxy
		text  string
		retry bool
	}{
		{"wants authentication", says("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), ws.Proxy{}, "proxy refused the tunnel with 407 Proxy Authentication Required", false},
		{"cannot reach the target", says("HTTP/1.1 503 Service Unavailable\r\n\r\n"), ws.Proxy{}, "proxy refused the tunnel with 503 Service Unavailable", true},
		{"is no proxy", says("220 mail.test ESMTP\r\n"), ws.Proxy{}, "the first bytes are not HTTP", false},
		{"closes", says(""), ws.Proxy{}, "proxy closed the connection", true},
		{"sends data of its own", says("HTTP/1.1 200 OK\r\n\r\nHello"), ws.Proxy{}, "proxy sent data behind its answer", false},
		{"is silent", silent, ws.Proxy{}, "i/o timeout", true},
		{"speaks no TLS", says("HTTP/1.1 400 Bad Request\r\n\r\n"), ws.Proxy{Scheme: ws.ProxyHTTPS}, "tls handshake with 127.0.0.1: ", false},
		{"is given a field that is two", says(""), ws.Proxy{Fields: handshake.Fields{{Name: "A", Value: "b\r\nC: d"}}}, `field "A" for the proxy is not a legal field line`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.proxy.Address = tcp(t, tt.part)
			_, _, err := ws.Dial(soon(t), "ws://octet.test/", &ws.DialOptions{Proxy: ws.Via(&tt.proxy), Timeouts: ws.Timeouts{Proxy: 50e6}})
			var e *ws.Error
			if !errors.As(err, &e) || e.Phase != handshake.PhaseProxy {
				t.Fatalf("got %v, want an *Error of the proxy phase", err)
			}
			if !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error reads\n%s\nwant one line with\n%s", err, tt.text)
			}
			if tt.name != "speaks no TLS" && ws.Retryable(err) != tt.retry {
				t.Errorf("Retryable = %t, want %t", !tt.retry, tt.retry)
			}
		})
	}
}

func TestParseProxy(t *testing.T) {
	for _, tt := range []struct {
		url  string
		want ws.Proxy
	}{
		{"http://proxy", ws.Proxy{Address: "proxy:80"}},
		{"http://proxy:3128/", ws.Proxy{Address: "proxy:3128"}},
		{"https://us%65r:p%3Aw@[::1]", ws.Proxy{Scheme: ws.ProxyHTTPS, Address: "[::1]:443", Username: "user", Password: "p:w"}},
		{"socks5://proxy", ws.Proxy{Scheme: ws.ProxySOCKS5, Address: "proxy:1080"}},
		{"socks5h://proxy:9", ws.Proxy{Scheme: ws.ProxySOCKS5, Address: "proxy:9"}},
	} {
		p, err := ws.ParseProxy(tt.url)
		if err != nil {
			t.Errorf("%s: %v", tt.url, err)
		} else if p.Scheme != tt.want.Scheme || p.Address != tt.want.Address || p.Username != tt.want.Username || p.Password != tt.want.Password {
			t.Errorf("%s: got %+v, want %+v", tt.url, p, tt.want)
		}
	}
	for _, bad := range []string{"", "proxy:3128", "ftp://proxy", "http://", "http://proxy/path", "http://proxy?q", "http://u:secret@pro xy"} {
		p, err := ws.ParseProxy(bad)
		if err == nil {
			t.Errorf("%q was taken for %+v", bad, p)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error for %q repeats a password: %v", bad, err)
		}
	}
}

func TestProxyFromEnvironment(t *testing.T) {
	for _, tt := range []struct {
		name, url string
		env       []string // name, value, …
		want      string
	}{
		{"an empty environment", "ws://a.test/", nil, ""},
		{"the proxy for ws", "ws://a.test/", []string{"HTTP_PROXY", "http://p:1", "HTTPS_PROXY", "http://q:2"}, "p:1"},
		{"the proxy for wss", "wss://a.test/", []string{"HTTP_PROXY", "http://p:1", "HTTPS_PROXY", "http://q:2"}, "q:2"},
		{"a proxy without scheme", "ws://a.test/", []string{"HTTP_PROXY", "p:1"}, "p:1"},
		{"lower case first", "ws://a.test/", []string{"HTTP_PROXY", "http://p:1", "http_proxy", "http://q:2"}, "q:2"},
		{"the proxy for all", "wss://a.test/", []string{"HTTP_PROXY", "http://p:1", "ALL_PROXY", "socks5://q:2"}, "q:2"},
		{"a CGI program", "ws://a.test/", []string{"HTTP_PROXY", "http://p:1", "REQUEST_METHOD", "GET"}, ""},
		{"localhost", "ws://localhost:80/", []string{"HTTP_PROXY", "http://p:1"}, ""},
		{"a loopback address", "ws://[::1]/", []string{"HTTP_PROXY", "http://p:1"}, ""},
		{"a domain that is excepted", "ws://a.test/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "x, A.test"}, ""},
		{"a subdomain of one", "ws://b.a.test/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "a.test"}, ""},
		{"a domain of which the subdomains are", "ws://a.test/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", ".a.test"}, "p:1"},
		{"a subdomain of that", "ws://b.a.test/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "*.a.test"}, ""},
		{"a name that only ends alike", "ws://ba.test/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "a.test"}, "p:1"},
		{"a port that is excepted", "ws://a.test:81/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "a.test:81"}, ""},
		{"the default port that is", "wss://a.test/", []string{"HTTPS_PROXY", "http://p:1", "NO_PROXY", "a.test:443"}, ""},
		{"another port", "ws://a.test:82/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "a.test:81"}, "p:1"},
		{"an address that is excepted", "ws://192.0.2.1/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "192.0.2.1"}, ""},
		{"an address in a block that is", "ws://192.0.2.1/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "192.0.2.0/24"}, ""},
		{"an address outside it", "ws://192.0.3.1/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "192.0.2.0/24"}, "p:1"},
		{"everything excepted", "ws://a.test/", []string{"HTTP_PROXY", "http://p:1", "NO_PROXY", "*"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"} {
				t.Setenv(name, "")
				t.Setenv(strings.ToLower(name), "")
			}
			for i := 0; i < len(tt.env); i += 2 {
				t.Setenv(tt.env[i], tt.env[i+1])
			}
			u, err := handshake.ParseURL(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			p, err := ws.ProxyFromEnvironment(u)
			got := ""
			if p != nil {
				got = p.Address
			}
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// What a proxy function answers is obeyed, its error too.
func TestProxyFunction(t *testing.T) {
	plain, url := listen(t, nil, echo)
	none := func(handshake.URL) (*ws.Proxy, error) { return nil, nil }
	c, _, err := ws.Dial(soon(t), url, &ws.DialOptions{Proxy: none})
	if err != nil {
		t.Fatal(err)
	}
	checkClosed(t, c)

	broken := errors.New("no such proxy")
	_, _, err = ws.Dial(soon(t), url, &ws.DialOptions{Proxy: func(handshake.URL) (*ws.Proxy, error) { return nil, broken }})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the function's error", err)
	}

	// Address names what the proxy is asked for; NetDial reaches the proxy.
	var asked string
	var seen string
	at := tcp(t, connectProxy(plain.Addr().String(), &seen))
	c, _, err = ws.Dial(soon(t), "ws://octet.test/", &ws.DialOptions{
		Address: "10.0.0.1:99",
		Proxy:   ws.Via(&ws.Proxy{Address: "proxy.test:3128"}),
		NetDial: func(ctx context.Context, network, address string) (net.Conn, error) {
			asked = address
			return net.Dial("tcp", at)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	checkClosed(t, c)
	if !strings.HasPrefix(seen, "CONNECT 10.0.0.1:99 ") || asked != "proxy.test:3128" {
		t.Errorf("dialled %q and sent\n%s", asked, seen)
	}
}
