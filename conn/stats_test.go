package conn_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/frame"
)

func TestStats(t *testing.T) {
	side(t, 1, conn.Options{}, func(k *talk) {
		k.peer.Say(Text("12345"), Ping("p"), First(frame.Text, "a"), Last("b"))
		k.wantMessage("", conn.Text, "12345")
		k.wantMessage("", conn.Text, "ab")
		k.conn.WriteMessage(conn.Binary, make([]byte, 200))
		read := later(func() error { _, _, err := k.conn.NextMessage(); return err })
		k.peer.Want("", Pong("p"), Binary(string(make([]byte, 200))))
		synctest.Wait()
		want := conn.Stats{
			BytesIn: 11 + 7 + 7 + 7, FramesIn: 4, MessagesIn: 2,
			BytesOut: 3 + 204, FramesOut: 2, MessagesOut: 1,
		}
		if diff := cmp.Diff(want, k.conn.Stats()); diff != "" {
			k.Errorf("what has gone over the connection (-want +got):\n%s", diff)
		}
		k.conn.Abort()
		read()
	})
}

func TestTrace(t *testing.T) {
	var log []string
	note := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	trace := &conn.Trace{
		FrameReceived: func(h frame.Header) { note("received %v %d", h.Opcode, h.Length) },
		FrameSent:     func(h frame.Header) { note("sent %v %d", h.Opcode, h.Length) },
		Read:          func(n int, err error) { note("read %d %v", n, err) },
		Written:       func(n int, err error) { note("written %d %v", n, err) },
		Phase:         func(p conn.Phase, err error) { note("%v %v", p, err) },
	}
	side(t, 1, conn.Options{Trace: trace}, func(k *talk) {
		k.near.Chunk(10)
		k.peer.Say(Text("hi"), Ping("a ping that comes in two pieces"))
		k.wantMessage("", conn.Text, "hi")
		k.conn.WriteMessage(conn.Text, []byte("hello"))
		k.peer.Say(Close(1000, ""))
		k.wantError("", nil)
		want := `
			open <nil>,
			read 10 <nil>, received Text 2,
			sent Text 5, written 7 <nil>,
			read 10 <nil>, received Ping 31, read 10 <nil>, read 10 <nil>, read 10 <nil>,
			sent Pong 31, written 33 <nil>,
			read 3 <nil>, received Close 2, closing <nil>,
			closed websocket: closed by the peer: 1000 normal closure,
			sent Close 2, written 4 <nil>`
		got := strings.Join(log, ", ")
		if diff := cmp.Diff(strings.Join(strings.Fields(want), " "), got); diff != "" {
			k.Errorf("what the hooks are told (-want +got):\n%s", diff)
		}
	})
	side(t, 0, conn.Options{Trace: new(conn.Trace)}, func(k *talk) {
		k.peer.Say(Text("hi"))
		k.wantMessage("hooks that are not set are not called", conn.Text, "hi")
		later(func() error { return k.conn.Ping(context.Background(), nil) })
		k.conn.Abort()
	})
}
