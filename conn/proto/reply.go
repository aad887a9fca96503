package proto

import "github.com/octet-ws/octet/frame"

// owed is what the endpoint must say for what it received: at most one Pong
// and one Close, whatever the peer sends.
type owed struct {
	pong     []byte // payload of the latest Ping (F48); the memory is kept
	pongDue  bool
	closeDue bool
	code     frame.CloseCode
	rule     frame.Rule // why, if the connection failed
}

// Owe notes that the peer must be answered for ev. A Ping displaces one that
// was not answered yet (F48), the first Close or failure stands, and any other
// event is ignored. ev.Payload is copied.
func (e *Endpoint) Owe(ev Event) {
	if ev.Kind != KindPing && ev.Kind != KindClose && ev.Kind != KindFailed {
		return
	}
	if e.owed == nil {
		e.owed = new(owed)
	}
	switch o := e.owed; {
	case o.closeDue:
	case ev.Kind == KindPing:
		o.pong, o.pongDue = append(o.pong[:0], ev.Payload...), true
	default:
		o.closeDue, o.code, o.rule = true, ev.Code, ev.Rule
	}
}

// AppendReplies appends the frames that are owed: the Pong of the latest Ping
// (F45, F47), then the Close that answers the peer's with its code (F37) or
// that fails the connection, with the broken rule as its reason (K11). After
// this endpoint's Close nothing is owed. Call it between two frames, never
// inside the payload of one, and as soon as there is something to answer
// (F38, F46); it may be inside a fragmented message, or after it (F39).
func (e *Endpoint) AppendReplies(dst []byte) []byte {
	o := e.owed
	if o == nil {
		return dst
	}
	if o.pongDue {
		o.pongDue = false
		dst, _ = e.AppendFrame(dst, frame.Pong, o.pong, true)
	}
	if o.closeDue && e.send.state != StateClosed {
		reason := ""
		if o.rule != 0 {
			reason = o.rule.String()
		}
		code := o.code
		if code == frame.CloseMandatoryExtension && e.send.role == Server {
			code = frame.CloseNormal // a server does not send 1010 (K24)
		}
		dst, _ = e.AppendClose(dst, code, reason)
	}
	return dst
}
