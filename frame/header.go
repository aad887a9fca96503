package frame

import (
	"cmp"
	"encoding/binary"
)

// MaxHeaderSize is the size in bytes of the largest frame header: two bytes,
// eight of extended length, four of masking key.
const MaxHeaderSize = 14

// MaxControlPayload is the most payload, in bytes, that a Close, Ping or Pong
// may carry (RFC 6455 §5.5, F31).
const MaxControlPayload = 125

// The seven bits of length in the second byte hold the length itself up to
// 125, or say how many more bytes hold it (RFC 6455 §5.2).
const (
	finBit  = 0x80
	maskBit = 0x80

	length16 = 126 // the next two bytes are the length
	length64 = 127 // the next eight bytes are the length
)

// Header is everything in a frame but its payload (RFC 6455 §5.2).
type Header struct {
	Fin    bool    // the last frame of its message
	RSV    RSV     // reserved bits, three bits wide
	Opcode Opcode  // what the payload is, four bits wide
	Masked bool    // the payload is masked with Key
	Key    MaskKey // zero unless Masked; part of the header (F14)
	Length int64   // bytes of payload that follow, 0 to 2^63-1
}

// ParseHeader decodes the frame header at the start of b and returns it with
// its size in bytes; the payload is the h.Length bytes from b[n] on. When b
// holds only a part of a header, n is 0 and err is nil: call again with more.
//
// A header that breaks a rule by itself, whatever came before it and whatever
// was negotiated, returns an [*Error] of RuleOpcode, RuleControlFragmented,
// RuleControlLength, RuleLengthMinimal or RuleLengthRange. h and n are filled
// all the same, so that a caller who only looks at traffic may go on; but
// after RuleLengthRange h.Length is 0, for there is nothing sensible to wait
// for. RSV bits and masking depend on what was agreed and on who sent the
// frame, so their rules are checked by conn/proto.
func ParseHeader(b []byte) (h Header, n int, err error) {
	n, err = h.Parse(b)
	return h, n, err
}

// Parse is [ParseHeader] into h, which keeps its value while b holds only a
// part of a header. Where every frame counts it is the one to call: a header
// that was just written field by field is slow to copy as a whole.
func (h *Header) Parse(b []byte) (n int, err error) {
	if len(b) < 2 {
		return 0, nil
	}
	b0, b1 := b[0], b[1]
	n = 2
	length := int64(b1 &^ maskBit)
	var broken Rule
	switch length {
	case length16:
		if len(b) < 4 {
			return 0, nil
		}
		length, n = int64(binary.BigEndian.Uint16(b[2:])), 4
		if length < length16 { // F10
			broken = RuleLengthMinimal
		}
	case length64:
		if len(b) < 10 {
			return 0, nil
		}
		length, n = int64(binary.BigEndian.Uint64(b[2:])), 10
		if length < 1<<16 { // F10
			broken = RuleLengthMinimal
			if length < 0 {
				length, broken = 0, RuleLengthRange
			}
		}
	}
	if b1&maskBit != 0 {
		if len(b) < n+4 {
			return 0, nil
		}
		h.Masked, h.Key = true, MaskKey(b[n:])
		n += 4
	} else {
		h.Masked, h.Key = false, MaskKey{}
	}
	h.Fin = b0&finBit != 0
	h.RSV = RSV(b0 >> 4 & 7)
	h.Opcode = Opcode(b0 & 0xF)
	h.Length = length
	if !h.Opcode.IsData() && broken != RuleLengthRange {
		broken = cmp.Or(h.brokenByControl(), broken)
	}
	if broken != 0 {
		return n, &Error{Rule: broken, Header: *h}
	}
	return n, nil
}

// brokenByControl returns the rule that h breaks if it is no data frame's.
func (h *Header) brokenByControl() Rule {
	switch {
	case h.Opcode.IsReserved():
		return RuleOpcode
	case !h.Fin:
		return RuleControlFragmented
	case h.Length > MaxControlPayload:
		return RuleControlLength
	}
	return 0
}

// Size returns how many bytes [Header.Append] appends: 2 to MaxHeaderSize.
func (h *Header) Size() int {
	n := 2
	switch {
	case h.Length > 0xFFFF:
		n = 10
	case h.Length >= length16:
		n = 4
	}
	if h.Masked {
		n += 4
	}
	return n
}

// Append appends h as it stands on the wire, with the length in the fewest
// bytes that hold it (F10, F12), and returns the extended slice. It writes
// what it is given and checks nothing, so that tests and analysers can send
// any header; endpoints send through conn/proto, which checks. Bits of RSV
// and Opcode beyond the width of their fields are dropped, and a negative
// Length is sent as 0.
func (h *Header) Append(dst []byte) []byte {
	b0 := byte(h.RSV&7)<<4 | byte(h.Opcode&0xF)
	if h.Fin {
		b0 |= finBit
	}
	b1 := byte(0)
	if h.Masked {
		b1 = maskBit
	}
	switch length := max(h.Length, 0); {
	case length < length16:
		dst = append(dst, b0, b1|byte(length))
	case length <= 0xFFFF:
		dst = append(dst, b0, b1|length16, byte(length>>8), byte(length))
	default:
		dst = append(dst, b0, b1|length64)
		dst = binary.BigEndian.AppendUint64(dst, uint64(length))
	}
	if h.Masked {
		dst = append(dst, h.Key[:]...)
	}
	return dst
}
