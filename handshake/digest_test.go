package handshake

import (
	"crypto/sha1"
	"strings"
	"testing"
)

func TestDigestIsThatOfTheLibrary(t *testing.T) {
	msg := []byte(strings.Repeat("octet\x00\xff\x80", 40))
	for n := range msg { // every way to fill the last block, and several blocks
		if got, want := digest(append([]byte(nil), msg[:n]...)), sha1.Sum(msg[:n]); got != want {
			t.Errorf("%d bytes: the digest is %x, want %x", n, got, want)
		}
	}
}
