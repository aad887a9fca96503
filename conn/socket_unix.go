//go:build unix

package conn

import (
	"io"
	"sync"
	"syscall"
)

// maxTransfer is how many bytes a system call is asked to move at most; some
// systems refuse more.
const maxTransfer = 1 << 30

// NewSocket returns the Socket of raw, or the zero Socket if raw is nil. On unix
// systems only; elsewhere a Socket is nothing to a Conn.
func NewSocket(raw syscall.RawConn) Socket {
	if raw == nil {
		return Socket{}
	}
	return Socket{raw, &socketDefaults}
}

var (
	descriptor     = socketOps{(*Conn).onReadable, (*Conn).receiveRaw, (*Conn).writeRaw}
	socketDefaults = settings{socket: &descriptor, holdBytes: DefaultHoldBytes, holdDelay: DefaultHoldDelay, bound: DefaultCloseTimeout}
)

// receiveRaw is receiveSocket.
func (c *Conn) receiveRaw() (int, error) {
	if err := c.raw.Read(c.ready); err != nil {
		return 0, err
	}
	switch n := int(c.got); {
	case n > 0:
		return n, nil
	case n < 0:
		return 0, syscall.Errno(-n)
	}
	return 0, io.EOF
}

// onReadable tries to read. It returns false to be called again once there is
// something: it must have tried first, since readiness is reported only when
// it changes.
func (c *Conn) onReadable(fd uintptr) bool {
	p := c.in.room(c.pending())
	for {
		n, err := syscall.Read(int(fd), p[:min(len(p), maxTransfer)])
		switch err {
		case nil:
			c.got = int32(n)
			return true
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			c.in.release()
			return false
		}
		errno, _ := err.(syscall.Errno)
		c.got = -int32(errno)
		return true
	}
}

// attempt is a write to a descriptor. It is not part of the Conn, which has
// one only for as long as it writes.
type attempt struct {
	b    []byte // what is left of it
	err  error
	wait func(fd uintptr) bool // attempt.onWritable, once
	now  func(fd uintptr)      // attempt.tryWrite, once
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.wait, a.now = a.onWritable, a.tryWrite
	return a
}}

// writeRaw is writeSocket.
func (c *Conn) writeRaw(b []byte) (int, error) {
	a := attempts.Get().(*attempt)
	a.b = b
	err := c.raw.Write(a.wait)
	if err == nil {
		err = a.err
	}
	return len(b) - a.end(), err
}

// writeNow writes as much of b as goes without waiting. A lasting error is
// found again by who waits. As nobody does here, the poller is left alone: its
// record of the connection lies elsewhere, and to fetch it for each of many
// connections would cost a fortieth of a broadcast.
func (c *Conn) writeNow(b []byte) int {
	a := attempts.Get().(*attempt)
	a.b = b
	c.raw.Control(a.now)
	return len(b) - a.end()
}

// end gives a back and returns how much it has left.
func (a *attempt) end() int {
	left := len(a.b)
	a.b, a.err = nil, nil
	attempts.Put(a)
	return left
}

// onWritable writes what there is room for. It returns false to be called
// again when there is more.
func (a *attempt) onWritable(fd uintptr) bool {
	a.tryWrite(fd)
	return len(a.b) == 0 || a.err != nil
}

// tryWrite writes what there is room for.
func (a *attempt) tryWrite(fd uintptr) {
	for len(a.b) > 0 {
		n, err := syscall.Write(int(fd), a.b[:min(len(a.b), maxTransfer)])
		switch {
		case n > 0:
			a.b = a.b[n:]
		case err == syscall.EAGAIN:
			return
		case err != syscall.EINTR:
			a.err = err
			return
		}
	}
}
