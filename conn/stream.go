package conn

import (
	"errors"
	"io"

	"github.com/octet-ws/octet/frame"
)

var (
	errStaleReader = errors.New("websocket: reader of a message that another read has passed over")
	errWriterDone  = errors.New("websocket: write to a message that was closed")
)

// NextReader returns the next message as a stream, as soon as its first bytes
// are there; what is left of the one before is passed over. Nothing is read
// ahead of the caller but what the receive buffer holds, so a slow one exerts
// back-pressure.
//
// The reader returns io.EOF at the end of the message and is then, or after
// the next call of another read method, of no more use. A Read that times out
// may be repeated. Its errors, and those of NextReader, are as from
// NextMessage. Text that turns out not to be UTF-8 is an error at the first
// bad octet, after what came before it was delivered (X1).
func (c *Conn) NextReader() (MessageType, io.Reader, error) {
	c.rmu.Lock()
	defer c.rmu.Unlock()
	if err := c.startRead(); err != nil {
		return 0, nil, err
	}
	for c.under != underWhole { // it is, if NextMessage timed out
		data, err := c.next()
		switch {
		case err != nil:
			return 0, nil, err
		case !data:
			if _, err := c.fill(nil); err != nil {
				return 0, nil, err
			}
		case c.under == underSkip:
			c.skipped()
		default:
			c.under = underWhole
		}
	}
	r := &messageReader{c}
	c.extra().stream, c.under = r, underStream
	return c.typ, r, nil
}

// messageReader reads the message under way for as long as extra.stream points
// to it.
type messageReader struct{ c *Conn }

// Read reads from the message.
func (r *messageReader) Read(p []byte) (int, error) {
	c := r.c
	c.rmu.Lock()
	defer c.rmu.Unlock()
	if e := c.end.Load(); e != nil {
		return 0, e.err
	}
	if c.extra().stream != r {
		return 0, errStaleReader
	}
	for {
		piece := c.in.message()
		switch {
		case len(piece) > 0:
			n := copy(p, piece)
			c.in.buf.m0 += n
			return n, nil
		case c.fin:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		c.in.drop()
		data, err := c.event()
		switch {
		case err != nil:
			return 0, err
		case data:
		case c.direct(len(p)):
			return c.readInto(p[:min(len(p), c.pending())])
		default:
			if _, err := c.fill(nil); err != nil {
				return 0, err
			}
		}
	}
}

// fragmentSize is how much a messageWriter gathers before it sends a frame.
const fragmentSize = 4 << 10

// NextWriter begins a message that is written piece by piece and ended by
// Close. What is written is gathered to 4 KiB and sent as one fragment; longer
// pieces are sent as they come. The writer has a method Flush() error that
// sends what was gathered so far.
//
// Until it is closed, or has returned an error that is not a timeout, other
// messages wait; control frames do not (F21). The writer itself is for one
// goroutine. A Write that times out returns how many bytes were taken, and
// Write, Flush and Close may be called again.
func (c *Conn) NextWriter(t MessageType) (io.WriteCloser, error) {
	if t != Text && t != Binary {
		return nil, frame.RuleOpcode
	}
	c.extra().turn.Lock()
	c.wmu.Lock()
	err := c.usable()
	c.streaming = err == nil
	c.unlock()
	if err != nil {
		c.extra().turn.Unlock()
		return nil, err
	}
	return &messageWriter{c: c, op: frame.Opcode(t)}, nil
}

// messageWriter writes a message in fragments. It has the turn until done.
type messageWriter struct {
	c    *Conn
	op   frame.Opcode // of the next fragment
	buf  *buffer      // gathered, not sent; nil if nothing is
	err  error        // final
	done bool
}

// Write takes p as part of the message.
func (w *messageWriter) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		switch {
		case w.done:
			return n, w.err
		case w.buf == nil && len(p) >= fragmentSize:
			if err = w.fragment(p, false); taken(err) {
				n += len(p)
				p = nil
			}
		case w.buf == nil:
			w.buf = getBuffer(fragmentSize)
			w.buf.b = w.buf.b[:0]
			fallthrough
		default:
			k := min(fragmentSize-len(w.buf.b), len(p))
			w.buf.b = append(w.buf.b, p[:k]...)
			n += k
			p = p[k:]
			if len(w.buf.b) == fragmentSize {
				err = w.Flush()
			}
		}
	}
	return n, err
}

// Flush sends what was gathered as a fragment.
func (w *messageWriter) Flush() error {
	if w.done {
		return w.err
	}
	if w.buf == nil {
		return nil
	}
	err := w.fragment(w.buf.b, false)
	w.drop(err)
	return err
}

// Close sends what was gathered as the last fragment.
func (w *messageWriter) Close() error {
	if w.done {
		return w.err
	}
	var p []byte
	if w.buf != nil {
		p = w.buf.b
	}
	err := w.fragment(p, true)
	w.drop(err)
	return err
}

// fragment sends one, and ends the writer if it was the last one or will
// remain so.
func (w *messageWriter) fragment(p []byte, fin bool) error {
	c := w.c
	c.wmu.Lock()
	err := c.writeFrame(w.op, p, fin)
	if taken(err) {
		w.op = frame.Continuation
	}
	if taken(err) && fin || err != nil && !isTimedOut(err) {
		c.streaming = false
		w.done, w.err = true, err
		if taken(err) {
			w.err = errWriterDone
		}
	}
	c.unlock()
	if w.done {
		c.extra().turn.Unlock()
	}
	return err
}

// drop gives the buffer back if what was in it is not needed after err.
func (w *messageWriter) drop(err error) {
	if w.buf != nil && (taken(err) || w.done) {
		putBuffer(w.buf)
		w.buf = nil
	}
}

// taken reports whether a write that returned err has taken the message.
func taken(err error) bool {
	e, ok := err.(*Error)
	return err == nil || ok && e.Queued
}

// isTimedOut reports whether err is an Error of kind TimedOut.
func isTimedOut(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Kind == TimedOut
}
