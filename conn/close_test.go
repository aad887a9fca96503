package conn_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// wantEnd checks how the transport is closed after both Close frames: by the
// server at once, by a client when the server has (F41, F42, K3).
func (k *talk) wantEnd() {
	k.Helper()
	if k.role == proto.Client {
		k.peer.WantSilence("a client lets the server close first", time.Second)
		k.peer.Close()
		return
	}
	k.peer.WantEnd("a server closes at once")
	k.peer.Close()
}

func TestCloseWithoutReader(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		closed := later(k.conn.Close)
		k.peer.Want("Close sends 1000", Close(1000, ""))
		k.peer.Say(Text("passed over"), Ping("not answered after our Close"), Close(1000, "bye"))
		k.wantEnd()
		if err := closed(); err != nil {
			k.Fatalf("a closing handshake that succeeds is no error: %v", err)
		}
		err := k.wantError("reads after it say that this side closed", conn.ErrClosed)
		var ce *conn.CloseError
		if !errors.As(err, &ce) || ce.Code != 1000 || ce.Reason != "bye" || !ce.Answer {
			k.Fatalf("and what the peer answered: %#v", err)
		}
		if err := k.conn.WriteMessage(conn.Text, nil); !errors.Is(err, conn.ErrClosed) {
			k.Fatalf("so do writes: %v", err)
		}
		if err := k.conn.Close(); err != nil {
			k.Fatalf("closing again changes nothing: %v", err)
		}
	})
}

func TestCloseWithReader(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		read := later(func() error {
			for {
				if _, p, err := k.conn.NextMessage(); err != nil || string(p) != "still delivered" {
					return err
				}
			}
		})
		synctest.Wait()
		closed := later(func() error { return k.conn.CloseWith(context.Background(), 1001, "gone") })
		k.peer.Want("code and reason are sent", Close(1001, "gone"))
		k.peer.Say(Text("still delivered"), Close(1001, ""))
		k.wantEnd()
		if err := read(); !errors.Is(err, conn.ErrClosed) || conn.CloseCode(err) != 1001 {
			k.Fatalf("the reader gets the peer's Close: %v", err)
		}
		if err := closed(); err != nil {
			k.Fatal(err)
		}
	})
}

func TestCloseByPeer(t *testing.T) {
	for _, tt := range []struct {
		close, answer Frame
		code          frame.CloseCode
		reason        string
	}{
		{Close(1000, ""), Close(1000, ""), 1000, ""},
		{Close(1001, "going"), Close(1001, ""), 1001, "going"},
		{Close(0, ""), Close(0, ""), frame.CloseNoStatus, ""},
		{Close(4321, strings.Repeat("é", 61)), Close(4321, ""), 4321, strings.Repeat("é", 61)},
	} {
		sides(t, conn.Options{}, func(k *talk) {
			k.peer.Say(First(frame.Text, "never finished"), tt.close)
			err := k.wantError("the peer's Close ends reading", nil)
			ce, ok := err.(*conn.CloseError)
			if !ok || ce.Code != tt.code || ce.Reason != tt.reason || ce.Answer || errors.Is(err, conn.ErrClosed) {
				k.Fatalf("want code %d and reason %q, got %#v", tt.code, tt.reason, err)
			}
			k.peer.Want("it is answered with its code", tt.answer)
			if werr := k.conn.WriteMessage(conn.Text, nil); werr != err {
				k.Fatalf("writes return the same error: %v", werr)
			}
			if k.near.Closed() {
				k.Fatal("the transport stays open for the peer to read our Close")
			}
			k.wantEnd()
			if err := k.conn.Close(); err != nil {
				k.Fatalf("Close has nothing left to say: %v", err)
			}
			if !k.near.Closed() {
				k.Fatal("Close closes the transport")
			}
		})
	}
}

func TestCloseBothAtOnce(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.peer.Say(Close(3000, "mine"))
		closed := later(k.conn.Close)
		k.peer.Want("two Close frames may cross (F43)", Close(1000, ""))
		k.wantEnd()
		if err := closed(); err != nil {
			k.Fatal(err)
		}
		if err := k.wantError("", nil); conn.CloseCode(err) != 3000 {
			k.Fatalf("the peer's code is kept: %v", err)
		}
	})
}

// Two ends that close at the same moment, with messages on the way to both,
// both succeed at once.
func TestCloseOfBothEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := Pipe()
		ends := map[string]*conn.Conn{"client": conn.Client(near, nil), "server": conn.Server(far, nil)}
		start := time.Now()
		closed := map[string]func() error{}
		for name, c := range ends {
			for range 10 {
				c.WriteMessage(conn.Text, []byte("on its way"))
			}
			closed[name] = later(c.Close)
		}
		for name, wait := range closed {
			if err := wait(); err != nil {
				t.Errorf("the %s's Close = %v", name, err)
			}
		}
		if d := time.Since(start); d != 0 || !near.Closed() || !far.Closed() {
			t.Errorf("after %v closed: %t, %t", d, near.Closed(), far.Closed())
		}
	})
}

func TestCloseIsBounded(t *testing.T) {
	deadline := func() context.Context {
		ctx, cancel := context.WithTimeout(context.Background(), 7*time.Second)
		time.AfterFunc(time.Hour, cancel)
		return ctx
	}
	for _, tt := range []struct {
		name string
		opts conn.Options
		ctx  func() context.Context
		want time.Duration
	}{
		{"5 s by default", conn.Options{}, context.Background, 5 * time.Second},
		{"CloseTimeout", conn.Options{CloseTimeout: time.Minute}, context.Background, time.Minute},
		{"the deadline of a context", conn.Options{}, deadline, 7 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sides(t, tt.opts, func(k *talk) {
				k.conn.SetDeadline(time.Now().Add(time.Second)) // does not count
				start := time.Now()
				err := k.conn.CloseWith(tt.ctx(), 1000, "")
				if d := time.Since(start); d != tt.want {
					k.Errorf("a peer that does not answer is waited for %v, want %v", d, tt.want)
				}
				k.wantKind("which is an error", err, conn.CloseTimedOut)
				if !k.near.Closed() {
					k.Error("the transport is closed")
				}
			})
		})
	}
}

func TestCloseBehindAStuckWriter(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		wrote := later(func() error { return k.conn.WriteMessage(conn.Binary, make([]byte, 1<<20)) })
		synctest.Wait()
		start := time.Now()
		k.wantKind("a writer that never returns cannot keep Close from doing so",
			k.conn.Close(), conn.CloseTimedOut)
		if d := time.Since(start); d != 5*time.Second {
			k.Errorf("took %v", d)
		}
		if err := wrote(); err == nil {
			k.Error("the writer is freed")
		}
	})
}

func TestPeerNeverClosesItsSide(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.peer.Say(Close(1000, ""))
		k.wantError("the peer's Close is answered", nil)
		synctest.Wait()
		if k.near.Closed() {
			k.Error("and it may read the answer")
		}
		time.Sleep(conn.DefaultCloseTimeout - 1)
		synctest.Wait()
		if k.near.Closed() {
			k.Error("for as long as CloseTimeout says")
		}
		time.Sleep(1)
		synctest.Wait()
		if !k.near.Closed() {
			k.Error("but not a tick longer, even if nobody calls Close (K4)")
		}
	})
}

// The peer floods the connection and breaks the protocol in the middle of it:
// it must be able to read why, whatever is still on its way (K1).
func TestNoResetBeforeCloseIsRead(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.peer.Say(Last("orphan"))
		k.wantKind("a continuation of nothing", k.wantError("", frame.RuleOrphan), conn.Failed)
		k.peer.Say(Text(strings.Repeat("more", 1000)))
		closed := later(k.conn.Close)
		k.peer.Say(Text(strings.Repeat("more", 1000)))
		f, err := k.peer.Next()
		if err != nil || f.Op != frame.Close || !strings.HasPrefix(f.Payload, "\x03\xea") {
			k.Fatalf("want Close 1002, got %v, %v", f, err)
		}
		k.peer.WantEnd("then the end of that direction")
		k.peer.Close()
		k.wantKind("Close tells what ended the connection", closed(), conn.Failed)
	})
}

func TestFailCodes(t *testing.T) {
	for _, tt := range []struct {
		name string
		say  Frame
		rule frame.Rule
		code frame.CloseCode
	}{
		{"reserved opcode", Frame{Op: 3}, frame.RuleOpcode, 1002},
		{"reserved bit", Frame{Op: 1, RSV: 1}, frame.RuleRSV, 1002},
		{"not UTF-8", Text("a\xffb"), frame.RuleUTF8, 1007},
		{"too big", Text(strings.Repeat("x", 101)), frame.RuleFrameSize, 1009},
		{"close code", Close(1005, ""), frame.RuleCloseCode, 1002},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sides(t, conn.Options{MaxFrame: 100}, func(k *talk) {
				k.peer.Say(Text("before"), tt.say, Text("after"))
				k.wantMessage("what came before is delivered", conn.Text, "before")
				err := k.wantError("then reading ends", tt.rule)
				var fe *frame.Error
				if !errors.As(err, &fe) || conn.CloseCode(err) != tt.code {
					k.Fatalf("with a *frame.Error of code %d: %v", tt.code, err)
				}
				k.peer.Want("the peer is told", Close(tt.code, tt.rule.String()))
				if again := k.wantError("nothing is processed any more (K13)", nil); again != err {
					k.Fatalf("want the same error again, got %v", again)
				}
			})
		})
	}
}

func TestCloseRefusesBadArguments(t *testing.T) {
	closeWith := func(c *conn.Conn, code frame.CloseCode, reason string) error {
		return c.CloseWith(context.Background(), code, reason)
	}
	for name, closing := range map[string]func(*conn.Conn, frame.CloseCode, string) error{
		"CloseWith": closeWith, "SendClose": (*conn.Conn).SendClose,
	} {
		t.Run(name, func(t *testing.T) {
			sides(t, conn.Options{}, func(k *talk) {
				for _, code := range []frame.CloseCode{0, 999, 1004, 1006, 1015, 5000} {
					if err := closing(k.conn, code, ""); !errors.Is(err, frame.RuleCloseCode) {
						k.Errorf("code %d must not be sent (K22): %v", code, err)
					}
				}
				if k.role == proto.Server {
					if err := closing(k.conn, 1010, ""); err != frame.RuleCloseCode {
						k.Errorf("1010 is a client's (K24): %v", err)
					}
				}
				if err := closing(k.conn, 1000, strings.Repeat("x", 124)); err == nil {
					k.Error("a reason of 124 bytes does not fit")
				}
				time.Sleep(time.Minute)
				k.peer.Say(Text("hi"))
				k.wantMessage("the connection goes on", conn.Text, "hi")
			})
		})
	}
}

func TestSendClose(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		if err := k.conn.SendClose(1001, "moving"); err != nil {
			k.Fatal(err)
		}
		k.peer.Want("code and reason are sent", Close(1001, "moving"))
		if err := k.conn.WriteMessage(conn.Text, nil); err != conn.ErrClosed {
			k.Fatalf("nothing can be written any more: %v", err)
		}
		k.peer.Say(Text("on its way"), Ping("not answered"), First(frame.Text, "in "), Last("parts"), Close(1001, "fine"))
		k.wantMessage("what arrives behind our Close is delivered", conn.Text, "on its way")
		k.wantMessage("all of it", conn.Text, "in parts")
		err := k.wantError("then the peer's Close", conn.ErrClosed)
		if ce, ok := err.(*conn.CloseError); !ok || ce.Code != 1001 || ce.Reason != "fine" || !ce.Answer {
			k.Fatalf("as an answer: %#v", err)
		}
		k.wantEnd()
		if err := k.conn.Close(); err != nil {
			k.Fatalf("Close finds the handshake done: %v", err)
		}
	})
}

func TestSendCloseIsBounded(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		start := time.Now()
		if err := k.conn.SendClose(1000, ""); err != nil {
			k.Fatal(err)
		}
		k.wantKind("a peer that does not answer is given up", k.wantError("", nil), conn.CloseTimedOut)
		if d := time.Since(start); d != conn.DefaultCloseTimeout {
			k.Errorf("after %v, want %v", d, conn.DefaultCloseTimeout)
		}
		if !k.near.Closed() {
			k.Error("with the transport")
		}
	})
}

func TestSendCloseTwice(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		for _, code := range []frame.CloseCode{1000, 1001} {
			if err := k.conn.SendClose(code, ""); err != nil {
				k.Fatal(err)
			}
		}
		k.peer.Want("the first Close is sent", Close(1000, ""))
		k.peer.WantSilence("and no other", time.Second)
		k.peer.Say(Close(1000, ""))
		k.wantError("one answer does for both", conn.ErrClosed)
		if err := k.conn.SendClose(1001, ""); err != nil {
			k.Fatalf("once more changes nothing: %v", err)
		}
		k.wantEnd()
	})
}

func TestSendCloseBesideClose(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		got := ""
		read := later(func() error {
			for {
				_, p, err := k.conn.NextMessage()
				if err != nil {
					return err
				}
				got += string(p)
			}
		})
		synctest.Wait()
		sent := later(func() error { return k.conn.SendClose(1000, "") })
		closed := later(k.conn.Close)
		k.peer.Want("one of them sends the Close", Close(1000, ""))
		k.peer.WantSilence("and the other none", time.Second)
		k.peer.Say(Text("for the reader"), Close(1000, ""))
		k.wantEnd()
		if err := read(); !errors.Is(err, conn.ErrClosed) || got != "for the reader" {
			k.Errorf("the reader gets what arrives: %q, %v", got, err)
		}
		if err := errors.Join(sent(), closed()); err != nil {
			k.Errorf("both succeed: %v", err)
		}
	})
}

func TestAbort(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		read := later(func() error { _, _, err := k.conn.NextMessage(); return err })
		wrote := later(func() error { return k.conn.WriteMessage(conn.Binary, make([]byte, 1<<20)) })
		synctest.Wait()
		if err := k.conn.Abort(); err != nil {
			k.Error(err)
		}
		if err := read(); err != conn.ErrClosed {
			k.Errorf("a pending read returns: %v", err)
		}
		if err := wrote(); err != conn.ErrClosed {
			k.Errorf("a pending write returns: %v", err)
		}
		if err := k.conn.Close(); err != conn.ErrClosed {
			k.Errorf("Close has nothing to do: %v", err)
		}
	})
}

// slowToClose is a transport whose Close takes its time, as that of TLS may.
type slowToClose struct{ *End }

func (s slowToClose) Close() error {
	time.Sleep(time.Second)
	return s.End.Close()
}

// Whoever closes the transport, it is closed when Close or Abort returns.
func TestCloseWaitsForWhoCloses(t *testing.T) {
	for name, closing := range map[string]func(*conn.Conn) error{"Close": (*conn.Conn).Close, "Abort": (*conn.Conn).Abort} {
		synctest.Test(t, func(t *testing.T) {
			near, far := Pipe()
			defer far.Close()
			c := conn.Server(slowToClose{near}, nil)
			start := time.Now()
			first := later(c.Abort)
			synctest.Wait()
			closing(c)
			if d := time.Since(start); d != time.Second || !near.Closed() {
				t.Errorf("%s returns after %v, and the transport is closed: %t", name, d, near.Closed())
			}
			first()
		})
	}
}

// A transport that cannot shut down one direction is closed instead.
func TestNoHalfClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := Pipe()
		defer far.Close()
		c := conn.Server(struct{ io.ReadWriteCloser }{near}, nil)
		peer := NewPeer(t, proto.Client, far)
		peer.Say(Close(1000, ""))
		if _, _, err := c.NextMessage(); conn.CloseCode(err) != 1000 {
			t.Fatal(err)
		}
		peer.Want("a Close is answered", Close(1000, ""))
		peer.WantEnd("and the server closes at once")
		if err := c.SetDeadline(time.Now()); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("no deadlines either: %v", err)
		}
	})
}
