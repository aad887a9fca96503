package ws_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
)

// A server in memory whose connections go by a list of parts: one part for
// each, played when the head has been read.
type parts struct {
	t     *testing.T
	list  []func(c net.Conn, head string)
	start time.Time
	at    []time.Duration // when connections were made, since start
}

func (p *parts) dial(ctx context.Context, network, address string) (net.Conn, error) {
	n := len(p.at)
	p.at = append(p.at, time.Since(p.start))
	if n >= len(p.list) {
		p.t.Errorf("connection %d was not expected", n)
		return nil, errors.New("no such part")
	}
	if p.list[n] == nil {
		return nil, &net.OpError{Op: "dial", Err: errors.New("no route to host")}
	}
	a, b := net.Pipe()
	go func() {
		defer b.Close()
		p.list[n](b, readHead(b))
	}()
	return a, nil
}

func answer(text string) func(net.Conn, string) {
	return func(c net.Conn, _ string) { io.WriteString(c, text) }
}

// accept opens, lives for a while, and ends with a Close of that code; 0 is an
// end without one.
func accept(lives time.Duration, code frame.CloseCode) func(net.Conn, string) {
	return func(c net.Conn, head string) {
		io.WriteString(c, accepting(head, ""))
		go io.Copy(io.Discard, c)
		time.Sleep(lives)
		if code != 0 {
			b, err := frame.AppendClose([]byte{0x88, 2}, code, "")
			if err != nil {
				panic("BUG: " + err.Error())
			}
			c.Write(b)
		}
	}
}

// reading is a Serve that reads until the connection ends.
func reading(_ context.Context, c *conn.Conn, _ *handshake.Response) error {
	for {
		if _, _, err := c.NextMessage(); err != nil {
			return err
		}
	}
}

var never = &conn.Options{Keepalive: conn.Keepalive{Interval: -1}}

// TestSession plays whole lives of a session. The time at which each
// connection is made is exact: the delays are 1, 2, 4 … seconds, to the tick.
func TestSession(t *testing.T) {
	const refusal = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
	for _, tt := range []struct {
		name    string
		backoff ws.Backoff
		parts   []func(net.Conn, string)
		at      []time.Duration // seconds
		err     func(error) bool
		advice  int // after this failure, 0 for never
	}{
		{"a server that cannot be reached comes back", ws.Backoff{},
			[]func(net.Conn, string){nil, nil, accept(time.Second, frame.CloseNormal)},
			[]time.Duration{0, 1, 3}, closedWith(frame.CloseNormal), 0},
		{"delays grow while connections do not live", ws.Backoff{},
			[]func(net.Conn, string){accept(0, 0), accept(0, 0), accept(0, 0), accept(0, frame.ClosePolicyViolation)},
			[]time.Duration{0, 1, 3, 7}, closedWith(frame.ClosePolicyViolation), 0},
		{"a connection that has lived is a new beginning", ws.Backoff{Lived: 30 * time.Second},
			[]func(net.Conn, string){nil, nil, accept(100*time.Second, 0), accept(0, frame.CloseNormal)},
			[]time.Duration{0, 1, 3, 104}, closedWith(frame.CloseNormal), 0},
		{"the server's own wish counts", ws.Backoff{},
			[]func(net.Conn, string){answer("HTTP/1.1 503 Busy\r\nRetry-After: 20\r\n\r\n"), accept(0, frame.CloseNormal)},
			[]time.Duration{0, 20}, closedWith(frame.CloseNormal), 0},
		{"the server's wish is never shorter than the delay", ws.Backoff{Min: 30 * time.Second},
			[]func(net.Conn, string){answer("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 20\r\n\r\n"), accept(0, frame.CloseNormal)},
			[]time.Duration{0, 30}, closedWith(frame.CloseNormal), 0},
		{"a table, and its cap", ws.Backoff{Table: []time.Duration{3 * time.Second, 50 * time.Second, time.Hour}, Max: 90 * time.Second},
			[]func(net.Conn, string){nil, nil, nil, accept(0, frame.CloseNormal)},
			[]time.Duration{0, 3, 53, 143}, closedWith(frame.CloseNormal), 0},
		{"a refusal that will not change ends it", ws.Backoff{},
			[]func(net.Conn, string){nil, answer("HTTP/1.1 403 Forbidden\r\n\r\n")},
			[]time.Duration{0, 1}, func(err error) bool { return errors.Is(err, handshake.NotSwitching) }, 0},
		{"the same refusal again and again is flagged", ws.Backoff{MaxFailures: 5},
			[]func(net.Conn, string){nil, answer(refusal), answer(refusal), answer(refusal), answer(refusal)},
			[]time.Duration{0, 1, 3, 7, 15}, func(err error) bool {
				return strings.HasPrefix(err.Error(), "ws: gave up after 5 failures: ws: ws://a.test/: answer: the server did not switch protocols") &&
					errors.Is(err, handshake.NotSwitching)
			}, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &parts{t: t, list: tt.parts, start: time.Now()}
				tt.backoff.First, tt.backoff.Jitter = -1, -1
				advised := 0
				s := &ws.Session{
					URL:     "ws://user:secret@a.test/",
					Options: &ws.DialOptions{NetDial: server.dial, Conn: never},
					Backoff: tt.backoff,
					Serve:   reading,
					Waiting: func(w ws.Wait) {
						if advice := w.Advice(); advice != "" && advised == 0 {
							advised = w.Failures
							if !strings.HasSuffix(advice, "run `octet why ws://a.test/`") {
								t.Errorf("the advice is %q", advice)
							}
						}
					},
				}
				err := s.Run(t.Context())
				if err == nil || !tt.err(err) {
					t.Errorf("Run = %v", err)
				}
				for i := range tt.at {
					tt.at[i] *= time.Second
				}
				if d := cmp.Diff(tt.at, server.at); d != "" {
					t.Errorf("connections were made at (-want +got)\n%s", d)
				}
				if advised != tt.advice {
					t.Errorf("advised after failure %d, want %d", advised, tt.advice)
				}
			})
		})
	}
}

func closedWith(code frame.CloseCode) func(error) bool {
	return func(err error) bool { return conn.CloseCode(err) == code }
}

// The first retry comes at a random moment within five seconds.
func TestSessionFirstDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &parts{t: t, list: []func(net.Conn, string){nil, accept(0, frame.CloseNormal)}, start: time.Now()}
		s := &ws.Session{
			URL:     "ws://a.test/",
			Options: &ws.DialOptions{NetDial: server.dial, Conn: never},
			Backoff: ws.Backoff{Rand: func() float64 { return 0.5 }},
			Serve:   reading,
		}
		s.Run(t.Context())
		if want := 2500 * time.Millisecond; len(server.at) != 2 || server.at[1] != want {
			t.Errorf("connections at %v, want the second at %v", server.at, want)
		}
	})
}

// Serve has the last word: nil is the end, an error is judged by Retry.
func TestSessionServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := errors.New("subscribe again")
		server := &parts{t: t, list: []func(net.Conn, string){accept(time.Hour, 0), accept(time.Hour, 0)}, start: time.Now()}
		calls := 0
		s := &ws.Session{
			URL:     "ws://a.test/",
			Options: &ws.DialOptions{NetDial: server.dial, Conn: never},
			Retry:   func(err error) bool { return err == again },
			Serve: func(_ context.Context, c *conn.Conn, r *handshake.Response) error {
				if r.Status != 101 {
					t.Errorf("the answer has status %d", r.Status)
				}
				if calls++; calls == 1 {
					return again
				}
				return nil
			},
		}
		if err := s.Run(t.Context()); err != nil || calls != 2 {
			t.Errorf("Run = %v after %d calls", err, calls)
		}
		time.Sleep(2 * time.Hour) // for the parts to end
	})
}

// The end of the context closes the connection and ends the wait.
func TestSessionEndsWithItsContext(t *testing.T) {
	for _, tt := range []struct {
		name string
		part func(net.Conn, string)
		ends time.Duration
	}{
		{"while connected, after the closing handshake", accept(time.Hour, 0), 1500 * time.Millisecond},
		{"while waiting", nil, 500 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &parts{t: t, list: []func(net.Conn, string){tt.part}, start: time.Now()}
				ctx, cancel := context.WithCancelCause(t.Context())
				enough := errors.New("enough")
				time.AfterFunc(500*time.Millisecond, func() { cancel(enough) })
				s := &ws.Session{
					URL:     "ws://a.test/",
					Options: &ws.DialOptions{NetDial: server.dial, Conn: &conn.Options{Keepalive: never.Keepalive, CloseTimeout: time.Second}},
					Backoff: ws.Backoff{First: -1},
					Serve:   reading,
				}
				if err := s.Run(ctx); err != enough {
					t.Errorf("Run = %v, want the context's cause", err)
				}
				if took := time.Since(server.start); took != tt.ends {
					t.Errorf("it ends after %v, want %v", took, tt.ends)
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}
