package handshake

import (
	"crypto"
	"crypto/rand"
	"hash"
	"sync"
)

// acceptGUID is the string that proves a server speaks WebSocket (RFC 6455 §1.3).
const acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

const (
	keyLen = 24 // base64 of 16 bytes
)

// NewKey returns a Sec-WebSocket-Key: the base64 of 16 random bytes, drawn anew
// for every connection (C15, C16, RFC 6455 §4.1).
func NewKey() string {
	var nonce [16]byte
	rand.Read(nonce[:]) // never fails: see crypto/rand
	return string(appendBase64(nil, nonce[:]))
}

// AcceptKey returns the Sec-WebSocket-Accept that answers key: the base64 of the
// SHA-1 digest of key and a fixed string (RFC 6455 §4.2.2). The digest protects
// nothing; it shows that the answer was made for this request (X20, §10.8).
// Servers, which have many to make, use AppendAcceptKey.
func AcceptKey(key string) string {
	sum := digest(append([]byte(key), acceptGUID...))
	return string(appendBase64(nil, sum[:]))
}

// AppendAcceptKey appends AcceptKey(key) to dst. It is as fast as crypto/sha1 in a
// program that links it.
func AppendAcceptKey(dst []byte, key string) []byte { return appendAcceptKey(dst, key) }

func appendAcceptKey[T text](dst []byte, key T) []byte {
	if !crypto.SHA1.Available() {
		return append(dst, AcceptKey(string(key))...)
	}
	h := hashers.Get().(*hasher)
	h.Reset()
	h.Write(append(append(h.msg[:0], key...), acceptGUID...))
	dst = appendBase64(dst, h.Sum(h.sum[:0]))
	hashers.Put(h)
	return dst
}

// hasher is the SHA-1 of a program that links crypto/sha1, as every program with
// crypto/tls or net/http does, with room for what goes in and comes out. That
// package is made for speed on many processors, which servers want, and takes
// 24 KB, a hundredth of a small client, which has use for one digest. So this
// one does not import it.
type hasher struct {
	hash.Hash
	msg [keyLen + len(acceptGUID)]byte
	sum [20]byte
}

var hashers = sync.Pool{New: func() any { return &hasher{Hash: crypto.SHA1.New()} }}

// appendBase64 appends the base64 of b, with padding (RFC 4648 §4).
func appendBase64(dst, b []byte) []byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for ; len(b) >= 3; b = b[3:] {
		v := uint(b[0])<<16 | uint(b[1])<<8 | uint(b[2])
		dst = append(dst, alphabet[v>>18], alphabet[v>>12&63], alphabet[v>>6&63], alphabet[v&63])
	}
	if len(b) > 0 {
		v := uint(b[0]) << 16
		if len(b) == 2 {
			v |= uint(b[1]) << 8
		}
		dst = append(dst, alphabet[v>>18], alphabet[v>>12&63], alphabet[v>>6&63], '=')
		if len(b) == 1 {
			dst[len(dst)-2] = '='
		}
	}
	return dst
}

// checkKey returns the rule that key breaks, or 0 (S7, S28). Sixteen bytes make 22
// characters of base64 and two of padding. The last of the 22 carries two bits
// of the sixteenth byte and four bits that are zero: it is A, Q, g or w (E3150).
func checkKey[T text](key T) Requirement {
	if len(key) != keyLen || !isAll(key[:keyLen-2], b64) || key[keyLen-2] != '=' || key[keyLen-1] != '=' {
		return MalformedKey
	}
	switch key[keyLen-3] {
	case 'A', 'Q', 'g', 'w':
		return 0
	}
	return UnpaddedKey
}
