package fuzz

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/fuzz/oracle"
)

// FuzzEndpoint says that whatever arrives, an endpoint reads what the oracle
// reads and fails when, and for a reason for which, the oracle does; that it
// makes no difference how the bytes are cut; and that nothing beyond what is
// consumed is touched. settings chooses the role, the options and whether the
// input is taken as it is or as a plan for frames that are right in most ways,
// and whether NextWhole is asked first.
func FuzzEndpoint(f *testing.F) {
	for i, w := range wires {
		f.Add(unhex(w), uint8(0), uint64(i))
		f.Add(unhex(w), uint8(settingCompression|settingLimits), uint64(i))
		f.Add(mask(unhex(w)), uint8(settingServer), uint64(i))
		f.Add(unhex(w), uint8(settingServer|settingPlan), uint64(i))
		f.Add(unhex(w), uint8(settingWhole), uint64(i))
	}
	f.Fuzz(func(t *testing.T, input []byte, settings uint8, cuts uint64) {
		options, config := configure(settings)
		role := proto.Client
		if config.Server {
			role = proto.Server
		}
		wire := input
		if settings&settingPlan != 0 {
			wire = plan(input, role)
		}
		events, faults := oracle.Read(wire, config)

		random := rand.New(rand.NewPCG(cuts, 0))
		for _, size := range []func() int{
			func() int { return len(wire) },
			func() int { return 1 },
			func() int { return 1 + random.IntN(20) },
			func() int { return 1 + random.IntN(1+len(wire)) },
		} {
			got, err := read(t, next(proto.New(role, options), settings), wire, size)
			if diff := cmp.Diff(events, got); diff != "" {
				t.Fatalf("% x as %v with %+v: oracle and endpoint read (-oracle +endpoint)\n%s", wire, role, options, diff)
			}
			if (err != nil) != (len(faults) > 0) {
				t.Fatalf("% x as %v with %+v: the oracle finds %v, the endpoint %v", wire, role, options, faults, err)
			}
			if err != nil && !slices.Contains(faults, faultOf(err.Rule)) {
				t.Fatalf("% x as %v with %+v: the oracle finds %v, the endpoint %v", wire, role, options, faults, err)
			}
		}
	})
}

// The bits of the settings of FuzzEndpoint.
const (
	settingServer = 1 << iota
	settingCompression
	settingLong
	settingLimits
	settingPlan
	settingWhole
)

func configure(settings uint8) (proto.Options, oracle.Config) {
	o := proto.Options{MaxFrame: -1, MaxMessage: -1, MaxFragments: -1}
	c := oracle.Config{Server: settings&settingServer != 0}
	c.Compression = settings&settingCompression != 0
	c.AllowLongLengths = settings&settingLong != 0
	if settings&settingLimits != 0 {
		c.MaxFrame, c.MaxMessage, c.MaxFragments = 5, 7, 3
		o.MaxFrame, o.MaxMessage, o.MaxFragments = 5, 7, 3
	}
	o.Compression, o.AllowLongLengths = c.Compression, c.AllowLongLengths
	return o, c
}

// faultOf is a rule as the oracle speaks of it.
func faultOf(r frame.Rule) oracle.Fault {
	_, section, _ := strings.Cut(r.Section(), "§")
	return oracle.Fault{Section: section, Code: int(r.CloseCode())}
}

// next returns e.Next, or what asks NextWhole for short messages first.
func next(e *proto.Endpoint, settings uint8) func([]byte) (proto.Event, int, error) {
	if settings&settingWhole == 0 {
		return e.Next
	}
	return func(buf []byte) (proto.Event, int, error) {
		if ev, n := e.NextWhole(buf, 10); n > 0 {
			return ev, n, nil
		}
		return e.Next(buf)
	}
}

// read feeds wire to an endpoint's next in pieces and returns what it reads, in
// the oracle's words.
func read(t *testing.T, next func([]byte) (proto.Event, int, error), wire []byte, size func() int) (events []string, failure *frame.Error) {
	wire = slices.Clone(wire)
	original := slices.Clone(wire)
	var message []byte
	for start, end := 0, 0; ; {
		ev, n, err := next(wire[start:end])
		if err != nil {
			return events, err.(*frame.Error)
		}
		if n < 0 || n > end-start || !slices.Equal(wire[start+n:], original[start+n:]) {
			t.Fatalf("Next consumed %d of %d bytes or touched what follows", n, end-start)
		}
		switch ev.Kind {
		case proto.KindData:
			message = append(message, ev.Payload...)
			if ev.Fin {
				events = append(events, oracle.Message(byte(ev.Opcode), ev.Compressed, message))
				message = message[:0]
			}
		case proto.KindPing, proto.KindPong:
			events = append(events, fmt.Sprintf("%v %q", ev.Kind, ev.Payload))
		case proto.KindClose:
			events = append(events, fmt.Sprintf("close %d %q", ev.Code, ev.Payload))
		}
		start += n
		if n > 0 && start < end {
			continue
		}
		if end == len(wire) {
			return events, nil
		}
		end = min(end+size(), len(wire))
	}
}

// plan makes frames of an input: the first byte of a header chooses the flags
// and the opcode, the second the length, mostly short, and the payload
// follows. So most frames have the right masking and the fewest bytes of
// length, and the fuzzer gets beyond them.
func plan(input []byte, role proto.Role) (wire []byte) {
	for len(input) >= 2 {
		b0, b1 := input[0], input[1]
		n := min(int(b1), len(input)-2)
		h := frame.Header{
			Fin: b0&0x80 != 0, RSV: frame.RSV(b0 >> 4 & 7), Opcode: frame.Opcode(b0 & 0xf),
			Masked: role == proto.Server, Length: int64(n),
		}
		if h.Masked {
			h.Key = frame.MaskKey{b0, b1, 0x80, 0x7f}
		}
		wire = h.Append(wire)
		payload := slices.Clone(input[2 : 2+n])
		frame.Mask(payload, h.Key, 0)
		wire = append(wire, payload...)
		input = input[2+n:]
	}
	return append(wire, input...)
}

// mask turns a server's whole frames into a client's.
func mask(wire []byte) (out []byte) {
	for {
		h, n, _ := frame.ParseHeader(wire)
		if n == 0 || h.Masked {
			return append(out, wire...)
		}
		p := slices.Clone(wire[n:][:min(int64(len(wire)-n), h.Length)])
		wire = wire[n+len(p):]
		h.Masked, h.Key = true, frame.MaskKey{1, 2, 3, 4}
		out = h.Append(out)
		frame.Mask(p, h.Key, 0)
		out = append(out, p...)
	}
}

// FuzzDialogue lets one endpoint send what the input says, as far as it
// agrees to, and the other read it: it must never find fault, and must read
// what was sent.
func FuzzDialogue(f *testing.F) {
	for _, w := range wires {
		f.Add(unhex(w), true)
		f.Add(unhex(w), false)
	}
	f.Fuzz(func(t *testing.T, input []byte, fromClient bool) {
		n := byte(0)
		client := proto.New(proto.Client, proto.Options{NewMaskKey: func() frame.MaskKey { n++; return frame.MaskKey{n, ^n, n, 0x55} }})
		sender, receiver := proto.New(proto.Server, proto.Options{}), client
		if fromClient {
			sender, receiver = receiver, sender
		}
		var wire, message []byte
		var want []string
		var kind frame.Opcode
		for len(input) >= 2 {
			op, fin := frame.Opcode(input[0]&0xf), input[0]&0x80 != 0
			p := input[2:min(len(input), 2+int(input[1]))]
			input = input[2+len(p):]
			if op == frame.Close && len(p) >= 2 {
				code := frame.CloseCode(p[0])<<8 | frame.CloseCode(p[1])
				out, err := sender.AppendClose(wire, code, string(p[2:]))
				if err == nil {
					want = append(want, fmt.Sprintf("close %d %q", code, p[2:]))
				}
				wire = out
				continue
			}
			if op <= frame.Text {
				p = []byte(strings.ToValidUTF8(string(p), "?")) // the sender's part
			}
			out, err := sender.AppendFrame(wire, op, p, fin)
			wire = out
			if err != nil {
				continue
			}
			switch {
			case op == frame.Ping:
				want = append(want, fmt.Sprintf("ping %q", p))
			case op == frame.Pong:
				want = append(want, fmt.Sprintf("pong %q", p))
			default:
				if op != frame.Continuation {
					kind, message = op, nil
				}
				message = append(message, p...)
				if fin {
					want = append(want, oracle.Message(byte(kind), false, message))
				}
			}
		}
		got, err := read(t, receiver.Next, wire, func() int { return 7 })
		if err != nil {
			t.Fatalf("what one end sent, % x, the other refuses: %v", wire, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("sent and read (-sent +read)\n%s", diff)
		}
	})
}
