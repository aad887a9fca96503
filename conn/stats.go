package conn

import (
	"sync/atomic"
	"time"

	"github.com/octet-ws/octet/frame"
)

// Stats is what has gone over a connection so far. Bytes are those of the
// transport, headers included, but for what Options.Buffered held. Frames and
// messages are counted as the transport is read or written, so while a batch
// is being worked on they may lag behind.
type Stats struct {
	BytesIn, BytesOut       int64
	FramesIn, FramesOut     int64
	MessagesIn, MessagesOut int64

	// RoundTrip is the time the peer took to answer the last Ping that it
	// answered, 0 if there was none.
	RoundTrip time.Duration
}

// counters is Stats as it is kept, but for the frames: most of them are a
// message each, so only by how many they are more is counted, in extra.
type counters struct {
	bytesIn, bytesOut       atomic.Int64
	messagesIn, messagesOut atomic.Int64
}

// tally counts what is not in counters yet, so that a batch costs one update.
type tally struct{ frames, messages int32 }

// add counts a frame, and a message if it ends one.
func (t *tally) add(message bool) {
	t.frames++
	if message {
		t.messages++
	}
}

// Stats returns what has gone over the connection so far.
func (c *Conn) Stats() Stats {
	s := Stats{
		BytesIn: c.stats.bytesIn.Load(), BytesOut: c.stats.bytesOut.Load(),
		MessagesIn: c.stats.messagesIn.Load(), MessagesOut: c.stats.messagesOut.Load(),
	}
	s.FramesIn, s.FramesOut = s.MessagesIn, s.MessagesOut
	if x := c.ext.Load(); x != nil {
		s.FramesIn += x.beyondIn.Load()
		s.FramesOut += x.beyondOut.Load()
		s.RoundTrip = time.Duration(x.roundTrip.Load())
	}
	return s
}

// publish brings what the reader has counted into stats.
func (c *Conn) publish() {
	if t := c.count; t.messages != 0 {
		c.stats.messagesIn.Add(int64(t.messages))
	}
	if t := c.count; t.frames != t.messages {
		c.extra().beyondIn.Add(int64(t.frames - t.messages))
	}
	c.count = tally{}
}

// sent takes note of a write of n bytes, and brings what the writers have
// counted into stats.
func (c *Conn) sent(n int) {
	c.stats.bytesOut.Add(int64(n))
	if t := c.uncounted; t.messages != 0 {
		c.stats.messagesOut.Add(int64(t.messages))
	}
	if t := c.uncounted; t.frames != t.messages {
		c.extra().beyondOut.Add(int64(t.frames - t.messages))
	}
	c.uncounted = tally{}
}

// counted takes note of a frame that is about to be sent.
func (c *Conn) counted(h *frame.Header) {
	c.uncounted.add(h.Fin && !h.Opcode.IsControl())
	if c.trace != nil && c.trace.FrameSent != nil {
		c.trace.FrameSent(*h)
	}
}

// countFrames is counted for the whole frames in b.
func (c *Conn) countFrames(b []byte) {
	for len(b) > 0 {
		var h frame.Header
		n, _ := h.Parse(b)
		c.counted(&h)
		b = b[n+int(h.Length):]
	}
}
