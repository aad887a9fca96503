package handshake

import (
	"crypto/sha1"
	"encoding/base64"
	"math/rand/v2"
	"testing"
)

func TestAcceptKey(t *testing.T) {
	if got := AcceptKey(sampleKey); got != sampleAccept {
		t.Errorf("the answer to the key of RFC 6455 §1.3 is %s, want %s", got, sampleAccept)
	}
	for n := range 100 { // X20: the digest alone; keys of any length, for answers to illegal requests
		key := string(make([]byte, n))
		sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		want := base64.StdEncoding.EncodeToString(sum[:])
		if got := AcceptKey(key); got != want {
			t.Errorf("the answer to a key of %d bytes is %s, want %s", n, got, want)
		}
	}
}

func TestBase64IsThatOfTheLibrary(t *testing.T) {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	for n := range b {
		if got, want := string(appendBase64(nil, b[n:])), base64.StdEncoding.EncodeToString(b[n:]); got != want {
			t.Errorf("%x is %s, want %s", b[n:], got, want)
		}
	}
}

// TestCheckKey holds checkKey to a decoder: a key is legal if it is what its 16
// bytes encode to.
func TestCheckKey(t *testing.T) {
	legal := func(key string) bool {
		b, err := base64.StdEncoding.Strict().DecodeString(key)
		return err == nil && len(b) == 16 && base64.StdEncoding.EncodeToString(b) == key
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		key := []byte(NewKey())
		if i := rnd.IntN(30); i < len(key) {
			key[i] = byte(rnd.IntN(128))
		}
		if got := checkKey(string(key)); (got == 0) != legal(string(key)) {
			t.Fatalf("%q: %v", key, got)
		}
	}
}
