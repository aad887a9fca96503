package conn_test

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// broken is what the transport of these tests fails with.
var broken = errors.New("broken")

// heard is what the peer says in a conversation with faults.
var heard = []Frame{Text("one"), First(frame.Binary, "tw"), Ping("p"), Last("o"), Text("three")}

// wholeMessages returns how many messages of heard are whole in n bytes, and
// where in the stream byte n is.
func wholeMessages(n int, masked bool) (messages int, at conn.Kind) {
	size, at := 0, conn.Lost
	for _, f := range heard {
		if n == size {
			return messages, at
		}
		size += len(f.Append(nil, masked))
		if n < size {
			return messages, conn.LostInFrame
		}
		switch {
		case f.Op.IsControl():
		case f.More:
			at = conn.LostInMessage
		default:
			messages++
			at = conn.Lost
		}
	}
	return messages, at
}

// A transport that fails at any byte of a conversation ends it with the right
// error, and neither half a message nor one twice is delivered.
func TestReadFaultAtEveryByte(t *testing.T) {
	for _, kind := range []FaultKind{Cut, Fail, Stall} {
		t.Run(kind.String(), func(t *testing.T) {
			sides(t, conn.Options{}, func(k *talk) {
				size := 0
				for _, f := range heard {
					size += len(f.Append(nil, k.role == proto.Server))
				}
				for n := range size {
					k.readFault(n, Fault{After: n, Kind: kind, Err: broken}, nextMessage)
					k.readFault(n, Fault{After: n, Kind: kind, Err: broken}, nextStream)
				}
			})
		})
	}
}

// nextMessage and nextStream are two ways to read a message.
func nextMessage(c *conn.Conn) ([]byte, error) {
	_, p, err := c.NextMessage()
	return p, err
}

func nextStream(c *conn.Conn) ([]byte, error) {
	_, r, err := c.NextReader()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func (k *talk) readFault(n int, f Fault, next func(*conn.Conn) ([]byte, error)) {
	k.Helper()
	near, far := Pipe()
	defer far.Close()
	near.FailReads(f)
	c := open(k.role, near, nil)
	defer c.Abort()
	NewPeer(k.T, 1-k.role, far).Say(heard...)
	c.SetReadDeadline(time.Now().Add(time.Second))
	got := 0
	var err error
	for err == nil {
		var p []byte
		if p, err = next(c); err == nil {
			if want := []string{"one", "two", "three"}[got]; string(p) != want {
				k.Fatalf("fault at byte %d: message %d is %q", n, got, p)
			}
			got++
		}
	}
	want, kind := wholeMessages(n, k.role == proto.Server)
	cause := map[FaultKind]error{Cut: io.EOF, Fail: broken, Stall: os.ErrDeadlineExceeded}[f.Kind]
	if f.Kind == Cut && kind != conn.Lost {
		cause = io.ErrUnexpectedEOF
	}
	if f.Kind == Stall {
		kind = conn.TimedOut
	}
	var e *conn.Error
	if got != want || !errors.As(err, &e) || e.Kind != kind || !errors.Is(err, cause) {
		k.Fatalf("%v at byte %d: want %d messages, then %v: %v; got %d, then %v", f.Kind, n, want, kind, cause, got, err)
	}
	if near.Closed() != (f.Kind != Stall) {
		k.Fatalf("%v at byte %d: closed = %v", f.Kind, n, near.Closed())
	}
}

// open is conn.Client or conn.Server.
func open(role proto.Role, rwc io.ReadWriteCloser, opts *conn.Options) *conn.Conn {
	if role == proto.Client {
		return conn.Client(rwc, opts)
	}
	return conn.Server(rwc, opts)
}

// A transport that fails at any byte written makes the write fail, and all
// that follow; the peer gets a prefix of what was said.
func TestWriteFaultAtEveryByte(t *testing.T) {
	for kind, want := range map[FaultKind]error{Cut: io.EOF, Fail: broken, Short: io.ErrShortWrite} {
		t.Run(kind.String(), func(t *testing.T) {
			sides(t, conn.Options{}, func(k *talk) {
				size := len(Text("hello").Append(nil, k.role == proto.Client))
				for n := range 3 * size {
					k.writeFault(n, size, Fault{After: n, Kind: kind, Err: broken}, want)
				}
			})
		})
	}
}

func (k *talk) writeFault(n, size int, f Fault, want error) {
	k.Helper()
	near, far := Pipe()
	near.FailWrites(f)
	c := open(k.role, near, nil)
	defer c.Abort()
	var err error
	written := 0
	for written < 10 && err == nil {
		if err = c.WriteMessage(conn.Text, []byte("hello")); err == nil {
			written++
		}
	}
	var e *conn.Error
	if written != n/size || !errors.As(err, &e) || e.Kind != conn.Lost || !errors.Is(err, want) {
		k.Fatalf("%v at byte %d: want %d messages, then %v; got %d, then %v", f.Kind, n, n/size, want, written, err)
	}
	if again := c.WriteMessage(conn.Text, nil); again != err {
		k.Fatalf("%v at byte %d: then got %v", f.Kind, n, again)
	}
	c.Abort()
	peer := NewPeer(k.T, 1-k.role, far)
	for range written {
		peer.Want("what was written arrives", Text("hello"))
	}
	wantErr := io.EOF
	if n%size != 0 {
		wantErr = io.ErrUnexpectedEOF
	}
	if f, err := peer.Next(); err != wantErr {
		k.Fatalf("byte %d: then nothing: %v, %v", n, f, err)
	}
}

// A closing handshake over a transport that fails at any byte is over within
// its bound, however it fails: at once if the transport says so, and else to
// the tick.
func TestCloseFaultAtEveryByte(t *testing.T) {
	type inject func(*End, Fault)
	for how, fail := range map[string]inject{"writes": (*End).FailWrites, "reads": (*End).FailReads} {
		for _, kind := range []FaultKind{Cut, Fail, Stall, Short} {
			if kind == Short && how == "reads" {
				continue // a short read is no fault
			}
			t.Run(how+" "+kind.String(), func(t *testing.T) {
				sides(t, conn.Options{}, func(k *talk) {
					size := len(Close(1000, "").Append(nil, (k.role == proto.Client) == (how == "writes")))
					for n := range size {
						near, far := Pipe()
						fail(near, Fault{After: n, Kind: kind, Err: broken})
						c := open(k.role, near, nil)
						if how == "reads" {
							NewPeer(k.T, 1-k.role, far).Say(Close(1000, ""))
						}
						start := time.Now()
						err := c.Close()
						took, bound := time.Since(start), time.Duration(0)
						want := conn.Lost
						switch {
						case how == "writes" || kind == Stall: // the peer might still say something
							bound, want = conn.DefaultCloseTimeout, conn.CloseTimedOut
						case n > 0:
							want = conn.LostInFrame
						}
						if took != bound {
							k.Errorf("%v at byte %d: Close took %v, want %v", kind, n, took, bound)
						}
						k.wantKind(kind.String()+" before the peer's Close", err, want)
						if !near.Closed() {
							k.Fatalf("%v at byte %d: the transport is open", kind, n)
						}
						far.Close()
					}
				})
			})
		}
	}
}

// A transport that is lost fails the connection, in either role (K14).
func TestLost(t *testing.T) {
	for _, tt := range []struct {
		name string
		say  Frame
		cut  int // bytes that are missing from it
		want conn.Kind
		err  error
	}{
		{"between messages", Text("whole"), 0, conn.Lost, io.EOF},
		{"at once", Frame{}, 2, conn.Lost, io.EOF},
		{"in a payload", Text("partial"), 1, conn.LostInFrame, io.ErrUnexpectedEOF},
		{"in a header", Text("x"), 2, conn.LostInFrame, io.ErrUnexpectedEOF},
		{"between fragments", First(frame.Text, "open"), 0, conn.LostInMessage, io.ErrUnexpectedEOF},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sides(t, conn.Options{}, func(k *talk) {
				b := tt.say.Append(nil, k.role == proto.Server)
				if tt.say == (Frame{}) {
					b = b[:tt.cut]
				}
				k.peer.SayBytes(b[:len(b)-tt.cut])
				k.peer.Close()
				var err error
				for err == nil {
					_, _, err = k.conn.NextMessage()
				}
				k.wantKind("a transport that ends is not a closing handshake", err, tt.want)
				if !errors.Is(err, tt.err) || conn.CloseCode(err) != frame.CloseAbnormal {
					k.Errorf("want %v and code 1006, got %v", tt.err, err)
				}
				if !k.near.Closed() {
					k.Error("the transport is closed")
				}
				if again := k.conn.WriteMessage(conn.Text, nil); again != err {
					k.Errorf("writes return the same: %v", again)
				}
			})
		})
	}
}

// A peer that says Close and is gone before the answer reaches it has closed
// the connection all the same.
func TestCloseThenGone(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.near.FailWrites(Fault{Kind: Fail, Err: errors.New("broken pipe")})
		if err := k.conn.WriteMessage(conn.Text, []byte("hi")); err == nil {
			k.Fatal("the write fails")
		}
		k.peer.Say(Text("last words"), Close(1008, "policy"))
		k.wantMessage("what the peer said before is still read", conn.Text, "last words")
		if err := k.wantError("and why it closed", nil); conn.CloseCode(err) != 1008 {
			k.Fatal(err)
		}
	})
}

// A peer that breaks the protocol where it cannot be told so any more is still
// failed (K12).
func TestFailWhereNothingCanBeSent(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		k.near.FailWrites(Fault{Kind: Fail, Err: broken})
		if err := k.conn.WriteMessage(conn.Text, []byte("hi")); !errors.Is(err, broken) {
			k.Fatalf("the write fails: %v", err)
		}
		k.near.Mend()
		k.peer.Say(Text("fine"), Last("orphan"))
		k.wantMessage("reading goes on", conn.Text, "fine")
		k.wantKind("until the peer breaks a rule", k.wantError("", frame.RuleOrphan), conn.Failed)
		k.peer.WantEnd("no Close is sent behind what broke off")
	})
}

// emptyReads returns nothing, again and again.
type emptyReads struct{ *End }

func (emptyReads) Read([]byte) (int, error) { return 0, nil }

func TestNoProgress(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		c := open(k.role, emptyReads{k.near}, nil)
		if _, _, err := c.NextMessage(); !errors.Is(err, io.ErrNoProgress) {
			k.Errorf("want %v, got %v", io.ErrNoProgress, err)
		}
	})
}
