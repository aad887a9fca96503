package conn

import (
	"io"

	"github.com/octet-ws/octet/frame"
)

// writeSize is the most that is copied together for one Write of the
// transport.
const writeSize = 64 << 10

// WriteMessage sends p as one frame. It does not keep or change p, and does
// not check that text is UTF-8, which the peer will (F50).
//
// It returns when the transport has taken the message, or when the message is
// held to leave with others (see the package comment). Of several goroutines
// that write, each gets its turn. An error of kind TimedOut says by
// [Error.Queued] whether p was taken; ErrClosed, a [*CloseError] and any other
// [*Error] say that the connection is over. A t that is neither Text nor
// Binary is refused with frame.RuleOpcode.
func (c *Conn) WriteMessage(t MessageType, p []byte) error {
	if t != Text && t != Binary {
		return frame.RuleOpcode
	}
	turn := c.lockMessage()
	err := c.writeFrame(frame.Opcode(t), p, true)
	c.unlockMessage(turn)
	return err
}

// Flush sends what is held or was left behind by a write that timed out.
func (c *Conn) Flush() error {
	c.wmu.Lock()
	err := c.usable()
	if err == nil {
		err = c.flush()
	}
	c.unlock()
	return err
}

// writeFrame sends a data frame, or lets it wait in out. The caller holds wmu
// and, if the frame is not a message by itself, the turn.
//
// What happens in the frames of the stack below this one happens before the
// transport is written to, so that the stack of a goroutine that echoes is
// not grown for good by the deepest of both.
func (c *Conn) writeFrame(op frame.Opcode, p []byte, fin bool) error {
	b, err := c.frame(op, p, fin)
	switch {
	case err != nil:
		return err
	case b != nil:
		return c.through(b)
	case !c.held():
		return queued(c.flush())
	}
	return nil
}

// frame makes a frame: in out, to be held if c.held says so, or in place, and
// then it returns what is to be written. A large one it writes.
func (c *Conn) frame(op frame.Opcode, p []byte, fin bool) ([]byte, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	size := frame.MaxHeaderSize + len(p)
	holds := c.holds(size)
	switch {
	case !holds && c.out == nil && c.inPlace(p):
		return c.server.putInPlace(c, op, p, fin)
	case size > writeSize:
		return nil, queued(c.writeLarge(op, p, fin))
	}
	if err := c.put(op, p, fin); err != nil {
		return nil, err
	}
	if holds {
		c.hold()
	} else {
		c.release() // what waited leaves with it
	}
	return nil, nil
}

// put adds a frame to out. (One call of the endpoint makes all of it; BeginFrame
// would cost a short message a tenth more.)
func (c *Conn) put(op frame.Opcode, p []byte, fin bool) error {
	c.reserve(frame.MaxHeaderSize + len(p))
	n := len(c.out.b)
	b, err := c.ep.AppendFrame(c.out.b, op, p, fin)
	if err != nil {
		return c.refusal(err)
	}
	c.out.b = b
	if c.trace == nil {
		c.uncounted.add(fin)
	} else {
		c.countFrames(b[n:])
	}
	return nil
}

// putPayload adds payload of the frame of h to out; p[0] is at pos in it.
func (c *Conn) putPayload(h *frame.Header, p []byte, pos int) {
	c.reserve(len(p))
	n := len(c.out.b)
	if !h.Masked {
		c.out.b = append(c.out.b, p...)
		return
	}
	c.out.b = c.out.b[:n+len(p)]
	frame.MaskCopy(c.out.b[n:], p, h.Key, int64(pos))
}

// writeLarge sends a frame that is too large to be copied whole: the header
// with as much of the payload as goes with it, then the rest, from p itself if
// it need not be masked. What a timeout leaves is copied to out.
func (c *Conn) writeLarge(op frame.Opcode, p []byte, fin bool) error {
	h, err := c.ep.BeginFrame(op, int64(len(p)), fin)
	if err != nil {
		return c.refusal(err)
	}
	c.counted(&h)
	c.reserve(writeSize)
	c.out.b = h.Append(c.out.b)
	for pos := 0; pos < len(p); {
		n := min(len(p)-pos, max(writeSize-c.unsent(), 1))
		c.putPayload(&h, p[pos:pos+n], pos)
		pos += n
		err := c.flush()
		if err == nil && !h.Masked && pos < len(p) {
			n, err = c.transmit(p[pos:])
			pos += n
			c.backlog = err != nil
		}
		if err != nil {
			if c.broken == nil {
				c.putPayload(&h, p[pos:], pos)
			}
			return err
		}
		c.reserve(writeSize)
	}
	c.dropOut()
	return nil
}

// through writes a whole frame from where it is, with nothing in front of it.
func (c *Conn) through(b []byte) error {
	n, err := c.transmit(b)
	if err != nil {
		return c.leftOver(b[n:], err)
	}
	return nil
}

// leftOver keeps what a timeout left of a frame.
func (c *Conn) leftOver(b []byte, err error) error {
	if c.broken == nil {
		c.append(b)
		c.backlog = true
	}
	return queued(err)
}

// queued marks the timeout of a message that was taken.
func queued(err error) error {
	if e, ok := err.(*Error); ok && e.Kind == TimedOut {
		return &Error{Kind: TimedOut, Queued: true, Err: e.Err}
	}
	return err
}

// usable reports whether frames can be written, and first finishes what a
// timeout left behind.
func (c *Conn) usable() error {
	if e := c.end.Load(); e != nil {
		return e.err
	}
	if c.broken != nil {
		return c.broken.err
	}
	if c.backlog {
		if err := c.flush(); err != nil {
			return err
		}
	}
	return nil
}

// refusal turns what the endpoint refused into an error of the method: after
// our Close, nothing may be sent.
func (c *Conn) refusal(err error) error {
	if err == frame.RuleAfterClose {
		return ErrClosed
	}
	return err
}

// holds reports whether a frame of size bytes may wait for more to leave with
// it.
func (c *Conn) holds(size int) bool {
	return c.holdBytes > 0 && c.more.Load() && c.unsent()+size < c.holdBytes
}

// held reports whether out waits.
func (c *Conn) held() bool { return c.batch.Load()&1 != 0 }

// hold lets out wait. The reader sends it when it has nothing more to read,
// the group or the alarm when that takes too long. If the reader has looked
// just before, out need not wait.
func (c *Conn) hold() {
	first := !c.held()
	if first {
		c.batch.Add(1)
	}
	switch {
	case !c.more.Load():
		c.release()
	case first && (c.holdTicks == 0 || !c.group.watch(c)):
		c.setAlarm(alarmHold, c.holdDelay)
		c.alarmed = true
	}
}

// release undoes hold: out is about to leave.
func (c *Conn) release() {
	if !c.held() {
		return
	}
	c.batch.Add(1)
	if c.alarmed {
		c.clearAlarm(alarmHold)
		c.alarmed = false
	}
}

// unsent returns how many bytes of out the transport has not taken.
func (c *Conn) unsent() int {
	if c.out == nil {
		return 0
	}
	return len(c.out.b) - c.out.r
}

// append adds bytes to out.
func (c *Conn) append(p []byte) {
	c.reserve(len(p))
	c.out.b = append(c.out.b, p...)
}

// reserve makes room for n more bytes in out.
func (c *Conn) reserve(n int) {
	if c.out == nil || cap(c.out.b)-len(c.out.b) < n {
		c.grow(n)
	}
}

func (c *Conn) grow(n int) {
	if c.out == nil {
		c.out = getBuffer(max(n, int(c.size)))
		c.out.b = c.out.b[:0]
		return
	}
	from := c.out
	to := getBuffer(max(c.unsent()+n, 2*c.unsent()))
	to.b = append(to.b[:0], from.b[from.r:]...)
	c.out = to
	putBuffer(from)
}

// flush writes out. After a timeout the rest stays, to be the first to leave.
func (c *Conn) flush() error {
	c.release()
	if c.unsent() == 0 {
		c.dropOut()
		return nil
	}
	n, err := c.transmit(c.out.b[c.out.r:])
	c.out.r += n
	c.backlog = err != nil
	if err == nil || c.broken != nil {
		c.dropOut()
	}
	return err
}

// dropOut gives out back, and takes note of its size for the next one.
func (c *Conn) dropOut() {
	if c.out != nil {
		c.size = int32(min(len(c.out.b), writeSize))
		putBuffer(c.out)
	}
	c.out, c.backlog = nil, false
}

// transmit makes one write of the transport.
func (c *Conn) transmit(b []byte) (n int, err error) {
	if c.raw != nil {
		n, err = c.writeSocket(b)
	} else {
		n, err = c.rwc.Write(b)
	}
	if c.trace != nil && c.trace.Written != nil {
		c.trace.Written(n, err)
	}
	if err != nil || n != len(b) {
		n = min(max(n, 0), len(b))
		err = c.writeError(err)
	}
	c.sent(n)
	return n, err
}

// writeError says what a failed write of the transport means. A timeout
// leaves the connection as it is, if the transport can go on; anything else is
// the end of writing. Reading may go on, as the peer may have said why.
func (c *Conn) writeError(err error) error {
	if err == nil {
		err = io.ErrShortWrite
	}
	if isTimeout(err) && !c.fatalWrites {
		return &Error{Kind: TimedOut, Err: err}
	}
	c.broken = c.end.Load()
	if c.broken == nil {
		c.broken = over(Lost, err)
	}
	return c.broken.err
}
