package tls

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"
)

// Client does the TLS handshake of a client with host over nc, within ctx.
// The configuration may be nil. After an error, which is an *Error, nc is
// closed.
func Client(ctx context.Context, nc net.Conn, host string, c *ClientConfig) (*tls.Conn, error) {
	conf := c.Config(host)
	tc := tls.Client(nc, conf)
	err := tc.HandshakeContext(ctx)
	if err == nil && tc.ConnectionState().NegotiatedProtocol == "h2" {
		// Reached only by a caller that offered it. The opening handshake
		// that would follow is HTTP/1.1, which the server would not read.
		err = errHTTP2
	}
	if err != nil {
		nc.Close()
		return nil, explain(err, conf, bareHost(host))
	}
	return tc, nil
}

// Server does the TLS handshake of a server over nc, within ctx. After an
// error, which is an *Error, nc is closed; a client that spoke plain HTTP has
// been told so in HTTP.
func Server(ctx context.Context, nc net.Conn, conf *tls.Config) (*tls.Conn, error) {
	tc := tls.Server(nc, conf)
	err := tc.HandshakeContext(ctx)
	if err != nil {
		if plain := (tls.RecordHeaderError{}); errors.As(err, &plain) && plain.Conn != nil && looksLikeHTTP(plain.RecordHeader) {
			answerPlainHTTP(ctx, plain.Conn)
		}
		nc.Close()
		return nil, explain(err, conf, "")
	}
	return tc, nil
}

// answerPlainHTTP is kindness to a person who typed ws:// for wss://.
func answerPlainHTTP(ctx context.Context, nc net.Conn) {
	deadline := time.Now().Add(time.Second)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	nc.SetWriteDeadline(deadline)
	nc.Write([]byte("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 34\r\nConnection: close\r\n\r\n" +
		"this port speaks TLS: use wss://\r\n"))
}

// Cause is the reason why a TLS handshake failed. The causes are errors, so
// that errors.Is(err, CauseExpired) asks for one.
type Cause uint8

const (
	// CauseOther is whatever has no name of its own here; Unwrap tells.
	CauseOther Cause = iota
	// CauseUntrusted: the chain ends at no root that is trusted.
	CauseUntrusted
	// CauseName: the certificate is not valid for the name asked for.
	CauseName
	// CauseExpired: a certificate has expired or is not valid yet.
	CauseExpired
	// CauseCertificate: the certificate is unfit in another way.
	CauseCertificate
	// CausePin: no key of the chain is pinned.
	CausePin
	// CauseVersion: no protocol version in common.
	CauseVersion
	// CauseALPN: no application protocol in common.
	CauseALPN
	// CauseAlert: the peer sent another alert.
	CauseAlert
	// CauseNotTLS: the peer does not speak TLS on this port.
	CauseNotTLS
	// CauseTransport: the connection was lost, or took too long.
	CauseTransport
)

var causes = [...]string{
	CauseOther:       "handshake failed",
	CauseUntrusted:   "certificate is signed by an unknown authority",
	CauseName:        "certificate is for another name",
	CauseExpired:     "certificate is outside its time",
	CauseCertificate: "certificate is unfit",
	CausePin:         "key is not pinned",
	CauseVersion:     "no TLS version in common",
	CauseALPN:        "no ALPN protocol in common",
	CauseAlert:       "peer sent an alert",
	CauseNotTLS:      "peer does not speak TLS",
	CauseTransport:   "connection lost",
}

// Error describes the cause in a few words.
func (c Cause) Error() string {
	if int(c) < len(causes) {
		return "tls: " + causes[c]
	}
	return "tls: unknown cause"
}

// Error is a TLS handshake that failed.
type Error struct {
	Cause Cause
	Host  string // whom a client connected to; empty for a server
	Err   error  // what crypto/tls said

	detail string
}

// Error is one line: whom we spoke to, what is wrong and, where there is one,
// what to do about it.
func (e *Error) Error() string {
	s := "tls handshake"
	if e.Host != "" {
		s += " with " + e.Host
	}
	return s + ": " + e.detail
}

// Unwrap returns what crypto/tls said.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is e's Cause.
func (e *Error) Is(target error) bool { return target == e.Cause }

// Timeout reports whether time ran out, as net.Error does.
func (e *Error) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.As(e.Err, &t) && t.Timeout()
}

var errHTTP2 = errors.New("server chose h2, in which no HTTP/1.1 upgrade is possible; do not offer it")

// explain finds the cause of a failed handshake.
func explain(err error, conf *tls.Config, host string) *Error {
	e := &Error{Host: host, Err: err}
	e.Cause, e.detail = causeOf(err, conf)
	return e
}

func causeOf(err error, conf *tls.Config) (Cause, string) {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		pin       *pinError
		header    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		detail := "certificate is signed by an unknown authority"
		if authority.Cert != nil {
			detail += " (" + authority.Cert.Issuer.String() + ")"
		}
		return CauseUntrusted, detail + "; give its root if it is private"
	case errors.As(err, &name):
		return CauseName, wrongName(name)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return CauseExpired, outsideTime(invalid.Cert, conf)
	case errors.As(err, &verify):
		return CauseCertificate, "certificate is unfit: " + verify.Err.Error()
	case errors.As(err, &pin):
		return CausePin, pin.Error()
	case errors.As(err, &header):
		if looksLikeHTTP(header.RecordHeader) {
			return CauseNotTLS, "peer answered in plain HTTP, not TLS; the port may be for ws://"
		}
		return CauseNotTLS, "peer answered " + quoteBytes(header.RecordHeader[:]) + ", which is not TLS"
	}
	if code, ok := alertOf(err); ok {
		return alertCause(code, conf)
	}
	return causeOfText(err, conf)
}

func outsideTime(cert *x509.Certificate, conf *tls.Config) string {
	now := time.Now()
	if conf.Time != nil {
		now = conf.Time()
	}
	if now.Before(cert.NotBefore) {
		return "certificate is not valid before " + cert.NotBefore.UTC().Format(time.RFC3339)
	}
	return "certificate expired on " + cert.NotAfter.UTC().Format(time.RFC3339)
}

// maxNames keeps the error for a certificate of a hundred names on its line.
const maxNames = 5

func wrongName(e x509.HostnameError) string {
	names := append([]string(nil), e.Certificate.DNSNames...)
	for _, ip := range e.Certificate.IPAddresses {
		names = append(names, ip.String())
	}
	switch {
	case len(names) == 0:
		return "certificate is valid for no name, so not for " + e.Host
	case len(names) > maxNames:
		names = append(names[:maxNames], "...")
	}
	return "certificate is valid for " + strings.Join(names, ", ") + ", not for " + e.Host
}
