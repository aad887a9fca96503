package conn

import (
	"context"
	"time"

	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// Close closes the connection with status 1000: CloseWith without a reason,
// bounded by Options.CloseTimeout.
func (c *Conn) Close() error {
	return c.CloseWith(context.Background(), frame.CloseNormal, "")
}

// CloseWith performs the closing handshake (RFC 6455 §7.1.2): it sends what is
// held and a Close with code and reason, waits for the peer's Close, and
// closes the transport, which after it is closed whatever is returned. It
// returns nil if the peer's Close was received, now or before, and otherwise
// what ended the connection: an [*Error] of kind CloseTimedOut if the peer did
// not answer within the deadline of ctx, or Options.CloseTimeout if it has
// none. Cancelling ctx ends the wait too.
//
// It may be called from any goroutine, also while others read or write. If
// one reads, it gets the messages that still arrive, and the peer's Close as
// its error; if none does, CloseWith reads, and passes over messages. A
// message in fragments that is under way is cut off, and later writes return
// ErrClosed.
//
// A code that must not be sent, or a reason that is not UTF-8 or longer than
// 123 bytes, is refused with a frame.Rule, and the connection goes on.
// CloseNoStatus sends a Close without a code.
//
// The transport is closed so that the peer is not kept from reading our
// Close: a server that answers, or that gives up a peer that broke the
// protocol, shuts down its side first and lets the peer close, and a client
// lets the server close first (RFC 6455 §7.1.1).
func (c *Conn) CloseWith(ctx context.Context, code frame.CloseCode, reason string) error {
	if err := c.checkClose(code, reason); err != nil {
		return err
	}
	if c.transport.Load() == transportOpen {
		c.completeClose(ctx, code, reason)
	}
	c.closeTransport()
	c.awaitClosed()
	err := c.end.Load().err
	if _, ok := err.(*CloseError); ok {
		return nil
	}
	return err
}

// completeClose goes through the closing handshake from wherever it is, up to
// where the transport may be closed.
func (c *Conn) completeClose(ctx context.Context, code frame.CloseCode, reason string) {
	stop := c.boundClose(ctx)
	defer stop()
	c.startClose(code, reason)
	c.rmu.Lock() // whoever reads comes back with the peer's Close, or the bound ends the wait
	defer c.rmu.Unlock()
	c.awaitClose()
	c.awaitEOF()
}

// SendClose starts the closing handshake and leaves the rest of it to whoever
// reads: the read methods return the messages that still arrive, and then the
// peer's Close as a [*CloseError] that is an Answer. CloseWith, which takes over
// the reading between two calls of the reader's, would pass over some of them.
//
// The peer has Options.CloseTimeout from now on; then the connection ends with
// an [*Error] of kind CloseTimedOut. Close is nevertheless due. What CloseWith
// says of its arguments and of later writes holds here too, and once a Close
// was sent no other one is.
func (c *Conn) SendClose(code frame.CloseCode, reason string) error {
	if err := c.checkClose(code, reason); err != nil {
		return err
	}
	c.boundEnd()
	c.startClose(code, reason)
	return nil
}

// Abort closes the transport at once, without a Close frame: the peer sees
// the connection lost. All other calls return, with ErrClosed if nothing else
// ended the connection before.
func (c *Conn) Abort() error {
	if c.end.Load() == nil {
		c.finish(&ending{err: ErrClosed})
	}
	err := c.closeTransport()
	c.awaitClosed()
	return err
}

// boundClose sees to it that closing does not take for ever, and returns what
// calls that off.
func (c *Conn) boundClose(ctx context.Context) (stop func() bool) {
	if _, ok := ctx.Deadline(); !ok {
		c.boundEnd()
	}
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, c.giveUp)
}

// boundEnd has the transport closed after CloseTimeout.
func (c *Conn) boundEnd() {
	if c.bound > 0 {
		c.setAlarm(alarmClose, c.bound)
	}
}

// giveUp ends a closing handshake that takes too long, or the wait for the
// peer after one.
func (c *Conn) giveUp() {
	c.finish(over(CloseTimedOut, nil))
	c.closeTransport()
}

// checkClose refuses the arguments of a Close that must not be sent.
func (c *Conn) checkClose(code frame.CloseCode, reason string) error {
	if code == frame.CloseMandatoryExtension && c.server != nil {
		return frame.RuleCloseCode // a client's alone (K24)
	}
	var room [frame.MaxControlPayload]byte
	_, err := frame.AppendClose(room[:0], code, reason)
	return err
}

// startClose sends our Close, unless one was sent before. That it could not be
// sent shows when the peer does not answer.
func (c *Conn) startClose(code frame.CloseCode, reason string) {
	c.wmu.Lock() // the bound frees whoever has it
	defer c.unlock()
	if c.end.Load() != nil || c.ep.SendState() == proto.StateClosed {
		return
	}
	c.reserve(maxReplies)
	n := len(c.out.b)
	c.out.b, _ = c.ep.AppendClose(c.out.b, code, reason)
	c.countFrames(c.out.b[n:])
	c.phase(PhaseClosing, nil)
	c.sendClose()
}

// sendClose sends out with the Close at its end, putting an earlier deadline
// aside: the bound of closing takes its place.
func (c *Conn) sendClose() {
	c.SetWriteDeadline(time.Time{})
	if c.broken == nil { // else the peer cannot get it (K12)
		c.flush()
	}
	c.dropOut() // nothing may follow
}

// awaitClose reads until the connection is over. The caller holds rmu.
func (c *Conn) awaitClose() {
	if c.end.Load() != nil {
		return
	}
	c.in.detach() // the reader may still look at the message in it
	for c.end.Load() == nil {
		if err := c.startRead(); err != nil {
			return
		}
		data, err := c.event()
		if data {
			c.under = underSkip
			c.skipped()
		} else if err == nil {
			_, err = c.fill(nil)
		}
		c.patience(err)
	}
}

// patience puts the read deadline aside that err comes from.
func (c *Conn) patience(err error) {
	if e, ok := err.(*Error); ok && e.Kind == TimedOut && c.SetReadDeadline(time.Time{}) != nil {
		c.finish(over(Lost, e.Err)) // it has no deadlines, and yet one passed
	}
}

// answer ends the connection because of the peer: with its Close, or with
// broken, the rule it broke. It sends the Close that is owed for that.
func (c *Conn) answer(ev proto.Event, broken *frame.Error) error {
	c.owe(ev)
	c.boundEnd()
	c.wmu.Lock() // the bound frees whoever has it
	asked := c.ep.SendState() == proto.StateClosed
	var e *ending
	if broken != nil {
		e = over(Failed, broken)
	} else {
		e = &ending{err: &CloseError{Code: ev.Code, Reason: string(ev.Payload), Answer: asked}}
	}
	if !asked {
		c.phase(PhaseClosing, nil)
	}
	err := c.finish(e)
	if !asked {
		c.putReplies()
		c.sendClose()
	}
	c.unlock()
	c.leaveOpen(broken != nil, asked)
	return err
}

// leaveOpen decides what becomes of the transport after the last Close. It is
// closed if there is nothing to wait for: in a server whose Close was
// answered, as the server closes first (F41, K3), and where one direction
// cannot be shut down alone. Otherwise Close, once the peer has closed its
// side, or the bound will close it (F42, K4).
func (c *Conn) leaveOpen(failed, asked bool) {
	half, ok := c.rwc.(interface{ CloseWrite() error })
	server := c.server != nil
	switch {
	case server && asked && !failed:
		c.closeTransport()
		return
	case (server || failed) && !ok:
		c.closeTransport()
		return
	case server || failed:
		half.CloseWrite()
	}
	c.linger.Store(true)
}

// awaitEOF lets the peer read our Close and close its side, so that closing
// the transport cannot make it see a reset instead (K1). The caller holds rmu.
func (c *Conn) awaitEOF() {
	if !c.linger.Load() || c.transport.Load() != transportOpen {
		return
	}
	c.SetReadDeadline(time.Time{})
	b := getBuffer(1 << minClassBits)
	for {
		if _, err := c.rwc.Read(b.b); err != nil {
			break
		}
	}
	putBuffer(b)
}

// finish ends the connection with e, unless it has ended before, and returns
// the reason.
func (c *Conn) finish(e *ending) error {
	if !c.end.CompareAndSwap(nil, e) {
		return c.end.Load().err
	}
	c.phase(PhaseClosed, e.err)
	if x := c.ext.Load(); x != nil {
		x.turn.free()
		x.omu.Lock()
		if x.pings != nil {
			x.pings.end()
		}
		x.omu.Unlock()
	}
	return e.err
}

// closeTransport closes the transport, once.
func (c *Conn) closeTransport() error {
	if !c.transport.CompareAndSwap(transportOpen, transportClosing) {
		return nil
	}
	c.stopAlarms()
	err := c.rwc.Close()
	c.transport.Store(transportClosed)
	if x := c.ext.Load(); x != nil {
		x.closed.free()
	}
	return err
}

// awaitClosed waits for another goroutine to be done with closing the transport.
func (c *Conn) awaitClosed() {
	if c.transport.Load() == transportClosed {
		return
	}
	x := c.extra()
	x.closed.TryLock()                         // so that Lock waits
	if c.transport.Load() != transportClosed { // else x may have come too late to be freed
		x.closed.Lock()
	}
}
