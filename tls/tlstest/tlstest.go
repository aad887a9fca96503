// Package tlstest makes certificates in memory, for tests of endpoints that
// speak wss:// under a private root. Nothing in it is for production: the keys
// are thrown away with the process.
package tlstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// A Root is a private certificate authority.
type Root struct {
	Certificate *x509.Certificate

	t   testing.TB
	key *ecdsa.PrivateKey
}

// NewRoot makes a root that is valid for a day on either side of now. If that
// fails, so does the test.
func NewRoot(t testing.TB) *Root {
	t.Helper()
	key := newKey(t)
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial(t),
		Subject:               pkix.Name{CommonName: "Octet test root"},
		NotBefore:             now.Add(-24 * time.Hour),
		NotAfter:              now.Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	return &Root{Certificate: sign(t, template, template, key, key), t: t, key: key}
}

// Pool returns a pool that holds the root alone.
func (r *Root) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(r.Certificate)
	return pool
}

// PEM returns the root's certificate as PEM text.
func (r *Root) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate.Raw})
}

// Leaf issues a certificate for the names, DNS names or IP addresses, that is
// valid while the root is, for a server and for a client alike.
func (r *Root) Leaf(names ...string) tls.Certificate {
	r.t.Helper()
	return r.LeafBetween(r.Certificate.NotBefore, r.Certificate.NotAfter, names...)
}

// LeafBetween issues a certificate that is valid from notBefore to notAfter.
func (r *Root) LeafBetween(notBefore, notAfter time.Time, names ...string) tls.Certificate {
	r.t.Helper()
	key := newKey(r.t)
	template := &x509.Certificate{
		SerialNumber: serial(r.t),
		Subject:      pkix.Name{CommonName: "Octet test leaf"},
		NotBefore:    notBefore,
		NotAfter:     notAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	cert := sign(r.t, template, r.Certificate, key, r.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

// PEM returns the certificate and its key as two PEM texts, for programs that
// read them from files.
func PEM(t testing.TB, cert tls.Certificate) (certPEM, keyPEM []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatalf("encoding a key: %v", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("making a key: %v", err)
	}
	return key
}

func serial(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatalf("drawing a serial number: %v", err)
	}
	return n
}

func sign(t testing.TB, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatalf("signing a certificate: %v", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("reading a certificate back: %v", err)
	}
	return cert
}
