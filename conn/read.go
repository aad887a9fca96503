package conn

import (
	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// under says what the message under way is read with.
type under uint8

const (
	underNone   under = iota // the next frame begins a message
	underWhole               // NextMessage or AppendMessage
	underStream              // a messageReader
	underSkip                // nothing: the rest of it is not wanted
)

// ReadMessage returns the next message in memory that belongs to the caller.
// It is NextMessage and a copy; the error is the same.
func (c *Conn) ReadMessage() (MessageType, []byte, error) {
	c.rmu.Lock()
	defer c.rmu.Unlock()
	if err := c.gather(); err != nil {
		return 0, nil, err
	}
	return c.typ, append([]byte{}, c.in.message()...), nil
}

// NextMessage returns the next message. The slice is valid until the next
// call of a read method or of Close; until then the caller may change it. It
// is not appended to in place: its capacity is its length.
//
// While it waits it answers Pings and notes Pongs. A message in fragments is
// put together; the rest of one that a reader of [Conn.NextReader] left is
// passed over.
//
// The error is a [*CloseError] once the peer has closed, [ErrClosed] once this
// side has, and otherwise an [*Error]. Of kind TimedOut nothing is lost: call
// again, and the message goes on where it stopped. Any other is final.
func (c *Conn) NextMessage() (MessageType, []byte, error) {
	if c.ahead != nil && c.end.Load() == nil {
		t, p, _ := c.server.takeAhead(c)
		return t, p, nil
	}
	c.rmu.Lock()
	if err := c.gather(); err != nil {
		c.rmu.Unlock()
		return 0, nil, err
	}
	t, p := c.typ, c.in.message()
	if c.server != nil && len(p) > 0 && !c.more.Load() { // else an answer is masked, or held, and copied
		c.lent.Store(&p[0])
	}
	c.rmu.Unlock()
	return t, p, nil
}

// gather reads until a message is whole in the receive buffer.
func (c *Conn) gather() error {
	if err := c.startRead(); err != nil {
		return err
	}
	for {
		data, err := c.next()
		switch {
		case err != nil:
			return err
		case !data:
			if _, err := c.fill(nil); err != nil {
				return err
			}
		case c.under == underSkip:
			c.skipped()
		case c.fin:
			c.under = underNone
			c.lookAhead()
			return nil
		default:
			c.under = underWhole
		}
	}
}

// AppendMessage appends the next message to dst and returns the extended
// slice. A payload larger than the receive buffer is read straight to where
// it belongs.
//
// The error is as from NextMessage. The slice is returned with it, and holds
// what has arrived of the message: after a timeout, give it to AppendMessage
// again to go on.
func (c *Conn) AppendMessage(dst []byte) (MessageType, []byte, error) {
	c.rmu.Lock()
	defer c.rmu.Unlock()
	if err := c.startRead(); err != nil {
		return 0, dst, err
	}
	for {
		if c.under != underSkip { // what NextMessage had before it timed out, or event found
			dst = append(dst, c.in.message()...)
			c.in.drop()
			if c.under == underWhole && c.fin {
				c.under = underNone
				c.lookAhead()
				return c.typ, dst, nil
			}
		}
		data, err := c.next()
		switch {
		case err != nil:
			return 0, dst, err
		case data && c.under == underSkip:
			c.skipped()
		case data:
			c.under = underWhole
		case c.under == underWhole && c.direct(int(c.pending())):
			room := min(c.pending(), max(len(dst), directSize)) // no more than has arrived is set aside
			dst = append(dst, make([]byte, room)...)
			n, err := c.readInto(dst[len(dst)-room:])
			dst = dst[:len(dst)-room+n]
			if err != nil {
				return 0, dst, err
			}
		default:
			if _, err := c.fill(nil); err != nil {
				return 0, dst, err
			}
		}
	}
}

// startRead begins a call that reads: what the one before returned is not
// needed any more.
func (c *Conn) startRead() error {
	if e := c.end.Load(); e != nil {
		return e.err
	}
	if c.lent.Load() != nil {
		c.lent.Store(nil)
	}
	switch c.under {
	case underNone:
		c.in.drop()
	case underStream:
		c.in.drop()
		c.extra().stream, c.under = nil, underSkip
		if c.fin {
			c.under = underNone
		}
	}
	return nil
}

// skipped drops a piece of a message that nobody wants.
func (c *Conn) skipped() {
	c.in.drop()
	if c.fin {
		c.under = underNone
	}
}

// next is event for who reads: what was decoded ahead comes first.
func (c *Conn) next() (data bool, err error) {
	if c.ahead == nil {
		return c.event()
	}
	typ, _, s := c.server.takeAhead(c)
	c.in.buf.m0, c.in.buf.m1 = s.from, s.to
	c.typ, c.fin = typ, true
	return true, nil
}

// event decodes what has arrived. If that is a piece of a message, it is in
// c.in.message, behind what was there, and c.typ and c.fin say what it is; if
// not, more must be read. Control frames are dealt with on the way.
func (c *Conn) event() (data bool, err error) {
	for {
		b := c.in.unread()
		starts := c.ep.Pending() == 0
		if c.trace != nil && starts {
			c.traceHeader(b)
		}
		ev, n, err := c.ep.Next(b)
		size := 0
		if ev.Kind == proto.KindData {
			size = len(ev.Payload)
		}
		c.in.consume(n, size)
		if starts && n > 0 {
			c.count.frames++
			c.traced = false
		}
		switch ev.Kind {
		case proto.KindData:
			c.data(ev.Piece)
			return true, nil
		case proto.KindNone:
			if n == 0 {
				return false, nil
			}
		default:
			if err := c.control(ev, err); err != nil {
				return false, err
			}
		}
	}
}

// data takes note of a piece of a message.
func (c *Conn) data(p proto.Piece) {
	c.typ, c.fin = MessageType(p.Opcode), p.Fin
	if p.Fin {
		c.count.messages++
	}
}

// control does what a control frame, or a broken rule, asks for. An error is
// the end of the connection.
func (c *Conn) control(ev proto.Event, err error) error {
	switch ev.Kind {
	case proto.KindPing:
		c.owe(ev)
		c.leave(dutyReply)
	case proto.KindPong:
		c.pong(ev.Payload)
	case proto.KindClose:
		return c.answer(ev, nil)
	case proto.KindFailed:
		return c.answer(ev, err.(*frame.Error))
	}
	return nil
}

// owe notes a reply that whoever writes next has to send.
func (c *Conn) owe(ev proto.Event) {
	x := c.extra()
	x.omu.Lock()
	c.ep.Owe(ev)
	x.omu.Unlock()
}
