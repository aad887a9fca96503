package wslog_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/conn/wslog"
	"github.com/octet-ws/octet/frame"
)

// logger writes lines of level and above to the buffer, without their time.
func logger(level slog.Leveler) (*slog.Logger, *bytes.Buffer) {
	var out bytes.Buffer
	return slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})), &out
}

// wantLog compares what was written with the lines of want.
func wantLog(t *testing.T, sentence, want string, got *bytes.Buffer) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if d := cmp.Diff(strings.Join(lines, "\n"), strings.TrimSpace(got.String())); d != "" {
		t.Errorf("%s (-want +got):\n%s", sentence, d)
	}
}

// converse is a short life of a server's connection: a message each way, a Ping
// with its Pong, and the peer's Close in the middle of a message.
func converse(t *testing.T, trace *conn.Trace) {
	synctest.Test(t, func(t *testing.T) {
		near, far := Pipe()
		defer far.Close()
		c := conn.Server(near, &conn.Options{Trace: trace})
		defer c.Abort()
		peer := NewPeer(t, proto.Client, far)
		peer.Say(Text("the secret question"))
		if _, _, err := c.NextMessage(); err != nil {
			t.Fatal(err)
		}
		if err := c.WriteMessage(conn.Binary, []byte("the secret answer")); err != nil {
			t.Fatal(err)
		}
		pinged := make(chan error)
		go func() { pinged <- c.Ping(t.Context(), []byte("a secret too")) }()
		synctest.Wait()
		time.Sleep(20 * time.Millisecond)
		peer.Say(Pong("a secret too"), First(frame.Text, "never finished"), Close(1001, "good bye"))
		if _, _, err := c.NextMessage(); conn.CloseCode(err) != 1001 {
			t.Fatal(err)
		}
		<-pinged
	})
}

// Frames are told by the names of RFC 6455, and nothing of what is in them.
func TestTrace(t *testing.T) {
	for _, tt := range []struct {
		name  string
		level slog.Level
		want  string
	}{
		{"frames and states", slog.LevelDebug, `
			level=INFO msg="connection open"
			level=DEBUG msg="frame received" fin=true opcode=Text masked=true length=19
			level=DEBUG msg="frame sent" fin=true opcode=Binary masked=false length=17
			level=DEBUG msg="frame sent" fin=true opcode=Ping masked=false length=12
			level=DEBUG msg="frame received" fin=true opcode=Pong masked=true length=12
			level=DEBUG msg="round trip" took=20ms
			level=DEBUG msg="frame received" fin=false opcode=Text masked=true length=14
			level=DEBUG msg="frame received" fin=true opcode=Close masked=true length=10
			level=INFO msg="connection closing"
			level=INFO msg="connection closed" by=peer code=1001 reason="good bye"
			level=DEBUG msg="frame sent" fin=true opcode=Close masked=false length=2`},
		{"states alone", slog.LevelInfo, `
			level=INFO msg="connection open"
			level=INFO msg="connection closing"
			level=INFO msg="connection closed" by=peer code=1001 reason="good bye"`},
		{"nothing bad", slog.LevelWarn, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log, got := logger(tt.level)
			converse(t, wslog.Trace(log))
			if strings.Contains(got.String(), "secret") {
				t.Errorf("a payload is written:\n%s", got)
			}
			wantLog(t, tt.name, tt.want, got)
		})
	}
}

// What ends a connection is a failure or is not, and says who did it.
func TestTraceOfTheEnd(t *testing.T) {
	over := func(err error) func(*conn.Trace) { return func(t *conn.Trace) { t.Phase(conn.PhaseClosed, err) } }
	broken := &frame.Error{Rule: frame.RuleUTF8, Header: frame.Header{Opcode: frame.Text, Length: 3}, Offset: 7}
	for _, tt := range []struct {
		name string
		end  func(*conn.Trace)
		want string
	}{
		{"a Close", over(&conn.CloseError{Code: 1000}), `level=INFO msg="connection closed" by=peer code=1000`},
		{"a Close without a code", over(&conn.CloseError{Code: 1005}), `level=INFO msg="connection closed" by=peer code=1005`},
		{"a restart", over(&conn.CloseError{Code: 1012}), `level=INFO msg="connection closed" by=peer code=1012`},
		{"the application's code", over(&conn.CloseError{Code: 4000}), `level=INFO msg="connection closed" by=peer code=4000`},
		{"our Close, answered", over(&conn.CloseError{Code: 1011, Answer: true}), `level=INFO msg="connection closed" by="this side" code=1011`},
		{"an Abort", over(conn.ErrClosed), `level=INFO msg="connection closed" by="this side"`},
		{"a complaint", over(&conn.CloseError{Code: 1008, Reason: "not you\n"}), `level=WARN msg="connection closed" by=peer code=1008 reason="not you\n"`},
		{"a loss", over(&conn.Error{Kind: conn.LostInFrame, Err: io.ErrUnexpectedEOF}),
			`level=WARN msg="connection closed" error="websocket: connection lost inside a frame: unexpected EOF"`},
		{"no Pong", over(&conn.Error{Kind: conn.NoPong}), `level=WARN msg="connection closed" error="websocket: no answer to a ping"`},
		{"a broken rule", over(&conn.Error{Kind: conn.Failed, Err: broken}),
			`level=WARN msg="connection closed" error="` + broken.Error() + `" rule="` + frame.RuleUTF8.String() + `" section="` + frame.RuleUTF8.Section() + `" code=1007`},
	} {
		log, got := logger(slog.LevelInfo)
		tt.end(wslog.Trace(log))
		wantLog(t, tt.name, tt.want, got)
	}
}

// The transport's reads and writes are below Debug.
func TestTraceOfTheStream(t *testing.T) {
	log, got := logger(wslog.LevelStream)
	trace := wslog.Trace(log)
	trace.Read(12, nil)
	trace.Written(3, errors.New("broken pipe"))
	trace.FrameReceived(frame.Header{RSV: frame.RSV1 | frame.RSV3, Opcode: 3, Masked: true, Key: frame.MaskKey{1, 2, 3, 4}})
	wantLog(t, "bytes, errors, and a header with all that may be in it", `
		level=DEBUG-4 msg=read bytes=12
		level=DEBUG-4 msg=written bytes=3 error="broken pipe"
		level=DEBUG msg="frame received" fin=false opcode="opcode 0x3" masked=true length=0 rsv=RSV1+RSV3`, got)
}

// What is not wanted is not hooked, and what is not wanted later makes no
// garbage.
func TestTraceCostsNothingBelowItsLevel(t *testing.T) {
	log, _ := logger(slog.LevelInfo)
	if c := wslog.Trace(log); c.FrameReceived != nil || c.FrameSent != nil || c.RoundTrip != nil || c.Read != nil || c.Written != nil {
		t.Errorf("hooks below the level of the Logger are set: %+v", c)
	}
	level := new(slog.LevelVar)
	level.Set(wslog.LevelStream)
	log, got := logger(level)
	trace := wslog.Trace(log)
	level.Set(slog.LevelError)
	h := frame.Header{Fin: true, Opcode: frame.Text, Length: 5}
	if n := testing.AllocsPerRun(100, func() {
		trace.FrameReceived(h)
		trace.FrameSent(h)
		trace.Read(1, nil)
		trace.Written(1, io.ErrShortWrite)
		trace.RoundTrip(time.Second)
		trace.Phase(conn.PhaseClosed, io.EOF)
	}); n != 0 || got.Len() > 0 {
		t.Errorf("records that nobody wants allocate %v times and write %q", n, got)
	}
}
