package proto

import (
	"bytes"
	"testing"

	"github.com/octet-ws/octet/frame"
)

// call is one call of a send method, and what it must append or the rule by
// which it must refuse. wire is what a server sends.
type call struct {
	op   frame.Opcode
	p    string
	fin  bool
	rule frame.Rule
	wire string
}

// dialogues are sequences of AppendFrame; op Close stands for AppendClose
// with code 1000 and p as the reason.
var dialogues = []struct {
	name  string
	calls []call
}{
	{"D3 D4 F5 F19 a message in one frame", []call{
		{op: frame.Text, p: "Hello", fin: true, wire: "81 05 48656c6c6f"},
		{op: frame.Binary, p: "\xff", fin: true, wire: "82 01 ff"},
	}},
	{"D2 D3 D4 F20 F26 a message in fragments, some of them empty", []call{
		{op: frame.Text, p: "Hel", wire: "01 03 48656c"},
		{op: frame.Continuation, wire: "00 00"},
		{op: frame.Continuation, p: "lo", fin: true, wire: "80 02 6c6f"},
	}},
	{"F21 F44 F49 control frames between fragments", []call{
		{op: frame.Binary, p: "a", wire: "02 01 61"},
		{op: frame.Ping, p: "x", fin: true, wire: "89 01 78"},
		{op: frame.Pong, fin: true, wire: "8a 00"},
		{op: frame.Continuation, p: "b", fin: true, wire: "80 01 62"},
	}},
	{"F24 a message inside another is refused, and the first can go on", []call{
		{op: frame.Text, p: "a", wire: "01 01 61"},
		{op: frame.Text, p: "b", fin: true, rule: frame.RuleInterleaved},
		{op: frame.Binary, p: "b", rule: frame.RuleInterleaved},
		{op: frame.Continuation, p: "c", fin: true, wire: "80 01 63"},
	}},
	{"F24 a continuation of nothing is refused", []call{
		{op: frame.Continuation, p: "a", fin: true, rule: frame.RuleOrphan},
		{op: frame.Text, fin: true, wire: "81 00"},
		{op: frame.Continuation, rule: frame.RuleOrphan},
	}},
	{"F22 F31 control frames are short and whole", []call{
		{op: frame.Ping, fin: false, rule: frame.RuleControlFragmented},
		{op: frame.Pong, p: string(make([]byte, 126)), fin: true, rule: frame.RuleControlLength},
	}},
	{"F8 reserved opcodes", []call{
		{op: 3, fin: true, rule: frame.RuleOpcode},
		{op: 0xb, fin: true, rule: frame.RuleOpcode},
		{op: 16, fin: true, rule: frame.RuleOpcode},
	}},
	{"K5 F36 D1 nothing is sent after a close", []call{
		{op: frame.Close, p: "bye", wire: "88 05 03e8 627965"},
		{op: frame.Text, p: "a", fin: true, rule: frame.RuleAfterClose},
		{op: frame.Binary, rule: frame.RuleAfterClose},
		{op: frame.Continuation, fin: true, rule: frame.RuleAfterClose},
		{op: frame.Ping, fin: true, rule: frame.RuleAfterClose},
		{op: frame.Close, rule: frame.RuleAfterClose},
	}},
	{"a close inside a message gives it up", []call{
		{op: frame.Text, p: "a", wire: "01 01 61"},
		{op: frame.Close, wire: "88 02 03e8"},
	}},
	{"a refused close leaves the connection open", []call{
		{op: frame.Close, p: "\xff", rule: frame.RuleCloseReason},
		{op: frame.Text, p: "a", fin: true, wire: "81 01 61"},
	}},
}

// TestSend runs each dialogue on both sides: a client masks every frame
// (F1, F35, D5), a server none (F3).
func TestSend(t *testing.T) {
	for _, tt := range dialogues {
		t.Run(tt.name, func(t *testing.T) {
			sides(t, func(t *testing.T, role Role) {
				e := New(role, options(role, Options{}))
				for i, c := range tt.calls {
					before := e.SendState()
					var got []byte
					var err error
					if c.op == frame.Close {
						got, err = e.AppendClose([]byte("x"), frame.CloseNormal, c.p)
					} else {
						got, err = e.AppendFrame([]byte("x"), c.op, []byte(c.p), c.fin)
					}
					if c.rule != 0 {
						if err != c.rule || string(got) != "x" || e.SendState() != before {
							t.Fatalf("call %d, %v %q: appended % x, %v, and the state goes from %v to %v; want refused by %v",
								i, c.op, c.p, got[1:], err, before, e.SendState(), c.rule)
						}
						continue
					}
					if want := sentBy(role, unhex(c.wire)); err != nil || !bytes.Equal(got[1:], want) {
						t.Fatalf("call %d, %v %q: appended % x, %v; want % x", i, c.op, c.p, got[1:], err, want)
					}
				}
			})
		})
	}
}

// sentBy turns what a server sends into what an endpoint of the role sends.
func sentBy(role Role, wire []byte) []byte {
	return toward(Client+Server-role, wire)
}

// TestMaskKeys says that each frame has a key of its own, drawn when it is
// sent (F14, F15, F17, X12), and that a client that has none sends nothing.
func TestMaskKeys(t *testing.T) {
	n := byte(0)
	e := New(Client, Options{NewMaskKey: func() frame.MaskKey { n++; return frame.MaskKey{n, 0, 0, n} }})
	out, _ := e.AppendFrame(nil, frame.Text, []byte("ab"), true)
	out, _ = e.AppendFrame(out, frame.Ping, nil, true)
	out, _ = e.AppendClose(out, frame.CloseNoStatus, "")
	want := unhex("81 82 01000001 6062  89 80 02000002  88 80 03000003")
	if !bytes.Equal(out, want) {
		t.Errorf("three frames with keys 1, 2 and 3 are\n% x, want\n% x", out, want)
	}

	e = New(Client, Options{})
	if _, err := e.AppendFrame(nil, frame.Text, nil, true); err != frame.RuleUnmasked {
		t.Errorf("F1: a client without masking keys sends a frame: %v", err)
	}
	if _, err := e.AppendClose(nil, frame.CloseNormal, ""); err != frame.RuleUnmasked {
		t.Errorf("F35: a client without masking keys sends a close: %v", err)
	}
}

// TestBeginFrame says that a header by itself is the header AppendFrame
// makes, for lengths around its sizes (F10, X13), and what is refused.
func TestBeginFrame(t *testing.T) {
	sides(t, func(t *testing.T, role Role) {
		for _, n := range []int{0, 125, 126, 65535, 65536} {
			a, b := New(role, options(role, Options{})), New(role, options(role, Options{}))
			want, _ := a.AppendFrame(nil, frame.Binary, make([]byte, n), true)
			h, err := b.BeginFrame(frame.Binary, int64(n), true)
			payload := make([]byte, n)
			if h.Masked {
				frame.Mask(payload, h.Key, 0)
			}
			if got := append(h.Append(nil), payload...); err != nil || !bytes.Equal(got, want) {
				t.Errorf("the header for %d bytes is %+v, %v", n, h, err)
			}
		}
		e := New(role, options(role, Options{}))
		if _, err := e.BeginFrame(frame.Binary, -1, true); err != frame.RuleLengthRange {
			t.Errorf("F9: a negative length: %v", err)
		}
		if _, err := e.BeginFrame(frame.Close, 0, true); err != frame.RuleCloseCode {
			t.Errorf("K22: a close with a payload nobody has checked: %v", err)
		}
		if _, err := e.AppendFrame(nil, frame.Close, nil, true); err != frame.RuleCloseCode {
			t.Errorf("K22: a close with a payload nobody has checked: %v", err)
		}
		if _, err := e.BeginFrame(frame.Ping, 126, true); err != frame.RuleControlLength {
			t.Errorf("F31: a ping of 126 bytes: %v", err)
		}
		if e.SendState() != StateOpen {
			t.Errorf("refused frames leave the state at %v", e.SendState())
		}
	})
}

// TestBeginCompressed says that RSV1 stands on the first frame of a compressed
// message and nowhere else (P5, P6, D6).
func TestBeginCompressed(t *testing.T) {
	e := New(Server, Options{Compression: true})
	for i, tt := range []struct {
		op   frame.Opcode
		fin  bool
		rule frame.Rule
		rsv  frame.RSV
	}{
		{frame.Text, false, 0, frame.RSV1},
		{frame.Continuation, false, 0, 0},
		{frame.Ping, true, frame.RuleRSV, 0},
		{frame.Text, true, frame.RuleInterleaved, 0},
		{frame.Continuation, true, 0, 0},
		{frame.Binary, true, 0, frame.RSV1},
	} {
		h, err := e.BeginCompressed(tt.op, 1, tt.fin)
		if tt.rule != 0 && err != tt.rule || tt.rule == 0 && err != nil || h.RSV != tt.rsv {
			t.Errorf("frame %d: %+v, %v; want %v, rule %d", i, h, err, tt.rsv, tt.rule)
		}
	}
	if _, err := New(Server, Options{}).BeginCompressed(frame.Text, 1, true); err != frame.RuleRSV {
		t.Errorf("P8: compressed although it was not agreed: %v", err)
	}
}

// TestMandatoryExtension: only a client may close for the lack of an
// extension, as only it offers them (K24).
func TestMandatoryExtension(t *testing.T) {
	sides(t, func(t *testing.T, role Role) {
		_, err := New(role, options(role, Options{})).AppendClose(nil, frame.CloseMandatoryExtension, "permessage-deflate")
		if role == Client && err != nil || role == Server && err != frame.RuleCloseCode {
			t.Errorf("1010 from a %v: %v", role, err)
		}
	})
}
