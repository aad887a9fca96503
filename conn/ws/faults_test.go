package ws_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
)

// memory is an end of a pipe as a net.Conn.
type memory struct{ *conntest.End }

func (memory) LocalAddr() net.Addr  { return &net.UnixAddr{Name: "memory", Net: "unix"} }
func (memory) RemoteAddr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

// said is what the client says in a conversation with faults, and hears again.
var said = []string{"one", "two", "three"}

// A side is what one end of a conversation has seen of it.
type side struct {
	got  []string // messages
	open bool     // the handshake was over
	err  error    // what ended the rest, nil if all went well
	took time.Duration
}

// talkOver is a conversation from the first byte of the opening handshake to
// the last of the closing one, each side with a deadline of half a minute.
func talkOver(near, far *conntest.End) (client, server side) {
	start := time.Now()
	served := make(chan struct{})
	go func() {
		defer close(served)
		defer func() { server.took = time.Since(start) }()
		var c *conn.Conn
		if c, _, server.err = ws.Accept(context.Background(), memory{far}, nil); server.err != nil {
			return
		}
		server.open = true
		defer c.Close()
		c.SetDeadline(time.Now().Add(30 * time.Second))
		for {
			typ, p, err := c.ReadMessage()
			if err == nil {
				server.got = append(server.got, string(p))
				err = c.WriteMessage(typ, p)
			}
			if err != nil {
				server.err = err
				return
			}
		}
	}()
	client = dialOver(near)
	client.took = time.Since(start)
	<-served
	return client, server
}

func dialOver(near *conntest.End) (s side) {
	var c *conn.Conn
	c, _, s.err = ws.Dial(context.Background(), "ws://a.test/", &ws.DialOptions{
		NetDial: func(context.Context, string, string) (net.Conn, error) { return memory{near}, nil },
	})
	if s.err != nil {
		return s
	}
	s.open = true
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	for _, message := range said {
		if s.err = c.WriteMessage(conn.Text, []byte(message)); s.err != nil {
			return s
		}
		var p []byte
		if _, p, s.err = c.ReadMessage(); s.err != nil {
			return s
		}
		s.got = append(s.got, string(p))
	}
	s.err = c.Close()
	return s
}

// A conversation whose transport fails at any byte, in either role and
// direction, ends for both sides in an error of the right type and in time,
// with both transports closed and no goroutine left; what was delivered until
// then is a beginning of what was said, message by message.
func TestFaultAtEveryByte(t *testing.T) {
	type inject func(*conntest.End, conntest.Fault)
	broken := errors.New("broken")
	for _, role := range []string{"client", "server"} {
		for how, fail := range map[string]inject{"reads": (*conntest.End).FailReads, "writes": (*conntest.End).FailWrites} {
			for _, kind := range []conntest.FaultKind{conntest.Cut, conntest.Stall, conntest.Fail, conntest.Short} {
				if kind == conntest.Short && how == "reads" {
					continue // a short read is no fault
				}
				t.Run(role+" "+how+" "+kind.String(), func(t *testing.T) {
					for n, whole := 0, false; !whole && !t.Failed(); n++ {
						synctest.Test(t, func(t *testing.T) {
							near, far := conntest.Pipe()
							at := map[string]*conntest.End{"client": near, "server": far}[role]
							fault := conntest.Fault{After: n, Kind: kind, Err: broken}
							fail(at, fault)
							client, server := talkOver(near, far)
							whole = client.err == nil && conn.CloseCode(server.err) == 1000
							if !near.Closed() || !far.Closed() {
								t.Errorf("the transports are closed: client's %t, server's %t", near.Closed(), far.Closed())
							}
							client.check(t, "client", whole)
							server.check(t, "server", whole)
							faulty := map[string]side{"client": client, "server": server}[role]
							if how == "reads" && !faulty.open {
								faulty.checkHandshake(t, role, fault)
							}
							if t.Failed() {
								t.Logf("with the fault at byte %d", n)
							}
						})
					}
				})
			}
		}
	}
}

// check looks at what one side has seen.
func (s *side) check(t *testing.T, who string, whole bool) {
	t.Helper()
	if len(s.got) > len(said) || !slices.Equal(s.got, said[:len(s.got)]) || whole && len(s.got) < len(said) {
		t.Errorf("the %s was delivered %q", who, s.got)
	}
	if s.took > 15*time.Second+30*time.Second+5*time.Second {
		t.Errorf("the %s took %v", who, s.took)
	}
	var opening *ws.Error
	var rule *handshake.Error
	var lost *conn.Error
	var closed *conn.CloseError
	switch err := s.err; {
	case whole && who == "client":
	case !s.open && who == "client":
		if !errors.As(err, &opening) || opening.Phase < handshake.PhaseWrite || !errors.As(err, new(*handshake.RefusedError)) {
			t.Errorf("Dial fails with %v, want a refused handshake", err)
		}
	case !s.open:
		if !errors.As(err, &rule) {
			t.Errorf("Accept fails with %v, want a *handshake.Error", err)
		}
	case !errors.As(err, &lost) && !errors.As(err, &closed):
		t.Errorf("the %s ends with %v, want a *conn.Error or a *conn.CloseError", who, err)
	}
}

// checkHandshake wants the requirement that the fault has broken, at once or
// when the time for the handshake was over.
func (s *side) checkHandshake(t *testing.T, role string, f conntest.Fault) {
	t.Helper()
	want, after := handshake.CutShort, time.Duration(0)
	switch {
	case f.Kind == conntest.Stall && role == "client":
		want, after = handshake.Silent, 15*time.Second
	case f.Kind == conntest.Stall:
		want, after = handshake.Silent, 10*time.Second
	case f.Kind == conntest.Fail:
		want = handshake.Transport
	case f.After == 0:
		want = handshake.NoAnswer
	}
	if !errors.Is(s.err, want) || s.took != after || f.Kind == conntest.Fail && !errors.Is(s.err, f.Err) {
		t.Errorf("want %v after %v, got %v after %v", want, after, s.err, s.took)
	}
}
