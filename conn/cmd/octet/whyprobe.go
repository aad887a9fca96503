package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/diagnose"
	wstls "github.com/octet-ws/octet/tls"
)

// A wireProber makes attempts over the network.
type wireProber struct {
	url       handshake.URL
	transport *ws.DialOptions
	timeout   time.Duration // of one attempt
}

// keptBody is how much of the body of a refusal is kept for the report.
const keptBody = 4 << 10

// Probe implements diagnose.Prober.
func (p *wireProber) Probe(ctx context.Context, a diagnose.Attempt) diagnose.Outcome {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	o := *p.transport
	if p.url.Secure {
		o.TLS = withTLS(o.TLS, a.TLS)
	}
	nc, _, err := o.Open(ctx, p.url)
	if err != nil {
		out := diagnose.Outcome{Phase: handshake.PhaseConnect, Err: err}
		var opening *ws.Error
		if errors.As(err, &opening) {
			out.Phase, out.Err = opening.Phase, opening.Err
		}
		return out
	}
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { nc.SetDeadline(time.Unix(1, 0)) })()

	head := withKey(a.Request, handshake.NewKey()).AppendRaw(nil)
	result, err := handshake.ClientRaw(nc, head, nil, handshake.Limits{BodyBytes: keptBody})
	if err != nil {
		return diagnose.Refused(err)
	}
	sayGoodbye(nc)
	return diagnose.Outcome{Phase: handshake.PhaseCheck, Response: result.Response}
}

// withKey returns the request with its Sec-WebSocket-Key replaced, wherever and
// however often it has one.
func withKey(r *handshake.Request, key string) *handshake.Request {
	c := *r
	c.Fields = r.Fields.Clone()
	for i := range c.Fields {
		if c.Fields[i].Is("Sec-WebSocket-Key") {
			c.Fields[i].Value = key
		}
	}
	return &c
}

// sayGoodbye sends a Close with status 1000 on a connection that has served its
// purpose, so that the server's log has nothing to complain of.
func sayGoodbye(nc net.Conn) {
	var key frame.MaskKey
	rand.Read(key[:])
	payload, err := frame.AppendClose(nil, frame.CloseNormal, "")
	if err != nil {
		return
	}
	h := frame.Header{Fin: true, Opcode: frame.Close, Masked: true, Key: key, Length: int64(len(payload))}
	frame.Mask(payload, key, 0)
	nc.Write(append(h.Append(nil), payload...))
}

// firstTLS says what a server sees of the transport that c stands for.
func firstTLS(u handshake.URL, c *wstls.ClientConfig) diagnose.TLS {
	t := diagnose.TLS{ALPN: "http/1.1", SNI: u.ServerName(), Version: "1.3"}
	switch {
	case c.ServerName == wstls.NoServerName:
		t.SNI = ""
	case c.ServerName != "":
		t.SNI = c.ServerName
	}
	if _, err := netip.ParseAddr(t.SNI); err == nil {
		t.SNI = "" // an address is never sent (RFC 6066 §3)
	}
	return t
}

// withTLS returns c changed to the transport t. What the certificate has to be
// valid for stays.
func withTLS(c *wstls.ClientConfig, t diagnose.TLS) *wstls.ClientConfig {
	varied := *c
	varied.ALPN = []string{}
	if t.ALPN != "" {
		varied.ALPN = strings.Split(t.ALPN, ",")
	}
	varied.ServerName = t.SNI
	if t.SNI == "" {
		varied.ServerName = wstls.NoServerName
	}
	if t.Version == "1.2" {
		varied.MaxVersion = tls.VersionTLS12
	}
	return &varied
}

// isLoopbackAddress reports whether HOST:PORT is on this machine.
func isLoopbackAddress(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
