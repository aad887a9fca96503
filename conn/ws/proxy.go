package ws

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

// ProxyScheme is how a proxy is spoken to.
type ProxyScheme uint8

const (
	// ProxyHTTP asks for a tunnel with CONNECT (RFC 9110 §9.3.6).
	ProxyHTTP ProxyScheme = iota
	// ProxyHTTPS does so within TLS.
	ProxyHTTPS
	// ProxySOCKS5 speaks RFC 1928. Names are resolved by the proxy.
	ProxySOCKS5
)

// A Proxy is asked for a TCP connection to the target, in which everything
// else happens, TLS with the target included (C3, C6).
type Proxy struct {
	Scheme ProxyScheme

	// Address is the proxy's HOST:PORT.
	Address string

	// Username and Password are sent if either is not empty: as basic
	// authentication (RFC 7617), or as RFC 1929 has it.
	Username, Password string

	// Fields stand in the CONNECT request behind Host and
	// Proxy-Authorization. An HTTP proxy only.
	Fields handshake.Fields

	// TLS is for ProxyHTTPS. It may be nil.
	TLS *wstls.ClientConfig
}

// ParseProxy reads the URL of a proxy, such as http://user:secret@proxy:3128.
// The schemes are http, https, socks5 and socks5h; the last two mean the same
// here. The default ports are 80, 443 and 1080.
func ParseProxy(s string) (*Proxy, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		// The URL may hold a password: it is not repeated.
		return nil, errors.New("ws: proxy URL is not of the form SCHEME://[USER:PASSWORD@]HOST[:PORT]")
	}
	p := &Proxy{Username: u.User.Username()}
	p.Password, _ = u.User.Password()
	port := ""
	switch u.Scheme {
	case "http":
		p.Scheme, port = ProxyHTTP, "80"
	case "https":
		p.Scheme, port = ProxyHTTPS, "443"
	case "socks5", "socks5h":
		p.Scheme, port = ProxySOCKS5, "1080"
	default:
		return nil, errors.New("ws: proxy scheme " + strconv.Quote(u.Scheme) + " is none of http, https, socks5")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	p.Address = net.JoinHostPort(u.Hostname(), port)
	return p, nil
}

// Via is DialOptions.Proxy for one proxy that serves all targets.
func Via(p *Proxy) func(handshake.URL) (*Proxy, error) {
	return func(handshake.URL) (*Proxy, error) { return p, nil }
}

// ProxyError is an HTTP proxy that did not open a tunnel.
type ProxyError struct {
	// Response is its answer as received. The body is not read.
	Response *handshake.Response
}

// Error returns one line with the status of the answer.
func (e *ProxyError) Error() string {
	s := "proxy refused the tunnel with " + strconv.Itoa(e.Response.Status)
	if e.Response.Reason != "" {
		s += " " + e.Response.Reason
	}
	return s
}

var errProxyClosed = errors.New("ws: proxy closed the connection")

// tunnel asks the proxy at the other end of nc, which it closes on failure,
// for host:port.
func (p *Proxy) tunnel(ctx context.Context, nc net.Conn, host, port string) (net.Conn, error) {
	if p.Scheme == ProxyHTTPS {
		proxyHost, _, err := net.SplitHostPort(p.Address)
		if err != nil {
			nc.Close()
			return nil, err
		}
		tc, err := wstls.Client(ctx, nc, proxyHost, p.TLS)
		if err != nil {
			return nil, err
		}
		nc = tc
	}
	host, _, _ = strings.Cut(host, "%") // a zone is ours alone
	release := bind(ctx, nc)
	var err error
	if p.Scheme == ProxySOCKS5 {
		err = socks5(nc, host, port, p.Username, p.Password)
	} else {
		err = p.connect(nc, net.JoinHostPort(host, port))
	}
	if err = release(err); err != nil {
		nc.Close()
		return nil, err
	}
	return nc, nil
}

// connect sends CONNECT and reads the head of the answer.
func (p *Proxy) connect(nc net.Conn, target string) error {
	r := handshake.Request{Method: "CONNECT", Target: target, Proto: "HTTP/1.1"}
	r.Fields.Add("Host", target)
	if p.Username != "" || p.Password != "" {
		r.Fields.Add("Proxy-Authorization", basic(p.Username, p.Password))
	}
	for _, f := range p.Fields {
		if !handshake.IsToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") || f.Sep != "" || f.End != "" {
			return errors.New("ws: field " + strconv.Quote(f.Name) + " for the proxy is not a legal field line")
		}
		r.Fields = append(r.Fields, f)
	}
	if _, err := nc.Write(r.AppendRaw(nil)); err != nil {
		return err
	}

	// A successful answer has no body, and the target is silent until it is
	// spoken to: whatever stands behind the head is nothing we could use.
	scan := handshake.Scanner{Response: true}
	var buf []byte
	var chunk [1 << 10]byte
	for {
		n, err := nc.Read(chunk[:])
		buf = append(buf, chunk[:n]...)
		end, scanErr := scan.Scan(buf)
		switch {
		case scanErr != nil:
			return scanErr
		case end > 0:
			return checkTunnel(buf, end)
		case err != nil:
			return proxyCut(err)
		}
	}
}

func checkTunnel(buf []byte, end int) error {
	resp, _, err := handshake.ParseResponse(buf, handshake.Limits{})
	switch {
	case err != nil:
		return err
	case resp.Status/100 != 2:
		return &ProxyError{Response: resp}
	case len(buf) > end:
		return errors.New("ws: proxy sent data behind its answer")
	}
	return nil
}

// basic returns the value of an Authorization field (RFC 7617 §2).
func basic(username, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))
}
