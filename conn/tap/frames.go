package tap

import (
	"errors"

	"github.com/octet-ws/octet/frame"
)

// frames decodes the frames of one direction, one at a time, and goes on after
// a rule is broken: an endpoint must fail the connection then, but a recording
// is most useful exactly there.
type frames struct {
	from Side
	max  int // payload bytes to keep of a frame

	// The frame under way: its header as far as it came, and once that is
	// whole (cur.Size > 0) the payload bytes seen.
	header [frame.MaxHeaderSize]byte
	have   int
	cur    Frame
	seen   int64
	faults []Fault
	lost   bool // the length is impossible: nobody knows where the frame ends

	// The message under way.
	message    frame.Opcode // its opcode; Continuation when there is none
	compressed bool
	utf8       frame.UTF8
	badUTF8    bool // said already
	closed     bool // a Close has passed

	deflate  bool      // permessage-deflate was agreed
	inflater *inflater // nil when it was not, or after it failed
	scratch  []byte
}

// take consumes bytes up to the end of a frame at most and returns how many.
func (f *frames) take(b []byte) int {
	n := 0
	if f.cur.Size == 0 {
		if n = f.takeHeader(b); f.cur.Size == 0 {
			return n
		}
	}
	p := b[n:]
	p = p[:min(int64(len(p)), f.cur.Length-f.seen)]
	f.takePayload(p)
	return n + len(p)
}

// takeHeader gathers a header and returns how many bytes of b belong to it.
func (f *frames) takeHeader(b []byte) int {
	before := f.have
	f.have += copy(f.header[f.have:], b)
	h, n, err := frame.ParseHeader(f.header[:f.have])
	if n == 0 {
		return f.have - before
	}
	f.have = 0
	f.cur = Frame{Header: h, Size: n, Payload: f.cur.Payload[:0]}
	var broken *frame.Error
	if errors.As(err, &broken) {
		f.fault(broken.Rule)
		f.lost = broken.Rule == frame.RuleLengthRange
	}
	f.sequence(h)
	return n - before
}

// sequence checks what a header can only break in its context.
func (f *frames) sequence(h frame.Header) {
	if h.Masked != (f.from == Client) {
		f.fault(map[Side]frame.Rule{Client: frame.RuleUnmasked, Server: frame.RuleMasked}[f.from])
	}
	if f.closed {
		f.fault(frame.RuleAfterClose)
	}
	first := h.Opcode == frame.Text || h.Opcode == frame.Binary
	allowed := frame.RSV(0)
	if f.deflate && first {
		allowed = frame.RSV1
	}
	if h.RSV&^allowed != 0 {
		f.fault(frame.RuleRSV)
	}
	switch {
	case h.Opcode == frame.Continuation && f.message == frame.Continuation:
		f.fault(frame.RuleOrphan)
	case first:
		if f.message != frame.Continuation {
			f.fault(frame.RuleInterleaved)
		}
		f.message = h.Opcode
		f.compressed = h.RSV&allowed != 0
		f.utf8, f.badUTF8 = frame.UTF8{}, false
	}
}

// takePayload takes masked payload bytes of the current frame.
func (f *frames) takePayload(b []byte) {
	for len(b) > 0 {
		n := min(len(b), 4096)
		f.scratch = append(f.scratch[:0], b[:n]...)
		if f.cur.Masked {
			frame.Mask(f.scratch, f.cur.Key, f.seen)
		}
		keep := f.max
		if f.cur.Opcode.IsControl() {
			keep = max(keep, frame.MaxControlPayload) // a Close is needed whole
		}
		f.cur.Payload = append(f.cur.Payload, f.scratch[:min(n, keep-len(f.cur.Payload))]...)
		f.content(f.scratch)
		f.seen += int64(n)
		b = b[n:]
	}
}

// content looks at payload bytes as a part of a message.
func (f *frames) content(p []byte) {
	switch {
	case !f.cur.Opcode.IsData():
	case f.compressed:
		f.inflater.add(p)
	case f.message == frame.Text && !f.badUTF8:
		if _, err := f.utf8.Write(p); err != nil {
			f.badUTF8 = true
			f.fault(frame.RuleUTF8)
		}
	}
}

// whole returns the current frame if it is complete, else nil. Call next when
// done with it.
func (f *frames) whole() *Frame {
	if f.cur.Size == 0 || f.seen < f.cur.Length {
		return nil
	}
	switch {
	case f.cur.Opcode == frame.Close:
		f.closed = true
		var rule frame.Rule
		if _, _, err := frame.ParseClose(f.cur.Payload); errors.As(err, &rule) {
			f.fault(rule)
		}
	case f.cur.Opcode.IsData() && f.cur.Fin:
		f.endMessage()
	}
	return f.sized()
}

// cut returns the current frame as far as it came, or nil if there is none.
func (f *frames) cut() *Frame {
	if f.cur.Size == 0 {
		return nil
	}
	f.cur.Missing = f.cur.Length - f.seen
	f.faults = append(f.faults, Fault{Rule: "the stream ended within the frame"})
	return f.sized()
}

func (f *frames) sized() *Frame {
	f.cur.Left = f.seen - int64(len(f.cur.Payload))
	return &f.cur
}

// endMessage does what remains at the last frame of a message.
func (f *frames) endMessage() {
	if f.compressed {
		m, err := f.inflater.end()
		if err != "" {
			f.faults = append(f.faults, Fault{err, "RFC 7692 §7.2.2"})
		}
		if m != nil {
			m.Opcode = f.message
			f.cur.Message = m
		}
	} else if f.message == frame.Text && !f.badUTF8 && f.utf8.End() != nil {
		f.fault(frame.RuleUTF8)
	}
	f.message, f.compressed = frame.Continuation, false
}

// next forgets the current frame.
func (f *frames) next() {
	f.cur = Frame{Payload: f.cur.Payload[:0]}
	f.seen = 0
	f.faults = nil
}

func (f *frames) fault(r frame.Rule) {
	f.faults = append(f.faults, Fault{r.String(), r.Section()})
}
