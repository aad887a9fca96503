package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/museum"
)

// listRules prints the rules of the museum and where they come from, for
// octet serve -reject list.
func listRules(w io.Writer) error {
	for _, r := range museum.All() {
		if _, err := fmt.Fprintf(w, "%s\n    refuses %s\n", r.Name, r.Refuses); err != nil {
			return err
		}
		for _, s := range r.Sources {
			if url := museum.URL(s); url != "" {
				s = url
			}
			if _, err := fmt.Fprintf(w, "    %s\n", s); err != nil {
				return err
			}
		}
	}
	return nil
}

// A pickyListener is a listener whose connections are judged by a rule of the
// museum before the server behind it reads the first byte. If config is not
// nil, TLS is spoken here, so that the rule sees the ClientHello.
type pickyListener struct {
	net.Listener
	rule   museum.Rule
	config *tls.Config
	visits atomic.Int64
}

func (l *pickyListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	p := &pickyConn{Conn: nc, rule: l.rule, visit: museum.Visit{Number: int(l.visits.Add(1))}}
	if l.config != nil {
		config := l.config.Clone()
		config.NextProtos = append(slices.Clone(config.NextProtos), "h2") // so that the rule is what refuses it
		config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			p.visit.TLS = helloOf(hello)
			if l.rule.React(museum.Visit{Request: &handshake.Request{}, Number: p.visit.Number, TLS: p.visit.TLS}).Deed == museum.Alert {
				return nil, ruleError(l.rule.Name)
			}
			return nil, nil
		}
		p.Conn = tls.Server(nc, config)
	}
	return p, nil
}

// helloOf says what a ClientHello tells of the client.
func helloOf(hello *tls.ClientHelloInfo) museum.TLS {
	t := museum.TLS{ALPN: hello.SupportedProtos, SNI: hello.ServerName, Version: "1.2"}
	if slices.Contains(hello.SupportedVersions, tls.VersionTLS13) {
		t.Version = "1.3"
	}
	return t
}

// ruleError is the error of a connection that the rule of that name refused.
type ruleError string

func (e ruleError) Error() string { return "refused by rule " + string(e) }

// A pickyConn reads the head of a request before anybody else does. If the
// rule lets it pass, it is read again from there; otherwise the connection
// comes to the end that the rule has for it.
type pickyConn struct {
	net.Conn
	rule   museum.Rule
	visit  museum.Visit
	judged bool
	head   []byte // what is still to be read again
	err    error  // of a head that was refused, or did not come
}

func (c *pickyConn) Read(b []byte) (int, error) {
	if !c.judged {
		c.judged = true
		c.visit.Request, c.head, c.err = readRequest(c.Conn)
		if c.err == nil {
			c.err = c.judge()
		}
	}
	if c.err != nil {
		return 0, c.err
	}
	if len(c.head) > 0 {
		n := copy(b, c.head)
		c.head = c.head[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// judge does what the rule says, and returns an error unless that is to accept.
func (c *pickyConn) judge() error {
	reaction := c.rule.React(c.visit)
	switch reaction.Deed {
	case museum.Accept:
		return nil
	case museum.Answer:
		refusal := handshake.Refuse(&handshake.Refusal{Status: reaction.Status, Fields: reaction.Fields, Body: reaction.Body})
		answer, err := refusal.Append(nil)
		if err != nil {
			return err
		}
		if _, err := c.Conn.Write(answer); err != nil {
			return err
		}
	case museum.Hang:
		c.Conn.SetDeadline(time.Time{}) // until the client gives up
		io.Copy(io.Discard, c.Conn)
	}
	c.Conn.Close() // or the server behind would answer, too
	return ruleError(c.rule.Name)
}
