package conntest

import (
	"strconv"

	"github.com/octet-ws/octet/frame"
)

// Frame is a frame as conversations write it down: without what depends on
// its direction, which is masking.
type Frame struct {
	Op      frame.Opcode
	Payload string
	More    bool // not the last frame of its message
	RSV     frame.RSV
}

// Text is a whole text message.
func Text(s string) Frame { return Frame{Op: frame.Text, Payload: s} }

// Binary is a whole binary message.
func Binary(s string) Frame { return Frame{Op: frame.Binary, Payload: s} }

// First begins a message that More and Last go on with.
func First(op frame.Opcode, s string) Frame { return Frame{Op: op, Payload: s, More: true} }

// More is a fragment in the middle of a message.
func More(s string) Frame { return Frame{Payload: s, More: true} }

// Last is the last fragment of a message.
func Last(s string) Frame { return Frame{Payload: s} }

// Ping is a Ping.
func Ping(s string) Frame { return Frame{Op: frame.Ping, Payload: s} }

// Pong is a Pong.
func Pong(s string) Frame { return Frame{Op: frame.Pong, Payload: s} }

// Close is a Close; with code 0 one without a payload.
func Close(code frame.CloseCode, reason string) Frame {
	if code == 0 {
		return Frame{Op: frame.Close}
	}
	return Frame{Op: frame.Close, Payload: string([]byte{byte(code >> 8), byte(code)}) + reason}
}

// String shows the frame on one line.
func (f Frame) String() string {
	s := f.Op.String()
	if f.More {
		s += "+"
	}
	if f.RSV != 0 {
		s += " rsv " + strconv.Itoa(int(f.RSV))
	}
	p := f.Payload
	if f.Op == frame.Close && len(p) >= 2 {
		s += " " + strconv.Itoa(int(p[0])<<8|int(p[1]))
		p = p[2:]
	}
	if len(p) > 40 {
		return s + " " + strconv.Quote(p[:40]) + "… (" + strconv.Itoa(len(p)) + " bytes)"
	}
	return s + " " + strconv.Quote(p)
}

// Append appends the frame as it stands on the wire, masked with a fixed key
// if a client sends it.
func (f Frame) Append(dst []byte, masked bool) []byte {
	h := frame.Header{Fin: !f.More, RSV: f.RSV, Opcode: f.Op, Length: int64(len(f.Payload))}
	if masked {
		h.Masked, h.Key = true, frame.MaskKey{0x37, 0xfa, 0x21, 0x3d} // as in RFC 6455 §5.7
	}
	dst = h.Append(dst)
	at := len(dst)
	dst = append(dst, f.Payload...)
	frame.Mask(dst[at:], h.Key, 0)
	return dst
}

// parse takes a whole frame off b and returns its size, 0 if there is none.
func parse(b []byte) (f Frame, masked bool, n int) {
	h, n, _ := frame.ParseHeader(b)
	if n == 0 || int64(len(b)-n) < h.Length {
		return f, false, 0
	}
	p := append([]byte(nil), b[n:n+int(h.Length)]...)
	frame.Mask(p, h.Key, 0)
	return Frame{Op: h.Opcode, Payload: string(p), More: !h.Fin, RSV: h.RSV}, h.Masked, n + len(p)
}
