package handshake

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
)

// acceptGUID is the string that proves a server speaks WebSocket (RFC 6455 §1.3).
const acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

const (
	keyLen    = 24 // base64 of 16 bytes
	acceptLen = 28 // base64 of the 20 bytes of a SHA-1 digest
)

// NewKey returns a Sec-WebSocket-Key: the base64 of 16 random bytes, drawn anew
// for every connection (C15, C16, RFC 6455 §4.1).
func NewKey() string {
	var nonce [16]byte
	rand.Read(nonce[:]) // never fails: see crypto/rand
	return base64.StdEncoding.EncodeToString(nonce[:])
}

// AcceptKey returns the Sec-WebSocket-Accept that answers key: the base64 of the
// SHA-1 digest of key and a fixed string (RFC 6455 §4.2.2). The digest protects
// nothing; it shows that the answer was made for this request (X20, §10.8).
func AcceptKey(key string) string {
	return string(AppendAcceptKey(make([]byte, 0, acceptLen), key))
}

// AppendAcceptKey appends AcceptKey(key) to dst.
func AppendAcceptKey(dst []byte, key string) []byte { return appendAcceptKey(dst, key) }

func appendAcceptKey[T text](dst []byte, key T) []byte {
	var buf [keyLen + len(acceptGUID)]byte
	sum := sha1.Sum(append(append(buf[:0], key...), acceptGUID...))
	return base64.StdEncoding.AppendEncode(dst, sum[:])
}

// checkKey returns the rule that key breaks, or 0 (S7, S28). Sixteen bytes make 22
// characters of base64 and two of padding. The last of the 22 carries two bits
// of the sixteenth byte and four bits that are zero: it is A, Q, g or w (E3150).
func checkKey[T text](key T) Requirement {
	if len(key) != keyLen || span(key, 0, b64) != keyLen-2 || key[keyLen-2] != '=' || key[keyLen-1] != '=' {
		return MalformedKey
	}
	switch key[keyLen-3] {
	case 'A', 'Q', 'g', 'w':
		return 0
	}
	return UnpaddedKey
}
