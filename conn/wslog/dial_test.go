package wslog_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"regexp"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/conn/wslog"
	"github.com/octet-ws/octet/handshake"
)

func TestPhase(t *testing.T) {
	log, got := logger(slog.LevelDebug)
	phase := wslog.Phase(log)
	phase(handshake.PhaseResolve, time.Millisecond, nil)
	phase(handshake.PhaseConnect, 15*time.Second, errors.New("no answer in time"))
	wslog.Redirected(log)(handshake.URL{Secure: true, Host: "b.test", Target: "/x", Userinfo: "user:secret"})
	wantLog(t, "phases, and where a redirect leads", `
		level=DEBUG msg="dial phase" phase=resolve took=1ms
		level=WARN msg="dial phase" phase=connect took=15s error="no answer in time"
		level=INFO msg=redirected to=wss://b.test/x`, got)

	log, got = logger(slog.LevelWarn)
	phase, redirected := wslog.Phase(log), wslog.Redirected(log)
	to := handshake.URL{Host: "b.test", Target: "/"}
	if n := testing.AllocsPerRun(100, func() {
		phase(handshake.PhaseTLS, time.Second, nil)
		redirected(to)
	}); n != 0 || got.Len() > 0 {
		t.Errorf("records that nobody wants allocate %v times and write %q", n, got)
	}
}

var took = regexp.MustCompile(`took=\S+`)

// A dial and the connection it makes, and a dial that fails, as a program has
// them logged; the server's Trace knows who the peer is.
func TestDialAndAccept(t *testing.T) {
	theirs, heard := logger(slog.LevelInfo)
	l, err := ws.Listen("tcp", "127.0.0.1:0", &ws.ListenOptions{Accept: ws.AcceptOptions{
		Trace: func(_ net.Conn, r *handshake.Request) *conn.Trace {
			return wslog.Trace(theirs.With("target", r.Target))
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	go l.Serve(func(c *conn.Conn, _ *handshake.Request) { c.NextMessage() })

	log, got := logger(slog.LevelDebug)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	opts := &ws.DialOptions{
		Address: l.Addr().String(),
		Conn:    &conn.Options{Trace: wslog.Trace(log)},
		Trace:   &ws.DialTrace{Phase: wslog.Phase(log), Redirected: wslog.Redirected(log)},
	}
	c, _, err := ws.Dial(ctx, "ws://a.test/feed", opts)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	l.Shutdown(ctx)
	opts.Subprotocols, opts.Address = []string{"no such"}, l.Addr().String()
	if _, _, err := ws.Dial(ctx, "ws://a.test/feed", opts); err == nil {
		t.Error("a head that cannot be sent was sent")
	}
	opts.Subprotocols = nil
	if _, _, err := ws.Dial(ctx, "ws://a.test/feed", opts); err == nil {
		t.Error("the listener is closed, and yet it accepts")
	}
	text := took.ReplaceAll(got.Bytes(), []byte("took=…"))
	got.Reset()
	got.Write(text)
	wantLog(t, "the client", `
		level=DEBUG msg="dial phase" phase=resolve took=…
		level=DEBUG msg="dial phase" phase=connect took=…
		level=DEBUG msg="dial phase" phase=check took=…
		level=INFO msg="connection open"
		level=DEBUG msg="frame sent" fin=true opcode=Close masked=true length=2
		level=INFO msg="connection closing"
		level=DEBUG msg="frame received" fin=true opcode=Close masked=false length=2
		level=INFO msg="connection closed" by="this side" code=1000
		level=DEBUG msg="dial phase" phase=resolve took=…
		level=WARN msg="dial phase" phase=connect took=… error="dial tcp `+opts.Address+`: connect: connection refused"`, got)
	wantLog(t, "the server", `
		level=INFO msg="connection open" target=/feed
		level=INFO msg="connection closing" target=/feed
		level=INFO msg="connection closed" target=/feed by=peer code=1000`, heard)
}
