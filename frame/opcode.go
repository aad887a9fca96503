package frame

import "strconv"

// Opcode says what the payload of a frame is (RFC 6455 §5.2). Four bits.
type Opcode uint8

// The opcodes RFC 6455 §11.8 registers. All others are reserved.
const (
	Continuation Opcode = 0x0 // the next fragment of the message under way
	Text         Opcode = 0x1 // a message of UTF-8 text
	Binary       Opcode = 0x2 // a message of arbitrary bytes
	Close        Opcode = 0x8 // the closing handshake
	Ping         Opcode = 0x9 // asks for a Pong with the same payload
	Pong         Opcode = 0xA // answers a Ping, or is a one-way heartbeat
)

// IsControl reports whether op is a control opcode: the most significant of
// its four bits is set (RFC 6455 §5.5). Reserved control opcodes count.
func (op Opcode) IsControl() bool { return op&0x8 != 0 }

// IsData reports whether op carries a part of a message: Continuation, Text
// or Binary.
func (op Opcode) IsData() bool { return op <= Binary }

// IsReserved reports whether op has no meaning yet: 3 to 7 and 0xB to 0xF
// (F8). A larger value is no opcode at all and counts as reserved.
func (op Opcode) IsReserved() bool {
	return op > Binary && op < Close || op > Pong
}

var opcodeNames = [...]string{Continuation: "Continuation", Text: "Text", Binary: "Binary", Close: "Close", Ping: "Ping", Pong: "Pong"}

// String returns the name the RFC gives op, or "opcode 0x3" for a reserved one.
func (op Opcode) String() string {
	if int(op) < len(opcodeNames) && opcodeNames[op] != "" {
		return opcodeNames[op]
	}
	return "opcode 0x" + strconv.FormatUint(uint64(op), 16)
}

// RSV holds the three reserved bits of a frame header in wire order: RSV1 is
// the most significant. They are zero unless an extension was negotiated that
// gives them a meaning (F6).
type RSV uint8

// The reserved bits. Permessage-deflate gives RSV1 of a message's first frame
// the meaning "this message is compressed" (RFC 7692 §6).
const (
	RSV1 RSV = 4
	RSV2 RSV = 2
	RSV3 RSV = 1
)

// String returns the bits that are set, as in "RSV1+RSV3", or "none".
func (r RSV) String() string {
	return [...]string{"none", "RSV3", "RSV2", "RSV2+RSV3", "RSV1", "RSV1+RSV3", "RSV1+RSV2", "RSV1+RSV2+RSV3"}[r&7]
}
