package conn

import "time"

// The defaults of Options.
const (
	DefaultCloseTimeout = 5 * time.Second
	DefaultPongTimeout  = 20 * time.Second
	DefaultHoldBytes    = 64 << 10
	DefaultHoldDelay    = time.Millisecond

	maxHoldBytes = 1 << 20
)

// Options configures a Conn. The zero value, as a nil *Options, is safe. A
// Conn copies what it needs, so one value may serve many connections but for
// Buffered, Subprotocol and Socket, which belong to one.
type Options struct {
	// Subprotocol is what the opening handshake agreed on; only
	// [Conn.Subprotocol] uses it.
	Subprotocol string

	// Buffered holds the bytes that were read behind the head of the opening
	// handshake: frames the peer sent at once. They are copied.
	Buffered []byte

	// Socket gives access to the file descriptor under the transport. With it
	// a connection that waits for a message holds no buffer and little stack,
	// and a [Broadcaster] needs no goroutine. Set it only if the transport is
	// the socket itself, as a *net.TCPConn or *net.UnixConn is: bytes go to
	// and from the descriptor, past the transport's Read and Write. It is used
	// on unix systems and ignored elsewhere. The zero Socket is none.
	Socket Socket

	// MaxMessage and MaxFrame limit what the peer may send, in bytes of
	// payload of a message and of one of its frames. If zero, the default of
	// 16 MiB is used. If negative, there is no limit.
	MaxMessage, MaxFrame int64

	// MaxFragments limits the frames of a message, empty ones included. If
	// zero, the default of 131,072 is used. If negative, there is no limit.
	MaxFragments int

	// AllowLongLengths accepts frames whose length takes more bytes than it
	// needs, which RFC 6455 §5.2 forbids. It is for looking at broken peers.
	AllowLongLengths bool

	// CloseTimeout bounds the closing handshake: how long Close waits for the
	// peer, and how long the transport stays open for the peer to read our
	// Close. If zero, the default of 5 s is used. If negative, there is no
	// bound but the context given to CloseWith.
	CloseTimeout time.Duration

	// Keepalive says when a silent peer is asked for a sign of life: a
	// [Keepalive], or nil for never.
	Keepalive Watcher

	// Coalescing says how long written messages may be held to leave
	// together.
	Coalescing Coalescing

	// Group, if not nil, is what the connection shares with the others of its
	// server: a *[Group].
	Group Sharer

	// FatalWriteTimeout says that the transport cannot go on after a write
	// that timed out. It is implied for a transport with a Handshake method,
	// as *tls.Conn has.
	FatalWriteTimeout bool

	// Trace, if not nil, is told what happens on the connection.
	Trace *Trace
}

// A Watcher looks after a connection, a Sharer after several. There is one of
// each, [Keepalive] and *[Group]. They are interfaces so that a program which
// does not use one of the two does not link it.
type (
	Watcher interface {
		on() bool     // there is something to do
		watch(*Conn)  // begins
		lookAt(*Conn) // is called when the alarm rings
	}
	Sharer interface {
		share(settings) *settings
		watch(*Conn) bool
		leave(*Conn)
	}
)

// Keepalive finds peers that are gone without a word. Nothing is sent while
// anything arrives; a peer that was silent for a whole interval is pinged, and
// one that then sends no byte at all within the timeout is given up: the
// connection ends with an [Error] of kind NoPong. Both count only while a
// goroutine reads, since the silence of a peer that nobody listens to means
// nothing.
type Keepalive struct {
	// Interval is how often the connection is looked at; the Ping goes out
	// between one and two intervals after the last byte. If zero or negative,
	// no Pings are sent, and an idle connection needs no timer. 30 s keeps
	// most proxies from giving a connection up.
	Interval time.Duration

	// Timeout is how long an answer may take. If zero, the default of 20 s is
	// used. If negative, an answer is not waited for.
	Timeout time.Duration

	// Exact turns off the random eighth by which each interval is shortened
	// so that many connections are not pinged at the same moment.
	Exact bool
}

// Coalescing holds written messages while more are waiting to be read, as the
// package comment describes.
type Coalescing struct {
	// Bytes is how much may be held, at most 1 MiB. If zero, the default of
	// 64 KiB is used. If negative, nothing is ever held.
	Bytes int

	// Delay is how long the first of the held messages may wait. If zero, the
	// default of 1 ms is used. If negative, nothing is ever held.
	Delay time.Duration
}

// resolve returns what may be held and for how long; 0 bytes for nothing.
func (h Coalescing) resolve() (int, time.Duration) {
	delay := orDefault(h.Delay, DefaultHoldDelay)
	switch {
	case h.Bytes < 0 || delay == 0:
		return 0, 0
	case h.Bytes == 0:
		return DefaultHoldBytes, delay
	}
	return min(h.Bytes, maxHoldBytes), delay
}

// orDefault resolves a duration of Options: zero is def, negative is 0, which
// stands for never.
func orDefault(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return max(d, 0)
}
