package conn

import "sync"

// How much is decoded ahead of a reader: messages, and bytes of each. A larger
// one takes so long to unmask that the lock does not matter.
const (
	maxAhead     = 32
	maxAheadSize = 2 << 10
)

// ahead is a batch: the short messages that one read of the transport brought
// behind the message that was asked for. They are decoded together with it,
// under one lock, and handed out without any. That is safe since nobody but
// the reader touches a batch, and as who closes leaves the buffer that it is
// in to the garbage collector (see awaitClose).
//
// Only a server has batches (see serverOps): it is read by what many clients
// write, and what is saved is its processor. A client just reads.
//
// A frame that breaks a rule ends a batch. It fails the connection only when
// the reader comes to it, since the endpoint then refuses it again.
type ahead struct {
	b       []byte // the receive buffer
	batch   [maxAhead]span
	next, n int
	more    bool // behind the batch another whole message waits
}

// span is where a message is in the receive buffer.
type span struct {
	from, to int
	typ      MessageType
}

var aheads = sync.Pool{New: func() any { return new(ahead) }}

// lookAhead, after a message was found, decodes those behind it, if this is a
// server, and tells the writers whether there are any.
func (c *Conn) lookAhead() {
	if c.ahead != nil || len(c.in.unread()) == 0 && !c.more.Load() {
		return
	}
	if c.server != nil && c.trace == nil { // hooks hear of a frame when it is its turn
		c.server.decodeAhead(c)
	}
	if more := c.ahead != nil || c.ep.WholeMessageBuffered(c.in.unread()); more != c.more.Load() {
		c.more.Store(more)
	}
}

// decodeAhead makes a batch of the messages in the receive buffer.
func (c *Conn) decodeAhead() {
	in := c.in.buf
	ev, n := c.ep.NextWhole(c.in.unread(), maxAheadSize)
	if n == 0 {
		return
	}
	a := aheads.Get().(*ahead)
	a.b, a.next, a.n = in.b, 0, 0
	for n > 0 {
		in.r += n
		a.batch[a.n] = span{in.r - len(ev.Payload), in.r, MessageType(ev.Opcode)}
		if a.n++; a.n == maxAhead {
			break
		}
		ev, n = c.ep.NextWhole(in.b[in.r:in.w], maxAheadSize)
	}
	a.more = c.ep.WholeMessageBuffered(in.b[in.r:in.w])
	c.count.frames += int32(a.n)
	c.count.messages += int32(a.n)
	c.ahead = a
}

// takeAhead returns the next message of the batch, which there is.
func (c *Conn) takeAhead() (MessageType, []byte, span) {
	a := c.ahead
	s := a.batch[a.next]
	p := a.b[s.from:s.to:s.to]
	if a.next++; a.next == a.n {
		c.ahead = nil
		if !a.more {
			c.more.Store(false)
		}
		a.b = nil
		aheads.Put(a)
	}
	return s.typ, p, s
}
