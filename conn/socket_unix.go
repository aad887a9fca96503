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

// openSocket prepares for reading the file descriptor, if there is one.
func (c *Conn) openSocket() {
	if c.raw == nil {
		c.in.lean = true
		return
	}
	c.ready = c.onReadable
}

// receiveSocket waits until the descriptor is readable and reads from it to
// the receive buffer. There is none while it waits, unless there is something
// in it.
func (c *Conn) receiveSocket() (int, error) {
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
	wait bool   // for room
	err  error
	step func(fd uintptr) bool // attempt.onWritable, once
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.step = a.onWritable
	return a
}}

// writeSocket writes b to the descriptor and returns how many bytes of it were
// taken.
func (c *Conn) writeSocket(b []byte) (int, error) {
	a := attempts.Get().(*attempt)
	a.b, a.wait, a.err = b, true, nil
	return a.write(c.raw, len(b))
}

// writeNow writes as much of b as goes without waiting. A lasting error is
// found again by who waits.
func (c *Conn) writeNow(b []byte) int {
	a := attempts.Get().(*attempt)
	a.b, a.wait, a.err = b, false, nil
	n, _ := a.write(c.raw, len(b))
	return n
}

func (a *attempt) write(raw syscall.RawConn, size int) (int, error) {
	err := raw.Write(a.step)
	if err == nil {
		err = a.err
	}
	n := size - len(a.b)
	a.b = nil
	attempts.Put(a)
	return n, err
}

// onWritable writes what there is room for. It returns false to be called
// again when there is more.
func (a *attempt) onWritable(fd uintptr) bool {
	for len(a.b) > 0 {
		n, err := syscall.Write(int(fd), a.b[:min(len(a.b), maxTransfer)])
		switch {
		case n > 0:
			a.b = a.b[n:]
		case err == syscall.EAGAIN:
			return !a.wait
		case err != syscall.EINTR:
			a.err = err
			return true
		}
	}
	return true
}
