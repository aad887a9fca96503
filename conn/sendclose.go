package conn

import "github.com/octet-ws/octet/frame"

// SendClose starts the closing handshake and leaves the rest of it to whoever
// reads: the read methods return the messages that still arrive, and then the
// peer's Close as a [*CloseError] that is an Answer. CloseWith, which takes over
// the reading between two calls of the reader's, would pass over some of them.
//
// The peer has Options.CloseTimeout from now on. Close is nevertheless due. The
// error is that of CloseWith for a code or a reason that must not be sent.
func (c *Conn) SendClose(code frame.CloseCode, reason string) error {
	c.boundEnd()
	if err := c.startClose(code, reason); err != nil {
		c.clearAlarm(alarmClose)
		return err
	}
	return nil
}
