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

// counters is Stats as it is kept.
type counters struct {
	bytesIn, bytesOut       atomic.Int64
	framesIn, framesOut     atomic.Int64
	messagesIn, messagesOut atomic.Int64
}

// tally counts what is not in counters yet, so that a batch costs one update.
type tally struct{ frames, messages int32 }

// Stats returns what has gone over the connection so far.
func (c *Conn) Stats() Stats {
	s := &c.stats
	var rtt int64
	if x := c.ext.Load(); x != nil {
		rtt = x.roundTrip.Load()
	}
	return Stats{
		BytesIn: s.bytesIn.Load(), BytesOut: s.bytesOut.Load(),
		FramesIn: s.framesIn.Load(), FramesOut: s.framesOut.Load(),
		MessagesIn: s.messagesIn.Load(), MessagesOut: s.messagesOut.Load(),
		RoundTrip: time.Duration(rtt),
	}
}

// publish brings what the reader has counted into stats.
func (c *Conn) publish() {
	if c.count.frames != 0 {
		c.stats.framesIn.Add(int64(c.count.frames))
	}
	if c.count.messages != 0 {
		c.stats.messagesIn.Add(int64(c.count.messages))
	}
	c.count = tally{}
}

// counted takes note of a frame that is about to be sent.
func (c *Conn) counted(h *frame.Header) {
	c.uncounted.frames++
	if h.Fin && !h.Opcode.IsControl() {
		c.uncounted.messages++
	}
	if c.trace != nil && c.trace.FrameSent != nil {
		c.trace.FrameSent(*h)
	}
}

// countFrames takes note of whole frames that were added to out.
func (c *Conn) countFrames(b []byte) {
	for len(b) > 0 {
		var h frame.Header
		n, _ := h.Parse(b)
		c.counted(&h)
		b = b[n+int(h.Length):]
	}
}

// sent takes note of a write of n bytes and of the frames in t.
func (s *counters) sent(n int, t *tally) {
	s.bytesOut.Add(int64(n))
	if t.frames != 0 {
		s.framesOut.Add(int64(t.frames))
	}
	if t.messages != 0 {
		s.messagesOut.Add(int64(t.messages))
	}
	*t = tally{}
}
