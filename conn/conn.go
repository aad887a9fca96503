package conn

import (
	"io"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// MessageType says what a message is made of. Its values are those of the
// opcodes.
type MessageType uint8

const (
	Text   = MessageType(frame.Text)   // UTF-8, checked on the way in (F50)
	Binary = MessageType(frame.Binary) // any bytes (F51)
)

// String returns "text" or "binary".
func (t MessageType) String() string { return frame.Opcode(t).String() }

// Conn is an open WebSocket connection (RFC 6455 §5 to §7).
//
// One goroutine at a time may use the read methods: ReadMessage, NextMessage,
// AppendMessage, NextReader and the readers it returns. All other methods may
// be called by any number of goroutines, at any time.
//
// When a method reports the end of the connection, the transport is closed or
// will be within Options.CloseTimeout. Close is nevertheless due: it waits
// until the peer has seen the end and frees the transport at once.
type Conn struct {
	// A server holds many of these that do nothing: what is seldom needed is
	// in extra, what defaults leave equal in settings, and what only matters
	// while bytes are on the move in the buffers.
	rwc    io.ReadWriteCloser
	raw    syscall.RawConn // nil: read from rwc
	server *serverOps      // nil: a client's end
	*settings
	ep proto.Endpoint

	// The receive half. rmu is held during every call that reads.
	rmu    lock
	in     input
	ahead  *ahead                // decoded, not handed out; nil if nothing is
	ready  func(fd uintptr) bool // onReadable, once, if there is a socket
	count  tally                 // since the last read of the transport
	under  under                 // what the message under way is read with
	fin    bool                  // its last byte has arrived
	typ    MessageType           // its type
	traced bool                  // the next frame was reported already
	got    int32                 // what onReadable has read, or -errno

	// more is set while a whole message waits in the receive buffer, and lent
	// points to the message that NextMessage returned last. The writers look
	// at both.
	lent atomic.Pointer[byte]
	more atomic.Bool

	// The send half. wmu is held by whoever writes; what others leave for him
	// to do is in duty.
	duty      atomic.Uint32
	wmu       lock
	out       *buffer       // framed bytes for the transport; nil if there are none
	broken    *ending       // why nothing can be written any more
	uncounted tally         // since the last write of the transport
	size      int32         // bytes that the last out was of use for
	late      duty          // duties that the backlog keeps from being done
	backlog   bool          // out was left behind by a write that timed out
	streaming bool          // a fragmented message is being written
	alarmed   bool          // alarmHold is set
	batch     atomic.Uint32 // odd while out waits for more to leave with it
	watched   atomic.Bool   // the Group looks at batch

	// What both halves and the callers meet in.
	ext       atomic.Pointer[extra]
	end       atomic.Pointer[ending]
	transport atomic.Uint32 // transportOpen to transportClosed
	linger    atomic.Bool   // it is kept open for the peer to read our Close
	stats     counters
}

// The states of a transport.
const (
	transportOpen    = iota
	transportClosing // somebody is in its Close
	transportClosed
)

// settings is what Options says for the life of a connection. Those that use
// the defaults share one.
type settings struct {
	socket      *socketOps // nil without a Socket
	subprotocol string
	trace       *Trace  // may be nil
	keepalive   Watcher // nil for none
	group       Sharer  // nil for none
	holdBytes   int
	holdDelay   time.Duration
	holdTicks   int32         // holdDelay for the Group, 0 if it is not to watch
	bound       time.Duration // CloseTimeout, 0 for none
	fatalWrites bool          // the transport is lost when a write times out
}

var defaults = settings{holdBytes: DefaultHoldBytes, holdDelay: DefaultHoldDelay, bound: DefaultCloseTimeout}

// extra is what few connections need, made for those that do.
type extra struct {
	// omu is never held while bytes move. It covers proto's owed group, the
	// Pings and the mail.
	omu sync.Mutex

	alarm     alarm          // the only timer
	stream    *messageReader // of the message under way, if it is read as a stream
	turn      lock           // of who writes a fragmented message, or waits for one to end
	closed    lock           // freed when the transport is closed
	pings     pinger         // those without a Pong; nil before the first
	mail      mailbox        // messages for a peer that is slow to read
	roundTrip atomic.Int64

	beyondIn, beyondOut atomic.Int64 // frames that did not end a message
}

// extra returns c's, and makes it if need be. A state that is set before, or
// looked at after, is seen by whoever makes it.
func (c *Conn) extra() *extra {
	if x := c.ext.Load(); x != nil {
		return x
	}
	c.ext.CompareAndSwap(nil, new(extra))
	return c.ext.Load()
}

// Client returns the client's end of a connection over rwc, on which the
// opening handshake has succeeded. rwc belongs to the Conn from now on; its
// Close must make pending Reads and Writes return. A nil opts is the default.
func Client(rwc io.ReadWriteCloser, opts *Options) *Conn {
	return open(rwc, State{Role: proto.Client}, nil, opts)
}

// State is a connection without its transport, between two calls: what
// another kind of server has to hand over for a Conn to go on.
type State struct {
	// Role is the end that the connection is at.
	Role proto.Role

	// Endpoint is the protocol state. It is copied and must not be used any
	// more. If nil, the connection has just opened.
	Endpoint *proto.Endpoint

	// Input holds bytes that were read and not given to Endpoint. They are
	// copied.
	Input []byte

	// Output holds frames of Endpoint that the transport has not taken yet.
	// They are copied, and leave before anything else.
	Output []byte
}

// Resume returns the Conn that goes on from s over rwc. A message of which
// Endpoint has reported a part begins with the rest of it. The limits of opts
// count only if s has no Endpoint, and Options.Buffered comes behind s.Input.
func Resume(rwc io.ReadWriteCloser, s State, opts *Options) *Conn {
	if s.Role == proto.Server {
		return open(rwc, s, &serverEnd, opts)
	}
	return open(rwc, s, nil, opts)
}

// open makes a Conn of its parts; server is nil for a client's end.
func open(rwc io.ReadWriteCloser, s State, server *serverOps, opts *Options) *Conn {
	if opts == nil {
		opts = new(Options)
	}
	c := &Conn{rwc: rwc, raw: opts.Socket.raw, server: server, settings: opts.settings(isTLS(rwc))}
	if s.Endpoint != nil {
		c.ep = *s.Endpoint
	} else {
		c.ep.Reset(s.Role, opts.endpoint(s.Role))
	}
	c.openSocket()
	c.preload(s.Input, opts.Buffered)
	if len(s.Output) > 0 {
		c.append(s.Output)
		c.backlog = true
	}
	c.phase(PhaseOpen, nil)
	if c.keepalive != nil {
		c.keepalive.watch(c)
	}
	return c
}

// settings returns the part of o that this package deals with.
func (o *Options) settings(tls bool) *settings {
	base := &defaults
	if o.Socket.defaults != nil {
		base = o.Socket.defaults
	}
	s := settings{
		socket:      base.socket,
		subprotocol: o.Subprotocol,
		trace:       o.Trace,
		group:       o.Group,
		bound:       orDefault(o.CloseTimeout, DefaultCloseTimeout),
		fatalWrites: o.FatalWriteTimeout || tls,
	}
	if o.Keepalive != nil && o.Keepalive.on() {
		s.keepalive = o.Keepalive
	}
	s.holdBytes, s.holdDelay = o.Coalescing.resolve()
	if s.group != nil {
		s.holdTicks = int32(max(s.holdDelay/tick-1, 0)) // held in the middle of a tick, seen at the next
		return s.group.share(s)
	}
	if s == *base {
		return base
	}
	own := s
	return &own
}

// endpoint returns the part of o that package proto deals with.
func (o *Options) endpoint(role proto.Role) proto.Options {
	p := proto.Options{
		MaxFrame:         o.MaxFrame,
		MaxMessage:       o.MaxMessage,
		MaxFragments:     o.MaxFragments,
		AllowLongLengths: o.AllowLongLengths,
	}
	if role == proto.Client {
		p.NewMaskKey = newMaskKey
	}
	return p
}

// isTLS reports whether rwc looks like a *tls.Conn, which this package does
// not name so as not to link it.
func isTLS(rwc io.ReadWriteCloser) bool {
	_, ok := rwc.(interface{ Handshake() error })
	return ok
}

// Role returns which end of the connection c is.
func (c *Conn) Role() proto.Role {
	if c.server != nil {
		return proto.Server
	}
	return proto.Client
}

// Subprotocol returns the subprotocol of Options: what the opening handshake
// agreed on, "" if on none.
func (c *Conn) Subprotocol() string { return c.subprotocol }

// Transport returns what the connection runs over, to ask it for addresses or
// its TLS state. Reading or writing it breaks the connection.
func (c *Conn) Transport() io.ReadWriteCloser { return c.rwc }
