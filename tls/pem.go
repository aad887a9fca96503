package tls

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"strings"
)

// ReadRoots reads the PEM file of certificates at path: a private root for
// ClientConfig.Roots or ServerConfig.ClientRoots.
func ReadRoots(path string) (*x509.CertPool, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool, err := ParseRoots(b)
	if err != nil {
		return nil, errors.New("tls: " + path + ": " + err.Error())
	}
	return pool, nil
}

// ParseRoots returns the certificates in PEM text. Unlike x509.CertPool's
// AppendCertsFromPEM it leaves nothing out silently: a certificate that does
// not parse is an error, and so is a text without one. Blocks of other kinds
// are passed over.
func ParseRoots(pemText []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	var found bool
	var other string
	for {
		var block *pem.Block
		if block, pemText = pem.Decode(pemText); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			other = block.Type
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		pool.AddCert(cert)
		found = true
	}
	switch {
	case found:
		return pool, nil
	case other != "":
		return nil, errors.New("PEM text holds no certificate, only " + other)
	}
	return nil, errors.New("no PEM certificate found")
}

// LoadCertificate reads a certificate chain and its private key from PEM
// files. A key protected by a passphrase is refused with an error that says
// so: crypto/tls cannot open it.
func LoadCertificate(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	if encrypted(key) {
		return tls.Certificate{}, errors.New("tls: " + keyFile + ": private key is encrypted; decrypt it first")
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, errors.New("tls: " + certFile + " and " + keyFile + ": " +
			strings.TrimPrefix(err.Error(), "tls: "))
	}
	return pair, nil
}

func encrypted(key []byte) bool {
	for {
		var block *pem.Block
		if block, key = pem.Decode(key); block == nil {
			return false
		}
		// PKCS #8 names it in the type, the older form in a header.
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return true
		}
	}
}
