package tap

import (
	"net/netip"
	"time"

	"github.com/octet-ws/octet/frame"
)

// Side is an endpoint of a connection: the one that sent something.
type Side uint8

const (
	Client Side = iota // opened the connection
	Server             // accepted it
)

// String returns "client" or "server".
func (s Side) String() string {
	if s == Server {
		return "server"
	}
	return "client"
}

// Kind says what an [Event] reports.
type Kind uint8

const (
	Opened  Kind = iota + 1 // a connection began: Peers
	Bytes                   // bytes passed: Data; everything is in some Bytes event exactly once
	Head                    // a request or response head: Data
	Body                    // the content of a request or response: Data, Length
	Framed                  // a frame, whole or cut short: Frame
	Opaque                  // bytes that are neither: Data, Length
	Problem                 // a rule was broken by no frame in particular: Problems
	Ended                   // From sends nothing more: Err, Length
)

var kindNames = [...]string{Opened: "open", Bytes: "bytes", Head: "head", Body: "body",
	Framed: "frame", Opaque: "data", Problem: "problem", Ended: "end"}

// String returns the name of the kind in the recordings: "open", "head", "frame" …
func (k Kind) String() string { return kindNames[k] }

// An Event is one thing that happened on a connection. It is valid during
// [Writer.Write] only: its slices are reused.
type Event struct {
	Time time.Time
	Conn int  // number of the connection in this recording, from 1
	Kind Kind // says which of the fields below are set
	From Side // the side that sent the bytes

	// Offset is the place of the first byte in what From sent, and Length the
	// number of bytes on the wire. Data may be less: a preview of Length bytes.
	Offset, Length int64
	Data           []byte

	Redacted []string // Head: the fields in which secrets were overwritten; see Redact
	Peers    Peers    // Opened
	Frame    *Frame   // Framed
	Problems []Fault  // Head, Framed, Problem, Ended
	Err      error    // Ended: nil after an orderly end of the stream
}

// Peers names the two ends of a connection.
type Peers struct {
	Client, Server netip.AddrPort // zero when not TCP
	URL            string         // what the server side is, for people; may be empty
	Secure         [2]bool        // by Side: that side spoke TLS; what is recorded is the plaintext
}

// A Frame is a frame as it was seen on the wire.
type Frame struct {
	frame.Header

	// Size is the number of bytes of the frame's own header.
	Size int
	// Payload is the beginning of the payload, unmasked, and Left the number
	// of bytes that follow it and were not kept.
	Payload []byte
	Left    int64
	// Missing is the number of payload bytes that never came because the
	// connection ended within the frame.
	Missing int64

	// Message describes the whole message on its last frame, if it had been
	// compressed; otherwise it is nil.
	Message *Inflated
}

// Inflated is a compressed message after decompression (RFC 7692 §7.2.2).
type Inflated struct {
	Opcode frame.Opcode // Text or Binary
	Data   []byte       // the beginning
	Length int64        // of the whole
}

// A Fault is a rule that was broken.
type Fault struct {
	Rule    string // what was done, in a sentence
	Section string // where the rule stands: "RFC 6455 §5.1"; may be empty
}

// A Writer records events in one format. The recorder calls it from one
// goroutine; an error ends the recording of that writer.
type Writer interface {
	Write(*Event) error
	// Flush is called when nothing more is waiting to be written.
	Flush() error
}
