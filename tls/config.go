package tls

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"time"
)

// NoServerName as ClientConfig.ServerName sends no SNI at all.
const NoServerName = "-"

// ClientConfig shapes the TLS of a wss:// client. The zero value verifies the
// server against the system's roots, sends SNI, speaks TLS 1.2 or later and
// offers ALPN "http/1.1". A ClientConfig may be used by many goroutines as
// long as nobody changes it.
type ClientConfig struct {
	// ServerName is the name sent as SNI. If empty, VerifyName is sent;
	// NoServerName sends none. An IP address is never sent (RFC 6066 §3).
	ServerName string

	// VerifyName is the DNS name or IP address the server's certificate must
	// be valid for. If empty, it is the host that is connected to.
	VerifyName string

	// Roots are the authorities a chain may end at. If nil, the system's.
	Roots *x509.CertPool

	// Pins, if any, must hold the key of some certificate in the verified
	// chain. They are checked after the chain has been verified. Under
	// Insecure only the leaf counts: its key alone was proved by the peer.
	Pins []Pin

	// Certificates are shown to a server that asks for one.
	Certificates []tls.Certificate

	// ALPN lists the protocols offered, most preferred first (RFC 7301). If
	// nil, "http/1.1" is offered, so that a server cannot choose a protocol
	// this handshake is not written in; if empty but not nil, none is.
	ALPN []string

	// MinVersion and MaxVersion bound the protocol version, as constants of
	// crypto/tls. If MinVersion is zero, TLS 1.2; if MaxVersion is zero, the
	// newest that crypto/tls speaks.
	MinVersion, MaxVersion uint16

	// CipherSuites restricts the suites of TLS 1.2 and below; those of
	// TLS 1.3 cannot be chosen in crypto/tls. If nil, its defaults.
	CipherSuites []uint16

	// CurvePreferences restricts the key exchanges. If nil, the defaults.
	CurvePreferences []tls.CurveID

	// SessionCache, if not nil, lets later connections resume a session.
	SessionCache tls.ClientSessionCache

	// KeyLog, if not nil, is written the secrets of each connection: whoever
	// reads them reads the traffic. See OpenKeyLog.
	KeyLog io.Writer

	// Insecure accepts any certificate from anyone. Pins are still checked.
	Insecure bool

	// Time, if not nil, is the clock certificates are judged by.
	Time func() time.Time
}

// Config returns the configuration for a connection to host, a DNS name or an
// IP address, with or without brackets and zone. It may be called on nil.
// The caller owns the result.
func (c *ClientConfig) Config(host string) *tls.Config {
	if c == nil {
		c = &ClientConfig{}
	}
	verify := c.VerifyName
	if verify == "" {
		verify = bareHost(host)
	}
	sni := c.ServerName
	switch sni {
	case "":
		sni = verify
	case NoServerName:
		sni = ""
	}
	t := &tls.Config{
		ServerName:         sni,
		RootCAs:            c.Roots,
		Certificates:       c.Certificates,
		NextProtos:         protocols(c.ALPN),
		MinVersion:         minVersion(c.MinVersion),
		MaxVersion:         c.MaxVersion,
		CipherSuites:       c.CipherSuites,
		CurvePreferences:   c.CurvePreferences,
		ClientSessionCache: c.SessionCache,
		KeyLogWriter:       c.KeyLog,
		InsecureSkipVerify: c.Insecure,
		Time:               c.Time,
	}
	// crypto/tls verifies the name it sends. When the two differ it is told
	// to verify nothing, and the same verification is done below by hand: in
	// VerifyConnection, which unlike VerifyPeerCertificate also runs when a
	// session is resumed.
	byHand := !c.Insecure && sni != verify
	if byHand {
		t.InsecureSkipVerify = true
	}
	if !byHand && len(c.Pins) == 0 {
		return t
	}
	t.VerifyConnection = func(cs tls.ConnectionState) error {
		chains := cs.VerifiedChains
		if byHand {
			var err error
			if chains, err = c.verify(cs, verify); err != nil {
				return err
			}
		}
		if len(c.Pins) == 0 {
			return nil
		}
		if c.Insecure {
			chains = [][]*x509.Certificate{cs.PeerCertificates[:1]}
		}
		return checkPins(c.Pins, chains)
	}
	return t
}

// verify does what crypto/tls does for a client, under another name.
func (c *ClientConfig) verify(cs tls.ConnectionState, name string) ([][]*x509.Certificate, error) {
	opts := x509.VerifyOptions{
		Roots:         c.Roots,
		DNSName:       name,
		Intermediates: x509.NewCertPool(),
	}
	if c.Time != nil {
		opts.CurrentTime = c.Time()
	}
	for _, cert := range cs.PeerCertificates[1:] {
		opts.Intermediates.AddCert(cert)
	}
	chains, err := cs.PeerCertificates[0].Verify(opts)
	if err != nil {
		return nil, &tls.CertificateVerificationError{UnverifiedCertificates: cs.PeerCertificates, Err: err}
	}
	return chains, nil
}

// ServerConfig shapes the TLS of a server. Certificates is required.
type ServerConfig struct {
	// Certificates are what the server may show; see LoadCertificate.
	Certificates []tls.Certificate

	// ClientRoots, if not nil, makes a client certificate that chains to one
	// of them necessary.
	ClientRoots *x509.CertPool

	// ALPN lists the protocols spoken. If nil, "http/1.1": a client that
	// offers only others is refused with an alert, one that offers none is
	// served. If empty but not nil, a client's offer is ignored.
	ALPN []string

	// MinVersion is the least version accepted. If zero, TLS 1.2.
	MinVersion uint16

	// KeyLog is as in ClientConfig.
	KeyLog io.Writer
}

// Config returns the crypto/tls configuration. The caller owns the result.
func (c *ServerConfig) Config() *tls.Config {
	t := &tls.Config{
		Certificates: c.Certificates,
		NextProtos:   protocols(c.ALPN),
		MinVersion:   minVersion(c.MinVersion),
		KeyLogWriter: c.KeyLog,
	}
	if c.ClientRoots != nil {
		t.ClientCAs = c.ClientRoots
		t.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return t
}

func protocols(alpn []string) []string {
	if alpn == nil {
		return []string{"http/1.1"}
	}
	return alpn
}

func minVersion(v uint16) uint16 {
	if v == 0 {
		return tls.VersionTLS12
	}
	return v
}

// bareHost takes the brackets and the zone off an IPv6 literal: a zone means
// nothing outside this machine and is in no certificate (U7).
func bareHost(host string) string {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if addr, _, zoned := strings.Cut(host, "%"); zoned && net.ParseIP(addr) != nil {
		return addr
	}
	return host
}
