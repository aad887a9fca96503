package conn

import "github.com/octet-ws/octet/frame"

// headroom is what input leaves free in front of a message, so that an answer
// can go out with its header put there (see Conn.inPlace).
const headroom = frame.MaxHeaderSize

// input is the receive buffer. While there is one it has five parts:
//
//	b[:m0]   // done with, headroom or more
//	b[m0:m1] // the message under way, unmasked
//	b[m1:r]  // done with: headers between the fragments of the message
//	b[r:w]   // bytes that arrived and were not decoded yet
//	b[w:]    // free
//
// Invariant: headroom ≤ m0 ≤ m1 ≤ r ≤ w ≤ len(b). A message that came in one
// frame is never moved, as its payload is decoded where it was read.
type input struct {
	buf  *buffer // nil if there is nothing in any of the parts
	size int32   // bytes that the last buffers were of use for
	lean bool    // a buffer is held while waiting, so the first is a small one
}

// unread returns the bytes that wait to be decoded.
func (in *input) unread() []byte {
	if in.buf == nil {
		return nil
	}
	return in.buf.b[in.buf.r:in.buf.w]
}

// message returns the message so far, or its last piece. Appending to it does
// not reach the bytes behind.
func (in *input) message() []byte {
	if in.buf == nil {
		return nil
	}
	return in.buf.b[in.buf.m0:in.buf.m1:in.buf.m1]
}

// drop forgets the message.
func (in *input) drop() {
	if b := in.buf; b != nil {
		b.m0, b.m1 = b.r, b.r
	}
}

// consume moves past n bytes, of which the last ones are a payload of size
// bytes that becomes the message or the end of it.
func (in *input) consume(n, size int) {
	b := in.buf
	if b == nil {
		return
	}
	b.r += n
	at := b.r - size
	if b.m0 == b.m1 {
		b.m0, b.m1 = at, at
	}
	if at != b.m1 {
		copy(b.b[b.m1:], b.b[at:b.r])
	}
	b.m1 += size
}

// empty reports whether the buffer, which there is, holds nothing of use.
func (b *buffer) empty() bool { return b.m0 == b.m1 && b.r == b.w }

// rewind sets the positions of a buffer that is empty.
func (b *buffer) rewind() { b.m0, b.m1, b.r, b.w = headroom, headroom, headroom, headroom }

// fits reports whether a lean input may as well wait with the buffer it has.
func (in *input) fits() bool { return in.buf != nil && len(in.buf.b) == minBuffer }

// release gives the buffer back if it holds nothing, and remembers of what
// size it would have been best.
func (in *input) release() {
	b := in.buf
	if b == nil || !b.empty() {
		return
	}
	switch n := len(b.b); {
	case b.peak == n:
		in.size = int32(min(2*n, max(n, 64<<10))) // one read could have brought more
	case b.peak > n/2:
		in.size = int32(min(n, minBuffer<<(numClasses-1)))
	case b.peak > headroom:
		in.size = int32(min(n/2, minBuffer<<(numClasses-1)))
	}
	putBuffer(b)
	in.buf = nil
}

// received takes note of n bytes read into what room returned.
func (in *input) received(n int) {
	in.buf.w += n
	in.buf.peak = max(in.buf.peak, in.buf.w)
}

// room returns free memory behind the unread bytes. missing is how many bytes
// the frame under way still lacks, 0 if that is not known. A buffer grows no
// more than fourfold at a time, unless the messages before had use for more,
// so that a header alone does not make us set aside what it announces.
func (in *input) room(missing int) []byte {
	if in.buf == nil {
		n := minBuffer
		if !in.lean {
			n = max(n, int(in.size))
		}
		in.buf = getBuffer(n)
		in.buf.rewind()
	}
	b := in.buf
	if b.empty() {
		b.rewind()
	}
	if free := len(b.b) - b.w; free >= len(b.b)/2 || missing > 0 && free >= missing {
		return b.b[b.w:]
	}
	used := headroom + b.m1 - b.m0 + b.w - b.r
	to := b
	if want := used + max(missing, len(b.b)/4); want > len(b.b) {
		to = getBuffer(min(want, max(4*len(b.b), int(in.size))))
	}
	in.move(to)
	return to.b[to.w:]
}

// move brings message and unread bytes to the start of another buffer, or of
// the one they are in.
func (in *input) move(to *buffer) {
	from := in.buf
	m := copy(to.b[headroom:], from.b[from.m0:from.m1])
	u := copy(to.b[headroom+m:], from.b[from.r:from.w])
	to.m0, to.m1 = headroom, headroom+m
	to.r, to.w = to.m1, to.m1+u
	if from != to {
		to.peak = to.w
		in.buf = to
		putBuffer(from)
	}
}

// detach leaves the buffer, of which the message is lent to someone, to the
// garbage collector, and takes the unread bytes along.
func (in *input) detach() {
	if in.buf == nil {
		return
	}
	unread := in.unread()
	in.buf = getBuffer(headroom + len(unread))
	in.buf.rewind()
	in.buf.w += copy(in.buf.b[headroom:], unread)
}
