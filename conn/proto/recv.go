package proto

import "github.com/octet-ws/octet/frame"

// receiver is what an Endpoint remembers of the frames it has received. The
// single bytes stand together, as there are as many of these as connections.
type receiver struct {
	// Fixed by Reset.
	maxFrame         int64
	maxMessage       int64
	maxFragments     int32
	role             Role
	compression      bool
	allowLongLengths bool

	state State

	// The message under way, or the last one.
	opcode     frame.Opcode // Text or Binary
	compressed bool
	text       frame.UTF8
	first      bool // no payload of it was reported yet
	fragments  int32
	size       int64 // payload bytes announced by the headers so far
	inflated   int64 // bytes that came out of the decompressor so far

	// The frame under way, or the last one. Control frames come whole, so
	// while left is not 0 it is a data frame.
	header frame.Header
	left   int64 // bytes of its payload not yet seen

	offset int64        // octets received before the next one to look at
	err    *frame.Error // why state is StateFailed
}

// Next decodes the next frame, or the next piece of a large one, from the
// start of buf, the bytes that arrived and were not consumed yet. It returns
// what it found and how many bytes of buf are consumed; call it again with
// what follows. It unmasks in place and never touches buf[n:].
//
//   - A data frame that is whole in buf is one event with all its payload. Of
//     one that is not, the payload in buf is reported at once (F30), and
//     [Endpoint.Pending] says how much is missing: the caller may read it
//     anywhere, as the next call may be given another buffer.
//   - A control frame is reported whole. Until it is (at most
//     MaxHeaderSize + MaxControlPayload bytes), and until a header is whole,
//     the event is KindNone and nothing is consumed: call again with the same
//     bytes and more behind them. KindNone with n > 0 means that a header was
//     consumed and its payload is still to come.
//   - After the peer's Close all of buf is consumed and ignored.
//
// Everything that arrives is checked as it is consumed (D8, X18), whether a
// message comes in one frame or in many (F27).
//
// The error, always a [*frame.Error], says that the peer broke a rule: the
// event is KindFailed, n and the contents of buf mean nothing any more, and
// every later call returns the same error (RFC 6455 §7.1.7, K13).
func (e *Endpoint) Next(buf []byte) (ev Event, n int, err error) {
	r := &e.recv
	if r.left == 0 || r.state == StateFailed { // between frames
		switch r.state {
		case StateClosed:
			return Event{}, len(buf), nil
		case StateFailed:
			return r.failed(), 0, r.err
		}
		if n, err = r.header.Parse(buf); n == 0 {
			return Event{}, 0, nil
		}
		if rule := r.check(err); rule != 0 {
			return r.fail(rule, 0)
		}
		if r.header.Opcode.IsControl() {
			return r.control(buf, n)
		}
		if rule := r.begin(); rule != 0 {
			return r.fail(rule, 0)
		}
		r.offset += int64(n)
	}
	p := buf[n:]
	switch {
	case int64(len(p)) > r.left:
		p = p[:r.left]
	case len(p) == 0 && r.left > 0:
		return Event{}, n, nil
	}
	if at, err := r.payload(p); err != nil {
		return r.fail(frame.RuleUTF8, int64(at))
	}
	piece := Piece{r.opcode, r.first, r.header.Fin && r.left == 0, r.compressed}
	r.first = false
	return Event{Status{Kind: KindData}, piece, p}, n + len(p), nil
}

// NextWhole is Next for a frame that is a whole message, is there to its last
// byte, has at most limit bytes of payload and breaks no rule. The first bytes
// of buf are something else if n is 0; then nothing was consumed, and Next will
// say what they are. It is for a caller who goes through what one read brought
// before any of it is acted on.
func (e *Endpoint) NextWhole(buf []byte, limit int) (ev Event, n int) {
	r := &e.recv
	if r.left != 0 || r.state != StateOpen {
		return Event{}, 0
	}
	n, err := r.header.Parse(buf)
	h := &r.header
	if n == 0 || !h.Fin || !h.Opcode.IsData() || h.Length > int64(min(limit, len(buf)-n)) {
		return Event{}, 0
	}
	if r.check(err) != 0 || r.begin() != 0 {
		return Event{}, 0
	}
	r.offset += int64(n)
	end := n + int(h.Length)
	p := buf[n:end]
	if at, err := r.payload(p); err != nil {
		r.fail(frame.RuleUTF8, int64(at))
		return Event{}, 0
	}
	r.first = false
	return Event{Status{Kind: KindData}, Piece{r.opcode, true, true, r.compressed}, p}, end
}

// check judges the header of a frame by what was negotiated and by the role
// of its sender, err being what Parse thinks of it.
func (r *receiver) check(err error) frame.Rule {
	h := &r.header
	if err != nil {
		rule := err.(*frame.Error).Rule
		if rule != frame.RuleLengthMinimal || !r.allowLongLengths {
			return rule
		}
	}
	// RSV1 may be set on the first frame of a message if compression was
	// agreed; on a control frame or a continuation never (P6 to P8).
	mayCompress := r.compression && (h.Opcode == frame.Text || h.Opcode == frame.Binary)
	if h.RSV != 0 && !(h.RSV == frame.RSV1 && mayCompress) {
		return frame.RuleRSV
	}
	if h.Masked != (r.role == Server) {
		if h.Masked {
			return frame.RuleMasked
		}
		return frame.RuleUnmasked
	}
	return 0
}

// begin takes in the header of a data frame.
func (r *receiver) begin() frame.Rule {
	h := &r.header
	if rule := r.state.step(eventOf(h.Opcode, h.Fin)); rule != 0 {
		return rule
	}
	r.first = h.Opcode != frame.Continuation
	if r.first {
		r.opcode, r.compressed = h.Opcode, h.RSV&frame.RSV1 != 0
		r.fragments, r.size, r.inflated = 0, 0, 0
	}
	r.fragments++
	switch {
	case h.Length > r.maxFrame:
		return frame.RuleFrameSize
	case h.Length > r.maxMessage-r.size: // size ≤ maxMessage, so this cannot overflow
		return frame.RuleMessageSize
	case r.fragments > r.maxFragments:
		return frame.RuleFragmentCount
	}
	r.size += h.Length
	r.left = h.Length
	return 0
}

// payload takes in p, the next of the current data frame's payload. If that is
// no text, p[at] is the octet that shows it.
func (r *receiver) payload(p []byte) (at int, err error) {
	pos := r.header.Length - r.left
	text := r.opcode == frame.Text && !r.compressed
	switch {
	case text && r.role == Server:
		at, err = r.text.Unmask(p, r.header.Key, pos)
	case text:
		at, err = r.text.Write(p)
	case r.role == Server:
		frame.Mask(p, r.header.Key, pos)
	}
	if err != nil {
		return at, err
	}
	r.offset += int64(len(p))
	r.left -= int64(len(p))
	if text && r.left == 0 && r.header.Fin {
		return 0, r.text.End()
	}
	return 0, nil
}

// control reports a control frame once all of it is in buf, where its payload
// starts at n.
func (r *receiver) control(buf []byte, n int) (Event, int, error) {
	h := &r.header
	if rule := transitions[r.state][eventOf(h.Opcode, h.Fin)].broken; rule != 0 {
		return r.fail(rule, 0)
	}
	end := n + int(h.Length)
	if len(buf) < end {
		return Event{}, 0, nil
	}
	p := buf[n:end]
	frame.Mask(p, h.Key, 0) // the zero key of an unmasked frame changes nothing
	ev := Event{Payload: p}
	switch h.Opcode {
	case frame.Ping:
		ev.Kind = KindPing
	case frame.Pong:
		ev.Kind = KindPong
	case frame.Close:
		code, reason, err := frame.ParseClose(p)
		if err != nil {
			return r.fail(err.(frame.Rule), int64(n))
		}
		ev.Kind, ev.Code, ev.Payload = KindClose, code, reason
	}
	r.state.step(eventOf(h.Opcode, h.Fin))
	r.offset += int64(end)
	return ev, end, nil
}

// Inflated takes in the next bytes that came out of the decompressor for the
// compressed message of the last Data event; fin says that they are the last
// ones. It holds them to the size limit and, in a text message, to UTF-8
// (P10, P44). All of a message must have been handed over before the next
// message's first event is asked for. An error is the connection's failure,
// as from Next; p is not kept.
func (e *Endpoint) Inflated(p []byte, fin bool) (Event, error) {
	r := &e.recv
	if r.state == StateFailed {
		return r.failed(), r.err
	}
	if int64(len(p)) > r.maxMessage-r.inflated {
		return e.Fail(frame.RuleMessageSize)
	}
	r.inflated += int64(len(p))
	if r.opcode == frame.Text {
		_, err := r.text.Write(p)
		if err == nil && fin {
			err = r.text.End()
		}
		if err != nil {
			return e.Fail(frame.RuleUTF8)
		}
	}
	return Event{Status{Kind: KindData}, Piece{Opcode: r.opcode, Fin: fin}, p}, nil
}

// Fail fails the connection for a rule that only the caller can see broken,
// as RuleCompressed (RFC 6455 §7.1.7, K10). Nothing is received after it. The
// event and the error are as from Next.
func (e *Endpoint) Fail(rule frame.Rule) (Event, error) {
	ev, _, err := e.recv.fail(rule, 0)
	return ev, err
}

// fail ends the receive half. at is where in the bytes given to Next the
// offending octet is.
func (r *receiver) fail(rule frame.Rule, at int64) (Event, int, error) {
	if r.state.step(evFail) == 0 && r.err == nil {
		r.err = &frame.Error{Rule: rule, Header: r.header, Offset: r.offset + at}
	}
	if r.err == nil { // the peer's Close came first, and nothing counts after it
		return Event{}, 0, nil
	}
	return r.failed(), 0, r.err
}

// failed is the event of a connection that has failed.
//
//go:noinline
func (r *receiver) failed() Event {
	return Event{Status: Status{KindFailed, r.err.Rule, r.err.Rule.CloseCode()}}
}

// Pending returns how many bytes of the current data frame's payload Next has
// not seen yet; 0 between frames. It is at most MaxFrame. A caller may read
// that much straight to where the message is wanted and give that to Next.
func (e *Endpoint) Pending() int64 { return e.recv.left }

// WholeMessageBuffered reports whether the next frame in buf, from where Next
// will look, is there to its last byte and ends a message. It is cheap and
// checks nothing else: Next may still refuse the frame. A caller who batches
// its writes can wait while it is true.
func (e *Endpoint) WholeMessageBuffered(buf []byte) bool {
	r := &e.recv
	if r.left > 0 {
		return r.header.Fin && int64(len(buf)) >= r.left
	}
	var h frame.Header
	n, _ := h.Parse(buf)
	return n > 0 && h.Fin && h.Opcode.IsData() && int64(len(buf)-n) >= h.Length
}

// ReceiveState returns the state of the receiving direction after the last
// header Next consumed.
func (e *Endpoint) ReceiveState() State { return e.recv.state }
