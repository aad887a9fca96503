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

// Event is what [Endpoint.Next] found. It is a small value; which fields are
// set depends on Kind.
type Event struct {
	Kind Kind

	// Of KindData: the type of the message, Text or Binary, on every one of
	// its events (F29, D9); whether Payload holds the first and the last
	// bytes of the message; and whether the message is compressed, so that
	// Payload must be inflated and what comes out handed to
	// [Endpoint.Inflated].
	Opcode     frame.Opcode
	First, Fin bool
	Compressed bool

	// Of KindFailed: the rule that was broken.
	Rule frame.Rule

	// Of KindClose: the status code, CloseNoStatus if there was none (K8).
	// Of KindFailed: the code to close with.
	Code frame.CloseCode

	// Payload is unmasked (D10): the next octets of a message, in order (F23)
	// and any octets if it is binary (F51); all of a Ping's or Pong's; or the
	// reason of a Close (K9), which is valid UTF-8 and meant for developers,
	// not to be shown to end users (F34). It aliases the buffer given to Next
	// and is valid for as long as the caller leaves that alone. It may be
	// empty.
	Payload []byte
}

// Owes reports whether the peer must be answered: hand ev to [Endpoint.Owe].
func (ev Event) Owes() bool {
	return ev.Kind == KindPing || ev.Kind >= KindClose
}
