package conn

import (
	"time"

	"github.com/octet-ws/octet/frame"
)

// Trace is told what happens on a connection. Any hook may be nil, and one
// that is costs nothing. Hooks of the receiving side run in the goroutine
// that reads, those of the sending side in whichever writes, with the
// connection locked: they must not call its methods, but for Stats.
type Trace struct {
	// FrameReceived is called when the header of a frame has arrived, before
	// it is judged.
	FrameReceived func(h frame.Header)

	// FrameSent is called when a frame is handed to the transport or held to
	// leave with others.
	FrameSent func(h frame.Header)

	// Read and Written are called after each Read and Write of the transport
	// with what it returned.
	Read    func(n int, err error)
	Written func(n int, err error)

	// Phase is called when the connection enters a phase of its life: by
	// Client, Server or Resume with PhaseOpen, and with what ended it when that
	// is PhaseClosed. PhaseClosing is left out if there is no closing handshake.
	Phase func(p Phase, err error)

	// RoundTrip is called with the time between a Ping and its Pong.
	RoundTrip func(d time.Duration)
}

// Phase is the state of a connection as RFC 6455 §7.1.3 and §7.1.4 have it.
type Phase uint8

const (
	PhaseOpen    Phase = iota // messages may go both ways
	PhaseClosing              // a Close was sent or received
	PhaseClosed               // the connection is over
)

// String returns "open", "closing" or "closed".
func (p Phase) String() string {
	return [...]string{"open", "closing", "closed", "?"}[min(p, 3)]
}

// phase reports that the connection has entered p.
func (c *Conn) phase(p Phase, err error) {
	if c.trace != nil && c.trace.Phase != nil && (p == PhaseClosed || c.end.Load() == nil) {
		c.trace.Phase(p, err)
	}
}

// traceHeader reports the header at the start of b, once it is whole.
func (c *Conn) traceHeader(b []byte) {
	if c.trace.FrameReceived == nil || c.traced {
		return
	}
	if h, n, _ := frame.ParseHeader(b); n > 0 {
		c.traced = true
		c.trace.FrameReceived(h)
	}
}
