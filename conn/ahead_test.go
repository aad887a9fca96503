package conn_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/frame"
)

// burst is many messages that arrive together: more than are decoded at once,
// with some among them that end a batch.
func burst() (frames []Frame, messages []message) {
	say := func(f Frame) {
		frames = append(frames, f)
		messages = append(messages, message{conn.MessageType(f.Op), f.Payload})
	}
	for i := range 100 {
		say(Text(fmt.Sprint("grün ", i)))
		switch {
		case i == 10 || i == 11 || i == 70:
			frames = append(frames, Ping("between"))
		case i == 20:
			say(Binary(strings.Repeat("large", 500)))
		case i == 30:
			frames = append(frames, First(frame.Text, "in "), Last("two"))
			messages = append(messages, message{conn.Text, "in two"})
		case i > 40 && i%5 == 0:
			say(Binary(""))
		}
	}
	return frames, messages
}

// However a burst is read, its messages come whole and in order.
func TestBurst(t *testing.T) {
	frames, messages := burst()
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			sides(t, conn.Options{}, func(k *talk) {
				k.peer.Say(frames...)
				for i, want := range messages {
					if got, err := read(k.conn, noRetry); err != nil || got != want {
						k.Fatalf("message %d of the burst: want %v %.20q, got %v %.20q, %v", i, want.typ, want.p, got.typ, got.p, err)
					}
				}
				k.conn.SetReadDeadline(time.Now().Add(time.Second))
				k.wantError("there is no more", os.ErrDeadlineExceeded)
				if s := k.conn.Stats(); s.MessagesIn != int64(len(messages)) || s.FramesIn != int64(len(frames)) {
					k.Errorf("%d messages in %d frames are counted as %d in %d", len(messages), len(frames), s.MessagesIn, s.FramesIn)
				}
			})
		})
	}
}

// The methods may take turns within a burst.
func TestBurstReadInTurns(t *testing.T) {
	frames, messages := burst()
	sides(t, conn.Options{}, func(k *talk) {
		k.peer.Say(frames...)
		for i, want := range messages {
			name := []string{"NextMessage", "AppendMessage", "NextMessage", "NextReader", "ReadMessage"}[i%5]
			if got, err := readers[name](k.conn, noRetry); err != nil || got != want {
				k.Fatalf("message %d of the burst, by %s: want %.20q, got %.20q, %v", i, name, want.p, got.p, err)
			}
		}
	})
}

// What follows messages that arrived together counts when the reader has come
// to it, and not before.
func TestBurstEndsInOrder(t *testing.T) {
	for _, tt := range []struct {
		name string
		last Frame
		want frame.Rule // 0 for the peer's Close
		says Frame
	}{
		{"a Close", Close(1001, "bye"), 0, Close(1001, "")},
		{"text that is none", Text("\xff"), frame.RuleUTF8, Close(1007, frame.RuleUTF8.String())},
		{"a continuation of nothing", Last("x"), frame.RuleOrphan, Close(1002, frame.RuleOrphan.String())},
		{"a reserved opcode", Frame{Op: 3}, frame.RuleOpcode, Close(1002, frame.RuleOpcode.String())},
		{"a message beyond the limit", Text(strings.Repeat("x", 101)), frame.RuleMessageSize, Close(1009, frame.RuleMessageSize.String())},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sides(t, conn.Options{MaxMessage: 100}, func(k *talk) {
				k.peer.Say(Text("1"), Text("2"), Text("3"), tt.last, Text("after"))
				for _, s := range []string{"1", "2", "3"} {
					k.wantMessage("what came before is delivered", conn.Text, s)
					if err := k.conn.WriteMessage(conn.Text, []byte("answer to "+s)); err != nil {
						k.Fatalf("and can be answered: %v", err)
					}
					k.peer.Want("which the peer gets", Text("answer to "+s))
				}
				var end *conn.CloseError
				if tt.want != 0 {
					k.wantError("then the connection fails", tt.want)
				} else if err := k.wantError("then the peer's Close is told", nil); !errors.As(err, &end) {
					k.Fatalf("then the peer's Close is told, got %v", err)
				}
				k.peer.Want("and is answered", tt.says)
			})
		})
	}
}

// Who closes from elsewhere takes over between two messages of a batch, and
// what the reader holds stays as it is.
func TestCloseWithinBurst(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.peer.Say(Text("first"), Text("second"), Text("third"))
		_, first, _ := k.conn.NextMessage()
		_, second, _ := k.conn.NextMessage()
		closed := later(func() error { return k.conn.CloseWith(context.Background(), 1000, "") })
		k.peer.Want("the Close leaves", Close(1000, ""))
		k.peer.Say(Text("still on its way"), Close(1000, ""))
		k.peer.Close()
		if err := closed(); err != nil {
			k.Errorf("closing succeeds: %v", err)
		}
		if string(first) != "first" || string(second) != "second" {
			k.Errorf("the messages have become %q and %q", first, second)
		}
		var end *conn.CloseError
		if _, _, err := k.conn.NextMessage(); !errors.As(err, &end) {
			k.Errorf("the reader learns of the end, got %v", err)
		}
	})
}

// Hooks hear of a frame when the reader has come to it.
func TestBurstIsTracedInOrder(t *testing.T) {
	var heard []int64
	trace := &conn.Trace{FrameReceived: func(h frame.Header) { heard = append(heard, h.Length) }}
	sides(t, conn.Options{Trace: trace}, func(k *talk) {
		heard = nil
		k.peer.Say(Text("1"), Text("22"), Text("333"))
		for i, s := range []string{"1", "22", "333"} {
			k.wantMessage("a message", conn.Text, s)
			if len(heard) != i+1 || heard[i] != int64(i+1) {
				k.Errorf("after message %d the hook has heard of frames of %v bytes", i+1, heard)
			}
		}
	})
}

// A burst that is answered leaves in one write, also when it is more than a
// batch.
func TestBurstIsAnsweredInOneWrite(t *testing.T) {
	batch(t, conn.Options{}, func(c *conn.Conn, peer *Peer, w *writes) {
		var frames []Frame
		for i := range 100 {
			frames = append(frames, Text(fmt.Sprint(i)))
		}
		peer.Say(frames...)
		for range frames {
			typ, p, err := c.NextMessage()
			if err == nil {
				err = c.WriteMessage(typ, p)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		peer.Want("all answers leave", frames...)
		if w.n != 1 {
			t.Errorf("in %d writes", w.n)
		}
		if s := c.Stats(); s.MessagesOut != 100 || s.FramesOut != 100 {
			t.Errorf("counted as %d messages in %d frames", s.MessagesOut, s.FramesOut)
		}
	})
}
