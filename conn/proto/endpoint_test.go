package proto

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/octet-ws/octet/frame"
)

// TestNoAllocs says that reading, writing and answering allocate nothing in
// the steady state.
func TestNoAllocs(t *testing.T) {
	if raceEnabled {
		return // the race detector allocates
	}
	sides(t, func(t *testing.T, role Role) {
		text := toward(role, unhex("01 03 48656c  89 04 70696e67  80 02 6c6f  82 01 ff"))
		buf := make([]byte, len(text))
		out := make([]byte, 0, 1024)
		e := New(role, options(role, Options{Compression: true}))
		payload := make([]byte, 500)
		for name, f := range map[string]func(){
			"Next and AppendReplies": func() {
				copy(buf, text)
				for b := buf; len(b) > 0; {
					ev, n, err := e.Next(b)
					if err != nil {
						t.Fatal(err)
					}
					if ev.Owes() {
						e.Owe(ev)
					}
					b = b[n:]
				}
				out = e.AppendReplies(out[:0])
			},
			"NextWhole": func() {
				copy(buf, text)
				e.NextWhole(buf, len(buf))
			},
			"WholeMessageBuffered": func() { e.WholeMessageBuffered(buf) },
			"AppendFrame":          func() { out, _ = e.AppendFrame(out[:0], frame.Binary, payload, true) },
			"BeginFrame":           func() { e.BeginFrame(frame.Binary, 70000, true) },
			"BeginCompressed":      func() { e.BeginCompressed(frame.Text, 10, true) },
			"a refused frame":      func() { e.BeginFrame(frame.Continuation, 1, true) },
			"Inflated":             func() { e.Inflated(payload[:0], true) },
		} {
			if n := testing.AllocsPerRun(100, f); n != 0 {
				t.Errorf("%s allocates %v times", name, n)
			}
		}
		if n := testing.AllocsPerRun(100, func() { e.Reset(role, Options{}); e.AppendClose(out[:0], frame.CloseNormal, "bye") }); n != 0 {
			t.Errorf("AppendClose allocates %v times", n)
		}
	})
}

// TestHalves lets one goroutine receive while others send, with a lock for
// the senders and one for what is owed, none for the receiver: for the race
// detector.
func TestHalves(t *testing.T) {
	sides(t, func(t *testing.T, role Role) {
		const rounds = 200
		wire := toward(role, bytes.Repeat(unhex("01 01 61  89 01 62  80 01 63"), rounds))
		e := New(role, options(role, Options{}))
		var writing, owing sync.Mutex
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for range rounds {
					writing.Lock()
					out, err := e.AppendFrame(nil, frame.Text, []byte("hello"), true)
					owing.Lock()
					out = e.AppendReplies(out)
					owing.Unlock()
					if err != nil || e.SendState() != StateOpen || len(out) == 0 {
						t.Errorf("sending fails: %v, state %v", err, e.SendState())
					}
					writing.Unlock()
				}
			})
		}
		wg.Go(func() {
			for len(wire) > 0 {
				ev, n, err := e.Next(wire)
				if err != nil || n == 0 {
					t.Errorf("receiving fails: %+v, %v", ev, err)
					return
				}
				if ev.Owes() {
					owing.Lock()
					e.Owe(ev)
					owing.Unlock()
				}
				wire = wire[n:]
				e.Pending()
				e.ReceiveState()
			}
		})
		wg.Wait()
	})
}

// TestBothEnds has a client and a server talk to each other: whatever one
// sends, the other reads (D7, D8), and the closing handshake ends in the same
// state on both sides (F40, K6, K7).
func TestBothEnds(t *testing.T) {
	client, server := New(Client, options(Client, Options{})), New(Server, Options{})
	var wire []byte
	wire, _ = client.AppendFrame(wire, frame.Text, []byte("Hello, "), false)
	wire, _ = client.AppendFrame(wire, frame.Ping, []byte("?"), true)
	wire, _ = client.AppendFrame(wire, frame.Continuation, []byte("世界"), true)
	wire, _ = client.AppendClose(wire, 4001, "done")
	var said []byte
	for len(wire) > 0 {
		ev, n, err := server.Next(wire)
		if err != nil {
			t.Fatal(err)
		}
		server.Owe(ev)
		if ev.Kind == KindData {
			said = append(said, ev.Payload...)
		}
		wire = wire[n:]
	}
	if string(said) != "Hello, 世界" {
		t.Errorf("the server reads %q", said)
	}
	got := transcript(t, client, server.AppendReplies(nil), 3)
	if len(got) != 2 || got[0] != `pong "?"` || got[1] != `close 4001 ""` {
		t.Errorf("the client reads %q", got)
	}
	for _, e := range []*Endpoint{client, server} {
		if e.SendState() != StateClosed || e.ReceiveState() != StateClosed {
			t.Errorf("after the closing handshake the states are %v and %v", e.SendState(), e.ReceiveState())
		}
	}
}

// TestEveryRule says that the tables of this package break every rule there
// is, received or sent.
func TestEveryRule(t *testing.T) {
	broken := map[string]bool{ // by tests of their own
		frame.RuleUnmasked.String():   true,
		frame.RuleMasked.String():     true,
		frame.RuleCompressed.String(): true,
	}
	for _, tt := range conversations {
		for _, line := range tt.want {
			if _, rule, failed := strings.Cut(line, "fail 100"); failed {
				broken[rule[2:]] = true
			}
		}
	}
	for _, tt := range dialogues {
		for _, c := range tt.calls {
			broken[c.rule.String()] = true
		}
	}
	for r := frame.Rule(1); r.Section() != ""; r++ {
		if !broken[r.String()] {
			t.Errorf("no test breaks the rule %q", r)
		}
	}
}
