package conn_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/frame"
)

func TestWriteRefuses(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		for _, typ := range []conn.MessageType{0, 3, 8, 9, 10, 200} {
			if err := k.conn.WriteMessage(typ, nil); err != frame.RuleOpcode {
				k.Errorf("type %d: want %v, got %v", typ, frame.RuleOpcode, err)
			}
			if _, err := k.conn.NextWriter(typ); err != frame.RuleOpcode {
				k.Errorf("type %d: want %v, got %v", typ, frame.RuleOpcode, err)
			}
			if _, err := conn.NewPrepared(typ, nil); err != frame.RuleOpcode {
				k.Errorf("type %d: want %v, got %v", typ, frame.RuleOpcode, err)
			}
		}
	})
}

// Many goroutines write in every way while the peer pings; what arrives is
// whole messages.
func TestManyWriters(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		const writers, each = 8, 20
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				for j := range each {
					p := []byte(strings.Repeat(fmt.Sprintf("%d.%d ", i, j), 1+500*(j%4)))
					var err error
					switch (i + j) % 3 {
					case 0:
						err = k.conn.WriteMessage(conn.Text, p)
					case 1:
						m, _ := conn.NewPrepared(conn.Text, p)
						err = k.conn.WritePrepared(m)
					case 2:
						var w io.WriteCloser
						if w, err = k.conn.NextWriter(conn.Text); err == nil {
							w.Write(p[:len(p)/3])
							w.(interface{ Flush() error }).Flush()
							w.Write(p[len(p)/3:])
							err = w.Close()
						}
					}
					if err != nil {
						k.Error(err)
					}
				}
			})
		}
		read := later(func() error { _, _, err := k.conn.NextMessage(); return err })
		wg.Go(func() {
			for range 20 {
				k.peer.Say(Ping("ping"))
				time.Sleep(time.Millisecond)
			}
		})
		got := map[string]int{}
		var message string
		for n := 0; n < writers*each; {
			f, err := k.peer.Next()
			if err != nil {
				k.Fatal(err)
			}
			switch f.Op {
			case frame.Text:
				message = f.Payload
			case frame.Continuation:
				message += f.Payload
			case frame.Pong:
				continue
			}
			if !f.More {
				n++
				word, _, _ := strings.Cut(message, " ")
				got[word]++
				if strings.ReplaceAll(message, word+" ", "") != "" {
					k.Fatalf("messages are mixed: %.60q", message)
				}
			}
		}
		wg.Wait()
		if len(got) != writers*each {
			k.Errorf("%d different messages of %d", len(got), writers*each)
		}
		k.conn.Abort()
		read()
	})
}

// writes counts the writes of a transport.
type writes struct {
	*End
	n int
}

func (w *writes) Write(p []byte) (int, error) {
	w.n++
	return w.End.Write(p)
}

// batch is a conversation about when writes leave.
func batch(t *testing.T, opts conn.Options, f func(c *conn.Conn, peer *Peer, w *writes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := Pipe()
		defer far.Close()
		w := &writes{End: near}
		c := conn.Server(w, &opts)
		defer c.Abort()
		f(c, NewPeer(t, 0, far), w)
	})
}

func echoAll(c *conn.Conn) error {
	for {
		typ, p, err := c.NextMessage()
		if err == nil {
			err = c.WriteMessage(typ, p)
		}
		if err != nil {
			return err
		}
	}
}

func TestAnswersLeaveTogether(t *testing.T) {
	batch(t, conn.Options{}, func(c *conn.Conn, peer *Peer, w *writes) {
		done := later(func() error { return echoAll(c) })
		peer.Say(Text("1"), Text("2"), First(frame.Text, "3"), Last(""), Text("4"), Text("5"))
		synctest.Wait()
		start := time.Now()
		peer.Want("every message is answered", Text("1"), Text("2"), Text("3"), Text("4"), Text("5"))
		if time.Since(start) != 0 {
			t.Error("at once")
		}
		if w.n != 2 { // the fragment in the middle is no whole message
			t.Errorf("in %d writes, want 2", w.n)
		}
		w.n = 0
		peer.Say(Text("1"))
		peer.Want("a message alone is answered alone", Text("1"))
		if w.n != 1 {
			t.Errorf("in %d writes, want 1", w.n)
		}
		c.Abort()
		done()
	})
}

func TestHeldMessagesLeave(t *testing.T) {
	two := func(peer *Peer, c *conn.Conn) { // read one of two messages and answer it
		peer.Say(Text("1"), Text("2"), Text("3"))
		_, p, err := c.NextMessage()
		if err == nil {
			err = c.WriteMessage(conn.Text, p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Run("after 1 ms", func(t *testing.T) {
		batch(t, conn.Options{}, func(c *conn.Conn, peer *Peer, w *writes) {
			two(peer, c)
			start := time.Now()
			peer.Want("a held message leaves", Text("1"))
			if d := time.Since(start); d != time.Millisecond {
				t.Errorf("after %v", d)
			}
		})
	})
	t.Run("after Delay", func(t *testing.T) {
		batch(t, conn.Options{Coalescing: conn.Coalescing{Delay: time.Second}}, func(c *conn.Conn, peer *Peer, w *writes) {
			two(peer, c)
			start := time.Now()
			peer.Want("a held message leaves", Text("1"))
			if d := time.Since(start); d != time.Second {
				t.Errorf("after %v", d)
			}
		})
	})
	t.Run("with Flush", func(t *testing.T) {
		batch(t, conn.Options{}, func(c *conn.Conn, peer *Peer, w *writes) {
			two(peer, c)
			peer.WantSilence("it is held", time.Microsecond)
			c.Flush()
			peer.Want("and leaves", Text("1"))
		})
	})
	t.Run("before a Close", func(t *testing.T) {
		batch(t, conn.Options{}, func(c *conn.Conn, peer *Peer, w *writes) {
			two(peer, c)
			closed := later(c.Close)
			peer.Want("it leaves with the Close", Text("1"), Close(1000, ""))
			if w.n != 1 {
				t.Errorf("in %d writes", w.n)
			}
			peer.Say(Close(1000, ""))
			closed()
		})
	})
	t.Run("when 64 KiB are held", func(t *testing.T) {
		batch(t, conn.Options{}, func(c *conn.Conn, peer *Peer, w *writes) {
			two(peer, c)
			big := strings.Repeat("x", 60000)
			c.WriteMessage(conn.Text, []byte(big))
			if w.n != 0 {
				t.Error("60,000 bytes wait")
			}
			go c.WriteMessage(conn.Text, []byte(big))
			peer.Want("64 KiB do not", Text("1"), Text(big), Text(big))
		})
	})
	t.Run("if it is turned off", func(t *testing.T) {
		for _, h := range []conn.Coalescing{{Bytes: -1}, {Delay: -1}} {
			batch(t, conn.Options{Coalescing: h}, func(c *conn.Conn, peer *Peer, w *writes) {
				two(peer, c)
				if w.n != 1 {
					t.Error("nothing is held")
				}
			})
		}
	})
}

// The error of a held message is that of the next write.
func TestHeldErrorIsReported(t *testing.T) {
	batch(t, conn.Options{}, func(c *conn.Conn, peer *Peer, w *writes) {
		broken := errors.New("broken")
		w.FailWrites(Fault{Kind: Fail, Err: broken})
		peer.Say(Text("1"), Text("2"))
		c.NextMessage()
		if err := c.WriteMessage(conn.Text, []byte("held")); err != nil {
			t.Fatalf("a held message has no error yet: %v", err)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if err := c.WriteMessage(conn.Text, nil); !errors.Is(err, broken) {
			t.Errorf("want %v, got %v", broken, err)
		}
	})
}

// A write that times out at any byte leaves nothing out and says nothing
// twice.
func TestWriteTimeoutAtEveryByte(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		for at := range 12 {
			k.near.FailWrites(Fault{After: at, Kind: Stall})
			k.conn.SetWriteDeadline(time.Now().Add(time.Second))
			err := k.conn.WriteMessage(conn.Text, []byte("hello"))
			var e *conn.Error
			if at < 7 || at < 11 && k.role == 0 {
				if !errors.As(err, &e) || e.Kind != conn.TimedOut || !e.Queued || !errors.Is(err, os.ErrDeadlineExceeded) {
					k.Fatalf("stalled at byte %d: want a timeout of a message that was taken, got %v", at, err)
				}
				err = k.conn.WriteMessage(conn.Text, []byte("not taken"))
				if !errors.As(err, &e) || e.Kind != conn.TimedOut || e.Queued {
					k.Fatalf("no more than one message is taken: %v", err)
				}
			} else if err != nil {
				k.Fatal(err)
			}
			k.near.Mend()
			k.conn.SetWriteDeadline(time.Time{})
			if err := k.conn.WriteMessage(conn.Text, []byte("next")); err != nil {
				k.Fatal(err)
			}
			k.peer.Want("the rest leaves first", Text("hello"), Text("next"))
		}
	})
}

func TestLargeWriteTimeout(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		big := strings.Repeat("0123456789", 30000)
		k.conn.SetWriteDeadline(time.Now().Add(time.Second))
		err := k.conn.WriteMessage(conn.Text, []byte(big))
		var e *conn.Error
		if !errors.As(err, &e) || !e.Queued {
			k.Fatalf("want a timeout of a message that was taken, got %v", err)
		}
		k.conn.SetWriteDeadline(time.Time{})
		flushed := later(k.conn.Flush)
		k.peer.Want("Flush sends the rest", Text(big))
		if err := flushed(); err != nil {
			k.Fatal(err)
		}
	})
}

func TestFatalWriteTimeout(t *testing.T) {
	sides(t, conn.Options{FatalWriteTimeout: true}, func(k *talk) {
		k.near.FailWrites(Fault{After: 3, Kind: Stall})
		k.conn.SetWriteDeadline(time.Now().Add(time.Second))
		err := k.conn.WriteMessage(conn.Text, []byte("hello"))
		k.wantKind("the transport cannot go on", err, conn.Lost)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			k.Errorf("and says why: %v", err)
		}
		k.near.Mend()
		if again := k.conn.WriteMessage(conn.Text, nil); again != err {
			k.Errorf("writes fail from then on: %v", again)
		}
	})
}

// While the peer does not read, its Pings make no Pongs pile up.
func TestPongsDoNotPileUp(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.near.FailWrites(Fault{After: 1, Kind: Stall})
		k.conn.SetWriteDeadline(time.Now().Add(time.Second))
		k.conn.WriteMessage(conn.Text, []byte("stuck"))
		for i := range 100 {
			k.peer.Say(Ping(fmt.Sprint(i)))
		}
		k.peer.Say(Text("end"))
		k.wantMessage("the reader goes on", conn.Text, "end")
		k.near.Mend()
		k.conn.SetWriteDeadline(time.Time{})
		if err := k.conn.Flush(); err != nil {
			k.Fatal(err)
		}
		k.peer.Want("the last Ping is answered (F48)", Text("stuck"), Pong("99"))
	})
}

// The reader leaves its Pong to a writer that holds the connection.
func TestReaderDoesNotWaitForWriter(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		big := strings.Repeat("x", 200<<10)
		wrote := later(func() error { return k.conn.WriteMessage(conn.Text, []byte(big)) })
		synctest.Wait()
		k.peer.Say(Ping("one"), Ping("two"), Text("hi"))
		k.wantMessage("reading goes on while a writer is stuck", conn.Text, "hi")
		k.peer.Want("the writer sends what the reader owes", Text(big), Pong("two"))
		if err := wrote(); err != nil {
			k.Fatal(err)
		}
	})
}
