package tls

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
)

// A Pin is the SHA-256 of a certificate's SubjectPublicKeyInfo: it names a
// public key, so it survives the renewal of a certificate for the same key.
type Pin [sha256.Size]byte

// PinOf returns the pin of cert's key.
func PinOf(cert *x509.Certificate) Pin { return sha256.Sum256(cert.RawSubjectPublicKeyInfo) }

// ParsePin reads a pin as String writes it; "sha256//", curl's spelling, is
// understood too.
func ParsePin(s string) (Pin, error) {
	text, ok := strings.CutPrefix(s, "sha256/")
	if !ok {
		return Pin{}, errors.New("tls: pin " + s + " does not begin with sha256/")
	}
	// A second slash can only be curl's when 45 characters are left: 32 bytes
	// are 44 characters of base64, and those may begin with a slash.
	if len(text) == 45 {
		text = strings.TrimPrefix(text, "/")
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != sha256.Size {
		return Pin{}, errors.New("tls: pin " + s + " is not the base64 of 32 bytes")
	}
	return Pin(b), nil
}

// String returns "sha256/" and the base64 of the digest.
func (p Pin) String() string { return "sha256/" + base64.StdEncoding.EncodeToString(p[:]) }

// pinError says that no key of the chain is pinned.
type pinError struct{ leaf Pin }

func (e *pinError) Error() string {
	return "no pinned key in the chain; the server's is " + e.leaf.String()
}

// checkPins wants one pinned key in one of the chains.
func checkPins(pins []Pin, chains [][]*x509.Certificate) error {
	for _, chain := range chains {
		for _, cert := range chain {
			if slices.Contains(pins, PinOf(cert)) {
				return nil
			}
		}
	}
	// crypto/tls never completes a handshake without a server certificate.
	return &pinError{PinOf(chains[0][0])}
}
