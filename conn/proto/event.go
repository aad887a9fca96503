package proto

import "github.com/octet-ws/octet/frame"

// Kind says what an Event reports.
type Kind uint8

const (
	KindNone   Kind = iota // nothing until more bytes arrive
	KindData               // the next bytes of a message
	KindPing               // a Ping; a Pong is owed
	KindPong               // a Pong, asked for or not (F49)
	KindClose              // the peer's Close; one is owed unless it was sent
	KindFailed             // the connection has failed; a Close is owed
)

// String returns the kind's name in lower case.
func (k Kind) String() string {
	return [...]string{"none", "data", "ping", "pong", "close", "failed", "?"}[min(k, KindFailed+1)]
}

// Event is what [Endpoint.Next] found; which parts are set depends on Kind.
//
// It has the size and the few parts that let the compiler keep it in registers
// (at most 32 bytes, and four fields at each level). As one flat struct it
// would be copied through memory at every return, at about the price of
// unmasking a short message.
type Event struct {
	Status
	Piece

	// Payload is unmasked (D10): the next octets of a message, in order (F23)
	// and any octets if it is binary (F51); all of a Ping's or Pong's; or the
	// reason of a Close (K9), which is valid UTF-8 and meant for developers,
	// not to be shown to end users (F34). It aliases the buffer given to Next
	// and is valid for as long as the caller leaves that alone. It may be
	// empty.
	Payload []byte
}

// Status is what has happened.
type Status struct {
	Kind Kind

	// Rule is the rule that was broken, of KindFailed.
	Rule frame.Rule

	// Code is, of KindClose, the peer's status code, CloseNoStatus if there
	// was none (K8); of KindFailed, the code to close with.
	Code frame.CloseCode
}

// Piece is a part of a message, of KindData.
type Piece struct {
	// Opcode is the type of the message, Text or Binary, on every one of its
	// events (F29, D9).
	Opcode frame.Opcode

	// First and Fin say whether the payload holds the first and the last
	// bytes of the message.
	First, Fin bool

	// Compressed says that the message is compressed: the payload must be
	// inflated and what comes out handed to [Endpoint.Inflated].
	Compressed bool
}

// Owes reports whether the peer must be answered: hand ev to [Endpoint.Owe].
func (ev Event) Owes() bool {
	return ev.Kind == KindPing || ev.Kind >= KindClose
}
