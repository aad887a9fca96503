// Package floor is the least a WebSocket server can do: it moves bytes as the
// protocol asks and checks nothing. What a complete implementation costs above
// it is the price of its checks and of its API; nothing here is fit for use
// with a peer one does not trust.
package floor

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
)

// Header is a frame header reduced to what an echo needs.
type Header struct {
	First  byte // FIN, RSV and opcode, as on the wire
	Masked bool
	Key    [4]byte
	Length int
}

// Parse decodes the header at the start of b. n is its size, or zero when b
// holds only a part of it.
func Parse(b []byte) (h Header, n int) {
	if len(b) < 2 {
		return h, 0
	}
	n = 2
	h.First = b[0]
	h.Length = int(b[1] & 0x7f)
	switch h.Length {
	case 126:
		if len(b) < 4 {
			return h, 0
		}
		h.Length = int(binary.BigEndian.Uint16(b[2:]))
		n = 4
	case 127:
		if len(b) < 10 {
			return h, 0
		}
		h.Length = int(binary.BigEndian.Uint64(b[2:]))
		n = 10
	}
	if b[1]&0x80 != 0 {
		if len(b) < n+4 {
			return h, 0
		}
		h.Masked = true
		copy(h.Key[:], b[n:])
		n += 4
	}
	return h, n
}

// Size is the number of bytes Append adds.
func (h Header) Size() int {
	n := 2
	switch {
	case h.Length > 0xffff:
		n = 10
	case h.Length > 125:
		n = 4
	}
	if h.Masked {
		n += 4
	}
	return n
}

// Append appends the header's wire form to dst.
func (h Header) Append(dst []byte) []byte {
	mask := byte(0)
	if h.Masked {
		mask = 0x80
	}
	switch {
	case h.Length <= 125:
		dst = append(dst, h.First, mask|byte(h.Length))
	case h.Length <= 0xffff:
		dst = append(dst, h.First, mask|126, byte(h.Length>>8), byte(h.Length))
	default:
		dst = append(dst, h.First, mask|127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(h.Length))
	}
	if h.Masked {
		dst = append(dst, h.Key[:]...)
	}
	return dst
}

// Mask masks or unmasks b, which starts at a multiple of four of the payload,
// a word of eight bytes at a time, four words a turn.
func Mask(b []byte, key [4]byte) {
	k := uint64(binary.LittleEndian.Uint32(key[:]))
	k |= k << 32
	for len(b) >= 32 {
		binary.LittleEndian.PutUint64(b[0:8], binary.LittleEndian.Uint64(b[0:8])^k)
		binary.LittleEndian.PutUint64(b[8:16], binary.LittleEndian.Uint64(b[8:16])^k)
		binary.LittleEndian.PutUint64(b[16:24], binary.LittleEndian.Uint64(b[16:24])^k)
		binary.LittleEndian.PutUint64(b[24:32], binary.LittleEndian.Uint64(b[24:32])^k)
		b = b[32:]
	}
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^k)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= key[i&3]
	}
}

var (
	headEnd = []byte("\r\n\r\n")
	keyName = []byte("\r\nSec-WebSocket-Key: ")
)

const (
	keyLen = 24
	guid   = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

// Answer finds the end of the request head at the start of b and appends the
// 101 for its key to dst. n is the head's size, or zero when it is not whole.
// The field's name is expected in RFC 6455's case, as the load generator
// writes it.
func Answer(dst, b []byte) (out []byte, n int) {
	end := bytes.Index(b, headEnd)
	if end < 0 {
		return dst, 0
	}
	at := bytes.Index(b[:end], keyName)
	if at < 0 || at+len(keyName)+keyLen > end {
		return dst, 0
	}
	at += len(keyName)
	return AppendAnswer(dst, b[at:at+keyLen]), end + len(headEnd)
}

// AppendAnswer appends to dst the 101 that accepts key (RFC 6455 §4.2.2).
func AppendAnswer(dst, key []byte) []byte {
	var in [keyLen + len(guid)]byte
	copy(in[copy(in[:], key):], guid)
	sum := sha1.Sum(in[:])
	dst = append(dst, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	dst = base64.StdEncoding.AppendEncode(dst, sum[:])
	return append(dst, headEnd...)
}
