package conn_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// talk is a connection under test, the peer it talks to, and the two ends of
// the transport between them.
type talk struct {
	*testing.T
	conn *conn.Conn
	peer *conntest.Peer
	near *conntest.End // the connection's
	far  *conntest.End // the peer's
	role proto.Role    // the connection's
}

// sides runs a conversation with a connection of either role, in a bubble of
// its own, so that time is exact and a goroutine left behind is an error. The
// keepalive is off unless opts has one.
func sides(t *testing.T, opts conn.Options, f func(*talk)) {
	t.Helper()
	for _, role := range []proto.Role{proto.Client, proto.Server} {
		t.Run(role.String(), func(t *testing.T) { side(t, role, opts, f) })
	}
}

// side is sides for one role.
func side(t *testing.T, role proto.Role, opts conn.Options, f func(*talk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := conntest.Pipe()
		defer far.Close()
		k := &talk{T: t, near: near, far: far, role: role}
		if role == proto.Client {
			k.conn = conn.Client(near, &opts)
			k.peer = conntest.NewPeer(t, proto.Server, far)
		} else {
			k.conn = conn.Server(near, &opts)
			k.peer = conntest.NewPeer(t, proto.Client, far)
		}
		defer k.conn.Abort()
		f(k)
	})
}

// wantMessage reads a message and compares it.
func (k *talk) wantMessage(sentence string, typ conn.MessageType, want string) {
	k.Helper()
	got, p, err := k.conn.NextMessage()
	if err != nil || got != typ || string(p) != want {
		k.Fatalf("%s: want %v %.40q, got %v %.40q, %v", sentence, typ, want, got, p, err)
	}
}

// wantError reads until the connection ends, and returns the error.
func (k *talk) wantError(sentence string, want error) error {
	k.Helper()
	_, p, err := k.conn.NextMessage()
	if err == nil {
		k.Fatalf("%s: want %v, got message %q", sentence, want, p)
	}
	if want != nil && !errors.Is(err, want) {
		k.Fatalf("%s: want %v, got %v", sentence, want, err)
	}
	return err
}

// wantKind checks that err is an Error of a kind.
func (k *talk) wantKind(sentence string, err error, want conn.Kind) {
	k.Helper()
	var e *conn.Error
	if !errors.As(err, &e) || e.Kind != want {
		k.Fatalf("%s: want an error of kind %q, got %v", sentence, want, err)
	}
}

// later runs f in a goroutine of the bubble, and returns what waits for it.
func later[T any](f func() T) (wait func() T) {
	ch := make(chan T, 1)
	go func() { ch <- f() }()
	return func() T { return <-ch }
}

func TestEcho(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		for _, n := range []int{0, 1, 125, 126, 127, 4081, 4096, 65535, 65536, 1 << 20} {
			s := strings.Repeat("x", n)
			go k.peer.Say(conntest.Text(s))
			typ, p, err := k.conn.NextMessage()
			if err != nil || typ != conn.Text || string(p) != s {
				k.Fatalf("%d bytes: got %v, %d bytes, %v", n, typ, len(p), err)
			}
			wrote := later(func() error { return k.conn.WriteMessage(typ, p) })
			k.peer.Want("a message comes back as it was", conntest.Text(s))
			if err := wrote(); err != nil {
				k.Fatal(err)
			}
			if string(p) != s {
				k.Fatalf("%d bytes: WriteMessage changed what it wrote", n)
			}
		}
	})
}

func TestAccessors(t *testing.T) {
	sides(t, conn.Options{Subprotocol: "chat"}, func(k *talk) {
		if k.conn.Subprotocol() != "chat" || k.conn.Role() != k.role || k.conn.Transport() != io.ReadWriteCloser(k.near) {
			k.Fatalf("got %q, %v, %v", k.conn.Subprotocol(), k.conn.Role(), k.conn.Transport())
		}
	})
}

func TestBuffered(t *testing.T) {
	var b []byte
	for _, f := range []conntest.Frame{conntest.Text("one"), conntest.First(frame.Binary, "tw"), conntest.Last("o")} {
		b = f.Append(b, true)
	}
	for cut := range len(b) {
		side(t, proto.Server, conn.Options{Buffered: b[:cut]}, func(k *talk) {
			k.peer.SayBytes(b[cut:])
			k.wantMessage("bytes read behind the head are the first to be decoded", conn.Text, "one")
			k.wantMessage("and go on in the transport", conn.Binary, "two")
		})
	}
}

func TestResume(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		near, far := conntest.Pipe()
		defer far.Close()
		peer := conntest.NewPeer(k.T, 1-k.role, far)
		ep := proto.New(k.role, proto.Options{NewMaskKey: func() (key frame.MaskKey) { return key }})

		// The endpoint has seen half of a message, and a frame of its own has
		// left by half.
		in := conntest.First(frame.Text, "ab").Append(nil, k.role == proto.Server)
		in = conntest.Last("cd").Append(in, k.role == proto.Server)
		_, n, err := ep.Next(in)
		if err != nil {
			k.Fatal(err)
		}
		out, err := ep.AppendFrame(nil, frame.Text, []byte("from before"), true)
		if err != nil {
			k.Fatal(err)
		}
		near.Write(out[:3])

		c := conn.Resume(near, conn.State{Role: k.role, Endpoint: ep, Input: in[n:], Output: out[3:]},
			&conn.Options{Keepalive: conn.Keepalive{Interval: -1}})
		defer c.Abort()
		_, p, err := c.NextMessage()
		if err != nil || string(p) != "cd" {
			k.Fatalf("want the rest of the message, got %q, %v", p, err)
		}
		if err := c.WriteMessage(conn.Text, []byte("from now")); err != nil {
			k.Fatal(err)
		}
		peer.Want("the frame under way is finished first", conntest.Text("from before"), conntest.Text("from now"))
	})
}
