package conn

import (
	"io"
	"math"

	"github.com/octet-ws/octet/conn/proto"
)

// directSize is from how many bytes on a payload is read to where it is
// wanted, and not by way of the receive buffer.
const directSize = 4 << 10

// maxEmptyReads is how many times in a row a transport may return neither
// bytes nor an error.
const maxEmptyReads = 100

// preload makes bytes that were read before the Conn began its input.
func (c *Conn) preload(parts ...[]byte) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if n == 0 {
		return
	}
	c.in.buf = getBuffer(headroom + n)
	c.in.buf.rewind()
	for _, p := range parts {
		c.in.received(copy(c.in.buf.b[c.in.buf.w:], p))
	}
}

// fill waits until the transport has bytes and reads them to dst, or to the
// receive buffer if dst is nil. Nothing that was written is held meanwhile.
func (c *Conn) fill(dst []byte) (int, error) {
	if c.more.Load() {
		c.more.Store(false)
	}
	if c.held() {
		c.leave(dutyFlush)
	}
	c.publish()
	var n int
	var err error
	for range maxEmptyReads {
		n, err = c.receive(dst)
		if c.trace != nil && c.trace.Read != nil {
			c.trace.Read(n, err)
		}
		if n > 0 {
			if dst == nil {
				c.in.received(n)
			}
			c.stats.bytesIn.Add(int64(n))
			return n, nil // an error beside it comes again
		}
		if err != nil {
			return 0, c.readError(err)
		}
	}
	return 0, c.readError(io.ErrNoProgress)
}

// receive makes one read of the transport.
func (c *Conn) receive(dst []byte) (int, error) {
	if dst == nil && c.raw != nil {
		return c.receiveSocket()
	}
	if dst == nil {
		if !c.in.fits() {
			c.in.release()
		}
		dst = c.in.room(c.pending())
	}
	return c.rwc.Read(dst)
}

// readError says what a failed read of the transport means. Unless that is a
// timeout, the connection is over (K14).
func (c *Conn) readError(err error) error {
	c.in.release()
	if isTimeout(err) && c.end.Load() == nil {
		return &Error{Kind: TimedOut, Err: err}
	}
	kind := Lost
	switch {
	case c.ep.Pending() > 0 || len(c.in.unread()) > 0:
		kind = LostInFrame
	case c.ep.ReceiveState() == proto.StateMessage:
		kind = LostInMessage
	}
	end := c.finish(over(kind, err))
	c.closeTransport()
	return end
}

// readInto reads bytes of the current frame's payload straight to dst, which
// is no longer than what is missing of it.
func (c *Conn) readInto(dst []byte) (int, error) {
	n, err := c.fill(dst)
	if err != nil {
		return 0, err
	}
	ev, _, err := c.ep.Next(dst[:n])
	if err != nil {
		return 0, c.control(ev, err)
	}
	c.data(ev.Piece)
	return n, nil
}

// direct reports whether size bytes of payload that the caller has room for
// are worth a readInto.
func (c *Conn) direct(size int) bool {
	return size >= directSize && c.pending() >= directSize && len(c.in.unread()) == 0
}

// pending returns how many bytes of the current frame are missing, or as many
// as will ever be read at once, which leaves room to calculate with 32 bits.
func (c *Conn) pending() int { return int(min(c.ep.Pending(), math.MaxInt32/4)) }
