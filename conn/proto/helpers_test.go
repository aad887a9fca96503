package proto

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/octet-ws/octet/frame"
)

// key is the masking key of the examples in RFC 6455 §5.7.
var key = frame.MaskKey{0x37, 0xfa, 0x21, 0x3d}

func newKey() frame.MaskKey { return key }

// unhex decodes hex in which spaces mark the borders of fields.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic("BUG: bad hex in a test: " + s)
	}
	return b
}

// sides runs f for both roles. What f is given as a wire is what the other
// side sends.
func sides(t *testing.T, f func(t *testing.T, role Role)) {
	t.Helper()
	for _, role := range []Role{Client, Server} {
		t.Run(role.String(), func(t *testing.T) { f(t, role) })
	}
}

// options completes o for a client.
func options(role Role, o Options) Options {
	if role == Client {
		o.NewMaskKey = newKey
	}
	return o
}

// toward turns unmasked frames, as a server sends them, into what an endpoint of
// the given role receives: for a server every frame is masked. It copes with
// frames that break rules; what follows the last whole frame is left out of
// the masking.
func toward(role Role, wire []byte) []byte {
	if role == Client {
		return append([]byte(nil), wire...)
	}
	var out []byte
	for len(wire) > 0 {
		h, n, _ := frame.ParseHeader(wire)
		if n == 0 {
			return append(out, wire...)
		}
		head := append([]byte(nil), wire[:n]...)
		head[1] |= 0x80
		out = append(append(out, head...), key[:]...)
		p := append([]byte(nil), wire[n:n+int(min(h.Length, int64(len(wire)-n)))]...)
		wire = wire[n+len(p):]
		frame.Mask(p, key, 0)
		out = append(out, p...)
	}
	return out
}

// transcript feeds wire to e in pieces of the given sizes (the last one over
// and over) and writes down what happens, one line for each message, control
// frame or failure. Pieces of a message are joined, so that the result does
// not depend on how the bytes arrive. Whatever Next consumed is poisoned, and
// what it was not given to touch is checked.
func transcript(t *testing.T, e *Endpoint, wire []byte, sizes ...int) (lines []string) {
	t.Helper()
	return transcriptOf(t, e.Next, wire, sizes...)
}

// wholeFirst is Next for a caller who asks NextWhole first.
func wholeFirst(e *Endpoint, limit int) func([]byte) (Event, int, error) {
	return func(buf []byte) (Event, int, error) {
		if ev, n := e.NextWhole(buf, limit); n > 0 {
			return ev, n, nil
		}
		return e.Next(buf)
	}
}

// transcriptOf is transcript with next in place of Next.
func transcriptOf(t *testing.T, next func([]byte) (Event, int, error), wire []byte, sizes ...int) (lines []string) {
	t.Helper()
	wire = append([]byte(nil), wire...)
	var message []byte
	open := false
	for start, end := 0, 0; ; {
		ev, n, err := next(wire[start:end])
		if n < 0 || n > end-start {
			t.Fatalf("Next consumed %d of %d bytes", n, end-start)
		}
		switch ev.Kind {
		case KindData:
			if ev.First == open {
				t.Fatalf("First is %v, but a message is open: %v", ev.First, open)
			}
			message = append(message, ev.Payload...)
			open = !ev.Fin
			if ev.Fin {
				how := ""
				if ev.Compressed {
					how = "compressed "
				}
				lines = append(lines, fmt.Sprintf("%s%v %q", how, ev.Opcode, message))
				message = nil
			}
		case KindPing, KindPong:
			lines = append(lines, fmt.Sprintf("%v %q", ev.Kind, ev.Payload))
		case KindClose:
			lines = append(lines, fmt.Sprintf("close %d %q", ev.Code, ev.Payload))
		case KindFailed:
			lines = append(lines, fmt.Sprintf("fail %d %v", ev.Code, ev.Rule.String()))
		}
		if (err != nil) != (ev.Kind == KindFailed) {
			t.Fatalf("event %v comes with error %v", ev.Kind, err)
		}
		if err != nil {
			again, n, err2 := next(wire[start:end])
			if again.Kind != KindFailed || n != 0 || err2 != err {
				t.Fatalf("K13: after a failure Next returns %v, %d, %v", again.Kind, n, err2)
			}
			return lines
		}
		for i := range n {
			wire[start+i] = 0xdb
		}
		start += n
		if n == 0 || start == end {
			if end == len(wire) {
				return lines
			}
			end = min(end+sizes[0], len(wire))
			if len(sizes) > 1 {
				sizes = sizes[1:]
			}
		}
	}
}
