package conntest

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// PipeSize is how many bytes a direction of a [Pipe] holds before writes wait.
const PipeSize = 64 << 10

// ErrReset is what an end of a Pipe sees of the other that was closed while
// something sent to it was unread, or that was written to after it was
// closed: as with TCP, what was on its way to the reader is lost.
var ErrReset = errors.New("conntest: connection reset by peer")

// End is one end of a Pipe: a stream with deadlines and half-close.
type End struct {
	mu   *sync.Mutex // both ends'
	wake *sync.Cond  // something changed at either end
	peer *End

	in      []byte // sent by the peer, not read
	size    int    // of in, at most
	eof     bool   // the peer sends no more
	closed  bool
	reset   bool
	reads   deadline
	writes  deadline
	reading faults
	writing faults
	chunk   int
}

// Pipe returns the two ends of a connection in memory.
func Pipe() (a, b *End) { return PipeOf(PipeSize) }

// PipeOf is Pipe with room for size bytes in each direction.
func PipeOf(size int) (a, b *End) {
	mu := new(sync.Mutex)
	wake := sync.NewCond(mu)
	a = &End{mu: mu, wake: wake, size: size}
	b = &End{mu: mu, wake: wake, size: size, peer: a}
	a.peer = b
	return a, b
}

// deadline is a moment after which waiting is over.
type deadline struct {
	at     time.Time
	timer  *time.Timer
	passed bool
}

// Read reads what the peer has sent, waiting for the first byte of it.
func (e *End) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		limit, err := e.reading.limit()
		switch {
		case e.closed:
			return 0, io.ErrClosedPipe
		case e.reads.passed:
			return 0, os.ErrDeadlineExceeded
		case e.reset:
			return 0, ErrReset
		case err != nil:
			return 0, err
		case len(e.in) > 0 && limit != 0:
			n := copy(p[:min(len(p), limit, orAll(e.chunk))], e.in)
			e.in = e.in[n:]
			e.reading.passed += n
			e.wake.Broadcast()
			return n, nil
		case e.eof:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		e.wake.Wait()
	}
}

// Write sends p, waiting until the peer has room for all of it.
func (e *End) Write(p []byte) (n int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		limit, err := e.writing.limit()
		room := e.peer.size - len(e.peer.in)
		switch {
		case n > 0 && len(p) == 0:
			return n, nil
		case e.closed || e.peer.eof:
			return n, io.ErrClosedPipe
		case e.writes.passed:
			return n, os.ErrDeadlineExceeded
		case e.reset:
			return n, ErrReset
		case len(p) == 0:
			return n, nil
		case err == errShort:
			return n, nil
		case err != nil:
			return n, err
		case e.peer.closed:
			e.reset = true
			e.in = nil
			e.wake.Broadcast()
			return n + len(p), nil // the reset comes later, as the kernel takes the bytes
		case room > 0 && limit != 0:
			k := min(len(p), room, limit)
			e.peer.in = append(e.peer.in, p[:k]...)
			e.writing.passed += k
			n, p = n+k, p[k:]
			e.wake.Broadcast()
			continue
		}
		e.wake.Wait()
	}
}

// Close ends both directions. If something is unread, the peer is reset.
func (e *End) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return io.ErrClosedPipe
	}
	e.closed = true
	e.peer.eof = true
	if len(e.in) > 0 {
		e.peer.reset = true
		e.peer.in = nil
	}
	e.in = nil
	e.wake.Broadcast()
	return nil
}

// CloseWrite ends the direction to the peer.
func (e *End) CloseWrite() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.peer.eof = true
	e.wake.Broadcast()
	return nil
}

// SetDeadline sets both deadlines.
func (e *End) SetDeadline(t time.Time) error {
	e.SetReadDeadline(t)
	return e.SetWriteDeadline(t)
}

// SetReadDeadline sets when pending and future Reads fail with
// os.ErrDeadlineExceeded.
func (e *End) SetReadDeadline(t time.Time) error { return e.set(&e.reads, t) }

// SetWriteDeadline is SetReadDeadline for Writes.
func (e *End) SetWriteDeadline(t time.Time) error { return e.set(&e.writes, t) }

func (e *End) set(d *deadline, t time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
	d.at = t
	d.passed = !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !d.passed {
		d.timer = time.AfterFunc(time.Until(t), func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			d.passed = !d.at.IsZero() && !d.at.After(time.Now())
			e.wake.Broadcast()
		})
	}
	e.wake.Broadcast()
	return nil
}

// Closed reports whether Close was called.
func (e *End) Closed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

// orAll returns n, or if it is 0 more than anything.
func orAll(n int) int {
	if n == 0 {
		return int(^uint(0) >> 1)
	}
	return n
}
