package proto

import (
	"math"

	"github.com/octet-ws/octet/frame"
)

// Role says which end of the connection an endpoint is. A client masks what
// it sends and refuses masked frames; a server does the opposite
// (RFC 6455 §5.1).
type Role uint8

// The two ends.
const (
	Client Role = iota // opened the connection, and masks
	Server             // accepted it
)

// String returns "client" or "server".
func (r Role) String() string {
	if r == Client {
		return "client"
	}
	return "server"
}

// The limits of an Options that leaves them at zero.
const (
	DefaultMaxMessage   = 16 << 20 // bytes, for a frame as for a message
	DefaultMaxFragments = 1 << 17
)

// Options configures an Endpoint. The zero value is safe for a server; a
// client needs NewMaskKey.
type Options struct {
	// MaxFrame and MaxMessage limit what the peer may send, in bytes of
	// payload of one frame and of a whole message (X14, X15). A compressed
	// message is held to MaxMessage twice, as it arrives and as it inflates.
	// If zero, the default of 16 MiB is used. If negative, there is no limit.
	MaxFrame   int64
	MaxMessage int64

	// MaxFragments limits the frames of one message; empty ones count. If
	// zero, the default of 131,072 is used. If negative, or 2³¹-1 or more, there
	// is no limit.
	MaxFragments int

	// Compression says that permessage-deflate was agreed: RSV1 on the first
	// frame of a message means that the message is compressed
	// (RFC 7692 §6). No other extension is known, so no other reserved bit is
	// ever accepted or sent (F52).
	Compression bool

	// AllowLongLengths accepts a frame whose length takes more bytes than it
	// needs, which RFC 6455 §5.2 forbids a sender (F11). It is for looking at
	// broken peers.
	AllowLongLengths bool

	// NewMaskKey returns the masking key of the next frame. A client must set
	// it, to a source of keys that cannot be foreseen (RFC 6455 §5.3, F15 to
	// F17); without it nothing can be sent. A server never calls it. It is
	// called by the methods of the send group only.
	NewMaskKey func() frame.MaskKey
}

// Endpoint is one end of a WebSocket connection after the opening handshake.
// The package comment says which of its methods may run at the same time.
type Endpoint struct {
	recv receiver
	owed *owed // nil while nothing ever was
	send sender
}

// New returns an Endpoint in state OPEN both ways.
func New(role Role, o Options) *Endpoint {
	e := new(Endpoint)
	e.Reset(role, o)
	return e
}

// Reset makes e the Endpoint that [New] returns, for callers who keep it
// inside another struct or use it again. It must not run beside any other
// method.
func (e *Endpoint) Reset(role Role, o Options) {
	*e = Endpoint{}
	r, s := &e.recv, &e.send
	r.role, s.role = role, role
	r.compression, s.compression = o.Compression, o.Compression
	r.allowLongLengths = o.AllowLongLengths
	r.maxFrame = limit(o.MaxFrame, DefaultMaxMessage)
	r.maxMessage = limit(o.MaxMessage, DefaultMaxMessage)
	r.maxFragments = int32(min(limit(int64(o.MaxFragments), DefaultMaxFragments), math.MaxInt32))
	s.newMaskKey = o.NewMaskKey
}

// limit resolves a limit of Options: zero is def, negative is none.
func limit(v, def int64) int64 {
	switch {
	case v == 0:
		return def
	case v < 0:
		return math.MaxInt64
	}
	return v
}
