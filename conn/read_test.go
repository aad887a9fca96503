package conn_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// message is what the read methods make of a message.
type message struct {
	typ conn.MessageType
	p   string
}

// script is a conversation with everything in it that a reader has to put
// together, and what must come out.
var script = []Frame{
	Text("one"),
	Ping("p1"),
	First(frame.Text, "gr"), Ping("p2"), More("\xc3"), More(""), Pong("unasked"), More("\xbc"), Last("n"),
	Binary(""),
	First(frame.Binary, ""), Last(""),
	Binary(strings.Repeat("large", 2000)),
	First(frame.Text, strings.Repeat("a", 5000)), Ping("p3"), Last(strings.Repeat("b", 5000)),
	Text("last"),
}

var scripted = []message{
	{conn.Text, "one"},
	{conn.Text, "grün"},
	{conn.Binary, ""},
	{conn.Binary, ""},
	{conn.Binary, strings.Repeat("large", 2000)},
	{conn.Text, strings.Repeat("a", 5000) + strings.Repeat("b", 5000)},
	{conn.Text, "last"},
}

// readers are the ways to read a message. After a timeout each is called
// again with what it returned.
var readers = map[string]func(c *conn.Conn, retry func(error) bool) (message, error){
	"NextMessage": func(c *conn.Conn, retry func(error) bool) (message, error) {
		for {
			typ, p, err := c.NextMessage()
			if !retry(err) {
				return message{typ, string(p)}, err
			}
		}
	},
	"ReadMessage": func(c *conn.Conn, retry func(error) bool) (message, error) {
		for {
			typ, p, err := c.ReadMessage()
			if !retry(err) {
				return message{typ, string(p)}, err
			}
		}
	},
	"AppendMessage": func(c *conn.Conn, retry func(error) bool) (message, error) {
		dst := []byte("head ")
		for {
			typ, p, err := c.AppendMessage(dst)
			if !retry(err) {
				return message{typ, strings.TrimPrefix(string(p), "head ")}, err
			}
			dst = p
		}
	},
	"NextReader": func(c *conn.Conn, retry func(error) bool) (message, error) {
		for {
			typ, r, err := c.NextReader()
			if retry(err) {
				continue
			}
			if err != nil {
				return message{}, err
			}
			p, err := io.ReadAll(patient{r, retry})
			return message{typ, string(p)}, err
		}
	},
	"NextReader by bytes": func(c *conn.Conn, retry func(error) bool) (message, error) {
		for {
			typ, r, err := c.NextReader()
			if retry(err) {
				continue
			}
			if err != nil {
				return message{}, err
			}
			p, err := io.ReadAll(iotest.OneByteReader(patient{r, retry}))
			return message{typ, string(p)}, err
		}
	},
	"all in turn": func(c *conn.Conn, retry func(error) bool) (message, error) {
		for {
			typ, p, err := c.NextMessage()
			if err == nil {
				return message{typ, string(p)}, err
			}
			if !retry(err) {
				return message{}, err
			}
			typ, p, err = c.AppendMessage(nil) // takes what NextMessage had
			if err == nil {
				return message{typ, string(p)}, nil
			}
			if !retry(err) {
				return message{}, err
			}
			for {
				_, q, err := c.AppendMessage(p)
				if err == nil {
					return message{typ: conn.MessageType(0), p: string(q)}, nil
				}
				if !retry(err) {
					return message{}, err
				}
				p = q
			}
		}
	},
}

// patient is a reader whose timeouts are overcome.
type patient struct {
	io.Reader
	retry func(error) bool
}

func (r patient) Read(p []byte) (int, error) {
	for {
		n, err := r.Reader.Read(p)
		if n > 0 || !r.retry(err) {
			return n, err
		}
	}
}

func noRetry(error) bool { return false }

func TestReadScript(t *testing.T) {
	for name, read := range readers {
		for _, chunk := range []int{0, 1, 2, 7, 1000} {
			t.Run(name, func(t *testing.T) {
				sides(t, conn.Options{}, func(k *talk) {
					k.near.Chunk(chunk)
					k.peer.Say(script...)
					for i, want := range scripted {
						got, err := read(k.conn, noRetry)
						if err != nil || got.p != want.p || got.typ != want.typ && got.typ != 0 {
							k.Fatalf("message %d, %d bytes a read: got %v %.20q (%d), %v", i, chunk, got.typ, got.p, len(got.p), err)
						}
					}
				})
			})
		}
	}
}

// Wherever in the stream a read times out, calling it again goes on.
func TestReadTimeoutAtEveryByte(t *testing.T) {
	script := script[:12]
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			sides(t, conn.Options{}, func(k *talk) {
				var b []byte
				for _, f := range script {
					b = f.Append(b, k.role == proto.Server)
				}
				timeouts := 0
				retry := func(err error) bool {
					var e *conn.Error
					if !errors.As(err, &e) || !e.Timeout() {
						return false
					}
					if !errors.Is(err, os.ErrDeadlineExceeded) {
						k.Fatalf("a timeout is os.ErrDeadlineExceeded: %v", err)
					}
					timeouts++
					k.peer.SayBytes(b[:1])
					b = b[1:]
					k.conn.SetReadDeadline(time.Now().Add(time.Second))
					return true
				}
				k.conn.SetReadDeadline(time.Now().Add(time.Second))
				size := len(b)
				for i, want := range scripted[:4] {
					got, err := read(k.conn, retry)
					if err != nil || got.p != want.p {
						k.Fatalf("message %d: got %v %.20q, %v", i, got.typ, got.p, err)
					}
				}
				if timeouts != size {
					k.Errorf("%d timeouts in %d bytes", timeouts, size)
				}
			})
		})
	}
}

func TestPongs(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.peer.Say(First(frame.Text, "a"), Ping("one"), Ping(""), Last("b"))
		k.wantMessage("control frames inside a message do not disturb it", conn.Text, "ab")
		k.peer.Want("Pings are answered with their payload (F47)", Pong("one"), Pong(""))
	})
}

// A reader that does not read exerts back-pressure.
func TestBackPressure(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		sent := later(func() error {
			k.peer.Say(Binary(strings.Repeat("x", 200<<10)))
			return nil
		})
		time.Sleep(time.Hour)
		k.wantMessage("the message waits in the transport", conn.Binary, strings.Repeat("x", 200<<10))
		sent()
	})
}

func TestNextMessageIsNotOverwritten(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.peer.Say(Text("first"), Text("second"))
		_, p, err := k.conn.NextMessage()
		if err != nil || cap(p) != len(p) {
			k.Fatalf("appending to a message must not reach the next one: cap %d, len %d, %v", cap(p), len(p), err)
		}
		p = append(p, "xxxxxxxxxxx"...)
		k.wantMessage("the bytes behind are the next message", conn.Text, "second")
		_ = p
	})
}

func TestReadMessageIsOwned(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		var kept [][]byte
		for i := range 5 {
			k.peer.Say(Text(strings.Repeat(string(rune('a'+i)), 10)))
			_, p, err := k.conn.ReadMessage()
			if err != nil {
				k.Fatal(err)
			}
			kept = append(kept, p)
		}
		for i, p := range kept {
			if !bytes.Equal(p, bytes.Repeat([]byte{byte('a' + i)}, 10)) {
				k.Errorf("message %d has become %q", i, p)
			}
		}
	})
}

func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts conn.Options
		ok   []Frame
		say  []Frame
		rule frame.Rule
	}{
		{"frame", conn.Options{MaxFrame: 10},
			[]Frame{First(frame.Text, "0123456789"), Last("0123456789")}, []Frame{Text("0123456789a")}, frame.RuleFrameSize},
		{"message", conn.Options{MaxMessage: 10},
			[]Frame{First(frame.Text, "01234"), Last("56789")}, []Frame{First(frame.Text, "01234"), Last("56789a")}, frame.RuleMessageSize},
		{"fragments", conn.Options{MaxFragments: 3},
			[]Frame{First(frame.Text, ""), More(""), Last("")}, []Frame{First(frame.Text, ""), More(""), More(""), Last("")}, frame.RuleFragmentCount},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sides(t, tt.opts, func(k *talk) {
				k.peer.Say(tt.ok...)
				if _, _, err := k.conn.NextMessage(); err != nil {
					k.Fatalf("a message at the limit is accepted: %v", err)
				}
				k.peer.Say(tt.say...)
				k.wantError("one above it fails the connection (X14)", tt.rule)
				k.peer.Want("with 1009", Close(1009, tt.rule.String()))
			})
		})
	}
}

// A header alone must not make the connection set aside what it announces.
func TestAnnouncedLengthIsNotAllocated(t *testing.T) {
	sides(t, conn.Options{MaxMessage: -1, MaxFrame: -1}, func(k *talk) {
		h := frame.Header{Fin: true, Opcode: frame.Binary, Length: 1 << 62, Masked: k.role == proto.Server}
		k.peer.SayBytes(append(h.Append(nil), make([]byte, 5000)...))
		k.conn.SetReadDeadline(time.Now().Add(time.Second))
		k.wantKind("the rest is waited for", k.wantError("", os.ErrDeadlineExceeded), conn.TimedOut)
		k.conn.SetReadDeadline(time.Now().Add(time.Second))
		_, p, err := k.conn.AppendMessage(nil)
		k.wantKind("the rest is waited for", err, conn.TimedOut)
		if len(p) != 5000 || cap(p) > 64<<10 {
			k.Errorf("%d bytes in %d", len(p), cap(p))
		}
	})
}
