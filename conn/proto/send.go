package proto

import (
	"slices"

	"github.com/octet-ws/octet/frame"
)

// sender is what an Endpoint remembers of the frames it has sent.
type sender struct {
	role        Role
	compression bool
	state       State
	newMaskKey  func() frame.MaskKey
}

// The errors of the send methods are bare [frame.Rule] values: the rule that
// the caller was about to break. State and dst are then as they were.

// BeginFrame takes note of a frame about to be sent and returns its header,
// for a caller who writes header and payload by itself: in one vectored write
// of h.Append and the payload, or with the header put in front of a payload
// that has room for it. op is Text or Binary for the first frame of a message
// and Continuation for the others; fin ends the message, which may have any
// number of frames of any length, 0 among them (F26, D2 to D4). A Ping or Pong
// may stand anywhere (F44, F49). If h.Masked, as in a
// client, the caller masks the payload with h.Key from position 0, and sends
// no byte of it otherwise. Once BeginFrame has returned, exactly length bytes
// of payload must follow (X13).
//
// It refuses, by [frame.Rule]: a frame after the Close (RuleAfterClose), a
// new message inside another (RuleInterleaved), a continuation of none
// (RuleOrphan), a control frame that is fragmented or longer than
// MaxControlPayload, a reserved opcode, a negative length (RuleLengthRange),
// a Close, whose payload only [Endpoint.AppendClose] can check
// (RuleCloseCode), and in a client without NewMaskKey everything
// (RuleUnmasked).
func (e *Endpoint) BeginFrame(op frame.Opcode, length int64, fin bool) (frame.Header, error) {
	h := frame.Header{Fin: fin, Opcode: op, Length: length}
	if rule := e.send.beginOpen(&h); rule != 0 {
		return frame.Header{}, rule
	}
	return h, nil
}

// BeginCompressed is BeginFrame for a frame of a message that the caller has
// compressed: the first one carries RSV1 (RFC 7692 §6, P5, D6). Without
// Options.Compression it refuses with RuleRSV.
func (e *Endpoint) BeginCompressed(op frame.Opcode, length int64, fin bool) (frame.Header, error) {
	h := frame.Header{Fin: fin, Opcode: op, Length: length}
	if !e.send.compression || op.IsControl() {
		return frame.Header{}, frame.RuleRSV
	}
	if op != frame.Continuation {
		h.RSV = frame.RSV1
	}
	if rule := e.send.begin(&h); rule != 0 {
		return frame.Header{}, rule
	}
	return h, nil
}

// AppendFrame appends a whole frame with payload p, masked if e is a client,
// ready to be transmitted (D7), and returns the extended slice. p is left as it
// is and not kept, and must not overlap the free capacity of dst. It refuses
// what BeginFrame refuses.
func (e *Endpoint) AppendFrame(dst []byte, op frame.Opcode, p []byte, fin bool) ([]byte, error) {
	h := frame.Header{Fin: fin, Opcode: op, Length: int64(len(p))}
	if rule := e.send.beginOpen(&h); rule != 0 {
		return dst, rule
	}
	return appendFrame(dst, &h, p), nil
}

// AppendClose appends a Close frame: the start of the closing handshake, or
// the answer to the peer's (RFC 6455 §5.5.1, K5). CloseNoStatus without a
// reason is a Close without a payload. It refuses what
// [frame.AppendClose] refuses, 1010 from a server (K24), and a second Close.
func (e *Endpoint) AppendClose(dst []byte, code frame.CloseCode, reason string) ([]byte, error) {
	var room [frame.MaxControlPayload]byte
	p, err := frame.AppendClose(room[:0], code, reason)
	if err != nil {
		return dst, err
	}
	if code == frame.CloseMandatoryExtension && e.send.role == Server {
		return dst, frame.RuleCloseCode
	}
	h := frame.Header{Fin: true, Opcode: frame.Close, Length: int64(len(p))}
	if rule := e.send.begin(&h); rule != 0 {
		return dst, rule
	}
	return appendFrame(dst, &h, p), nil
}

// SendState returns the state of the sending direction.
func (e *Endpoint) SendState() State { return e.send.state }

// beginOpen is begin for all frames but a Close.
func (s *sender) beginOpen(h *frame.Header) frame.Rule {
	if h.Opcode == frame.Close {
		return frame.RuleCloseCode
	}
	return s.begin(h)
}

// begin checks the header of a frame about to be sent, takes the step and
// draws the masking key.
func (s *sender) begin(h *frame.Header) frame.Rule {
	switch {
	case h.Opcode.IsReserved():
		return frame.RuleOpcode
	case h.Length < 0:
		return frame.RuleLengthRange
	case h.Opcode.IsControl() && !h.Fin:
		return frame.RuleControlFragmented
	case h.Opcode.IsControl() && h.Length > frame.MaxControlPayload:
		return frame.RuleControlLength
	case s.role == Client && s.newMaskKey == nil:
		return frame.RuleUnmasked
	}
	if rule := s.state.step(eventOf(h.Opcode, h.Fin)); rule != 0 {
		return rule
	}
	if s.role == Client { // every frame, a Close too (F1, F35, D5); a server none (F3)
		h.Masked, h.Key = true, s.newMaskKey()
	}
	return 0
}

// appendFrame appends the header and p, masked as the header says.
func appendFrame(dst []byte, h *frame.Header, p []byte) []byte {
	dst = h.Append(dst)
	if !h.Masked {
		return append(dst, p...)
	}
	at := len(dst)
	dst = slices.Grow(dst, len(p))[:at+len(p)]
	frame.MaskCopy(dst[at:], p, h.Key, 0)
	return dst
}
