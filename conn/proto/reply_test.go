package proto

import (
	"bytes"
	"testing"

	"github.com/octet-ws/octet/frame"
)

// TestReplies feeds frames to an endpoint, hands over what it owes and looks
// at the answers. All frames are written unmasked.
func TestReplies(t *testing.T) {
	failing := func(r frame.Rule) string {
		p, _ := frame.AppendClose(nil, r.CloseCode(), r.String())
		h := frame.Header{Fin: true, Opcode: frame.Close, Length: int64(len(p))}
		return string(append(h.Append(nil), p...))
	}
	for _, tt := range []struct {
		name     string
		received string
		closed   bool // this endpoint has sent a Close before
		want     string
	}{
		{name: "F45 F46 F47 a ping is answered with its payload", received: "89 03 616263", want: string(unhex("8a 03 616263"))},
		{name: "F47 an empty ping", received: "89 00", want: string(unhex("8a 00"))},
		{name: "F48 only the latest ping is answered", received: "89 01 61  89 02 6262", want: string(unhex("8a 02 6262"))},
		{name: "F49 a pong is not answered", received: "8a 01 61", want: ""},
		{name: "data is not answered", received: "81 01 61", want: ""},
		{name: "F37 F38 a close is answered with its code", received: "88 05 0fa0 627965", want: string(unhex("88 02 0fa0"))},
		{name: "F37 a close without a code", received: "88 00", want: string(unhex("88 00"))},
		{name: "F45 a ping before the close is answered first", received: "89 01 61  88 00", want: string(unhex("8a 01 61  88 00"))},
		{name: "F37 F43 no second close", received: "88 02 03e8", closed: true, want: ""},
		{name: "F36 no pong after our close", received: "89 01 61", closed: true, want: ""},
		{name: "K11 a failure is told", received: "83 00", want: failing(frame.RuleOpcode)},
		{name: "K11 the code fits the failure", received: "81 01 ff", want: failing(frame.RuleUTF8)},
		{name: "K11 no close for a failure after our close", received: "83 00", closed: true, want: ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sides(t, func(t *testing.T, role Role) {
				e := New(role, options(role, Options{}))
				if tt.closed {
					e.AppendClose(nil, frame.CloseNormal, "")
				}
				wire := toward(role, unhex(tt.received))
				for len(wire) > 0 {
					ev, n, err := e.Next(wire)
					if ev.Owes() {
						e.Owe(ev)
					}
					clear(wire[:n]) // what is owed must not depend on the buffer
					wire = wire[n:]
					if err != nil {
						break
					}
				}
				got := e.AppendReplies([]byte("x"))
				if want := sentBy(role, []byte(tt.want)); !bytes.Equal(got[1:], want) {
					t.Errorf("the answer is % x, want % x", got[1:], want)
				}
				if again := e.AppendReplies(nil); len(again) != 0 {
					t.Errorf("the answer is given again: % x", again)
				}
			})
		})
	}
}

// TestK24Echo: a server does not send 1010, so it answers it as 1000.
func TestK24Echo(t *testing.T) {
	e := New(Server, Options{})
	ev, _, err := e.Next(toward(Server, unhex("88 02 03f2")))
	if err != nil || ev.Code != frame.CloseMandatoryExtension {
		t.Fatalf("a close with 1010 is read as %+v, %v", ev, err)
	}
	e.Owe(ev)
	if got, want := e.AppendReplies(nil), unhex("88 02 03e8"); !bytes.Equal(got, want) {
		t.Errorf("1010 is answered with % x, want % x", got, want)
	}
}

// TestReplyInsideMessage: what is owed may go out between two fragments, and
// the Close may wait until the message is sent (F21, F39).
func TestReplyInsideMessage(t *testing.T) {
	e := New(Server, Options{})
	out, _ := e.AppendFrame(nil, frame.Text, []byte("a"), false)
	e.Owe(Event{Status: Status{Kind: KindPing}, Payload: []byte("x")})
	out = e.AppendReplies(out)
	e.Owe(Event{Status: Status{Kind: KindClose, Code: frame.CloseNormal}})
	out, err := e.AppendFrame(out, frame.Continuation, []byte("b"), true)
	out = e.AppendReplies(out)
	if want := unhex("01 01 61  8a 01 78  80 01 62  88 02 03e8"); err != nil || !bytes.Equal(out, want) {
		t.Errorf("sent % x, %v; want % x", out, err, want)
	}
}

// TestOweFirst: the first reason to close stands, and an answer that was
// closed meanwhile is not owed any more.
func TestOweFirst(t *testing.T) {
	e := New(Server, Options{})
	e.Owe(Event{Status: Status{Kind: KindClose, Code: 4000}})
	e.Owe(Event{Status: Status{KindFailed, frame.RuleOpcode, 1002}})
	e.Owe(Event{Status: Status{Kind: KindPing}, Payload: []byte("late")}) // F45: not after a Close
	if got, want := e.AppendReplies(nil), unhex("88 02 0fa0"); !bytes.Equal(got, want) {
		t.Errorf("the answer is % x, want % x", got, want)
	}
}
