package conn_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/frame"
)

func TestReaderLeftBehind(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.peer.Say(First(frame.Text, "abc"), More("def"), Ping("p"), Last("ghi"), Text("next"), Binary(strings.Repeat("y", 9000)), Text("end"))
		_, r, err := k.conn.NextReader()
		if err != nil {
			k.Fatal(err)
		}
		var b [2]byte
		if n, err := io.ReadFull(r, b[:]); n != 2 || err != nil {
			k.Fatal(n, err)
		}
		k.wantMessage("the rest of a message is passed over", conn.Text, "next")
		if _, err := r.Read(b[:]); err == nil || err == io.EOF {
			k.Errorf("a reader that was passed over returns an error: %v", err)
		}
		if _, r, err = k.conn.NextReader(); err != nil {
			k.Fatal(err)
		}
		if _, r2, err := k.conn.NextReader(); err != nil {
			k.Fatal(err)
		} else if p, err := io.ReadAll(r2); string(p) != "end" || err != nil {
			k.Errorf("a message nobody read is passed over: %q, %v", p, err)
		}
		k.peer.Want("control frames in what is passed over are answered", Pong("p"))
	})
}

// Text is judged as it arrives: what came before the first bad octet is
// delivered, and nothing behind it.
func TestReaderFailsFast(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.peer.Say(First(frame.Text, "good"))
		_, r, err := k.conn.NextReader()
		if err != nil {
			k.Fatal(err)
		}
		var b [100]byte
		if n, err := r.Read(b[:]); string(b[:n]) != "good" || err != nil {
			k.Fatalf("%q, %v", b[:n], err)
		}
		k.peer.Say(More("b\xc0d")) // the message has not ended
		if _, err := r.Read(b[:]); !errors.Is(err, frame.RuleUTF8) {
			k.Fatalf("want %v, got %v", frame.RuleUTF8, err)
		}
		k.peer.Want("the peer is told at once (X1)", Close(1007, frame.RuleUTF8.String()))
	})
}

func TestWriterFragments(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		w, err := k.conn.NextWriter(conn.Text)
		if err != nil {
			k.Fatal(err)
		}
		io.WriteString(w, "ab")
		io.WriteString(w, "cd")
		k.peer.WantSilence("small pieces are gathered", time.Second)
		if err := w.(interface{ Flush() error }).Flush(); err != nil {
			k.Fatal(err)
		}
		k.peer.Want("Flush sends them as a fragment", First(frame.Text, "abcd"))
		big := strings.Repeat("x", 5000)
		if n, err := io.WriteString(w, big); n != 5000 || err != nil {
			k.Fatal(n, err)
		}
		k.peer.Want("large ones leave as they are", More(big))
		io.WriteString(w, big[:4000])
		io.WriteString(w, big[:200])
		k.peer.Want("4 KiB are a fragment", More(big[:4096]))
		if err := w.Close(); err != nil {
			k.Fatal(err)
		}
		k.peer.Want("Close sends the rest with FIN", Last(big[:104]))
		if _, err := w.Write([]byte("x")); err == nil {
			k.Error("a message that was closed takes no more")
		}
		w, err = k.conn.NextWriter(conn.Binary)
		if err != nil {
			k.Fatal(err)
		}
		w.Close()
		k.peer.Want("a message may be empty", Binary(""))
	})
}

// Fragments of two messages never mix (F24); control frames may come between
// (F21).
func TestWritersTakeTurns(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		w, err := k.conn.NextWriter(conn.Text)
		if err != nil {
			k.Fatal(err)
		}
		w.Write([]byte(strings.Repeat("x", 4096)))
		second := later(func() error { return k.conn.WriteMessage(conn.Text, []byte("second")) })
		synctest.Wait()
		third := later(func() error {
			w, err := k.conn.NextWriter(conn.Binary)
			if err != nil {
				return err
			}
			io.WriteString(w, "third")
			return w.Close()
		})
		synctest.Wait()
		fourth := later(func() error { return k.conn.WriteMessage(conn.Text, []byte("fourth")) })
		k.peer.Say(Ping("now"))
		read := later(func() error { _, _, err := k.conn.NextMessage(); return err })
		k.peer.Want("a Pong need not wait for the message to end", First(frame.Text, strings.Repeat("x", 4096)), Pong("now"))
		k.peer.WantSilence("messages do", time.Minute)
		w.Close()
		k.peer.Want("and then come in the order they were asked for",
			Last(""), Text("second"), Binary("third"), Text("fourth"))
		if err := errors.Join(second(), third(), fourth()); err != nil {
			k.Fatal(err)
		}
		k.conn.Abort()
		read()
	})
}

// A message that nobody ends holds up other writers no longer than the
// connection lives.
func TestWriterNeverClosed(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		w, err := k.conn.NextWriter(conn.Text)
		if err != nil {
			k.Fatal(err)
		}
		io.WriteString(w, "x")
		waiting := later(func() error { return k.conn.WriteMessage(conn.Text, nil) })
		synctest.Wait()
		closed := later(k.conn.Close)
		k.peer.Want("Close does not wait for it either", Close(1000, ""))
		k.peer.Say(Close(1000, ""))
		k.peer.Close()
		closed()
		if err := waiting(); !errors.Is(err, conn.ErrClosed) {
			k.Errorf("want ErrClosed, got %v", err)
		}
		if err := w.Close(); !errors.Is(err, conn.ErrClosed) {
			k.Errorf("want ErrClosed, got %v", err)
		}
		if _, err := k.conn.NextWriter(conn.Text); !errors.Is(err, conn.ErrClosed) {
			k.Errorf("want ErrClosed, got %v", err)
		}
	})
}

// A stream whose writes time out goes on where it stopped.
func TestWriterTimeout(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		w, err := k.conn.NextWriter(conn.Binary)
		if err != nil {
			k.Fatal(err)
		}
		p := []byte(strings.Repeat("0123456789abcdef", 20<<10))
		got := later(func() string {
			time.Sleep(10 * time.Second)
			var s strings.Builder
			for {
				f, err := k.peer.Next()
				if err != nil {
					return err.Error()
				}
				s.WriteString(f.Payload)
				time.Sleep(time.Millisecond)
				if !f.More {
					return s.String()
				}
			}
		})
		timeouts := 0
		for rest := p; len(rest) > 0; {
			k.conn.SetWriteDeadline(time.Now().Add(time.Second))
			n, err := w.Write(rest[:min(len(rest), 10000)])
			rest = rest[n:]
			if err != nil {
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					k.Fatal(err)
				}
				timeouts++
			}
		}
		k.conn.SetWriteDeadline(time.Time{})
		if err := w.Close(); err != nil {
			k.Fatal(err)
		}
		if s := got(); s != string(p) {
			k.Errorf("got %d bytes, want %d", len(s), len(p))
		}
		if timeouts == 0 {
			k.Error("nothing timed out")
		}
	})
}
