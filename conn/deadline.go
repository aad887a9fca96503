package conn

import (
	"errors"
	"time"
)

// The methods below are not inlined where a connection ends: a small client would
// have several copies of them.

// A transport that can give up waiting has these, as every net.Conn does.
type (
	readDeadliner  interface{ SetReadDeadline(time.Time) error }
	writeDeadliner interface{ SetWriteDeadline(time.Time) error }
)

// SetDeadline sets the deadlines of reading and writing.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline sets when pending and future reads time out; the zero time
// is never. A read that timed out can be called again. It returns
// errors.ErrUnsupported if the transport has no deadlines.
//
//go:noinline
func (c *Conn) SetReadDeadline(t time.Time) error {
	if d, ok := c.rwc.(readDeadliner); ok {
		return d.SetReadDeadline(t)
	}
	return errors.ErrUnsupported
}

// SetWriteDeadline sets when pending and future writes time out; the zero
// time is never. See [Error.Queued] for what becomes of the message. It
// returns errors.ErrUnsupported if the transport has no deadlines.
//
// Close puts both deadlines aside, as it has a bound of its own.
//
//go:noinline
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if d, ok := c.rwc.(writeDeadliner); ok {
		return d.SetWriteDeadline(t)
	}
	return errors.ErrUnsupported
}
