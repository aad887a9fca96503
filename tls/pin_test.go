package tls_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	wstls "github.com/octet-ws/octet/tls"
)

func TestParsePin(t *testing.T) {
	// A digest whose base64 begins with a slash, which curl's spelling makes
	// look like a third one.
	slashed := wstls.Pin{0xff, 0xff}
	plain := wstls.Pin(sha256.Sum256([]byte("key")))
	for _, pin := range []wstls.Pin{slashed, plain} {
		for _, text := range []string{pin.String(), strings.Replace(pin.String(), "/", "//", 1)} {
			if got, err := wstls.ParsePin(text); err != nil || got != pin {
				t.Errorf("ParsePin(%q) = %v, %v", text, got, err)
			}
		}
	}
	for _, bad := range []string{
		"", "sha256/", "sha1/" + base64.StdEncoding.EncodeToString(plain[:20]),
		"sha256/" + base64.StdEncoding.EncodeToString(plain[:31]),
		"sha256/" + strings.Repeat("!", 44), "sha256///" + base64.StdEncoding.EncodeToString(plain[:]),
	} {
		if got, err := wstls.ParsePin(bad); err == nil {
			t.Errorf("ParsePin(%q) = %v, want an error", bad, got)
		}
	}
}
