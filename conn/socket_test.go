package conn_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/proto"
)

// sockets returns the two ends of a TCP connection over loopback.
func sockets(t testing.TB) (a, b *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); s.Close() })
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

// onSocket returns a Conn that reads and writes the descriptor of c.
func onSocket(t testing.TB, role proto.Role, c *net.TCPConn, opts conn.Options) *conn.Conn {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	opts.Socket = conn.NewSocket(raw)
	return open(role, c, &opts)
}

// The suite, with real sockets between the peer and the endpoint.
func TestConformanceOnSockets(t *testing.T) {
	conntest.NoLeaks(t, "octet/conn.")
	conntest.Run(t, func(role proto.Role, s conntest.Stream) {
		near, far := sockets(t)
		defer near.Close()
		defer s.Close()
		go func() {
			io.Copy(far, s)
			far.CloseWrite()
		}()
		done := make(chan struct{})
		go func() {
			io.Copy(s, far)
			s.(interface{ CloseWrite() error }).CloseWrite()
			close(done)
		}()
		echo(onSocket(t, role, near, conn.Options{}))
		<-done
	})
}

func TestSocketDeadlines(t *testing.T) {
	near, far := sockets(t)
	c := onSocket(t, proto.Server, near, conn.Options{})
	defer c.Abort()
	c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, _, err := c.NextMessage()
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("want a timeout, got %v", err)
	}
	big := strings.Repeat("x", 16<<20)
	c.SetWriteDeadline(time.Now().Add(time.Millisecond))
	err = c.WriteMessage(conn.Text, []byte(big))
	var e *conn.Error
	if !errors.As(err, &e) || e.Kind != conn.TimedOut || !e.Queued {
		t.Fatalf("want a timeout of a message that was taken, got %v", err)
	}
	c.SetDeadline(time.Time{})
	flushed := later(c.Flush)
	peer := conntest.NewPeer(t, proto.Client, far)
	peer.Want("the rest leaves with Flush", conntest.Text(big))
	if err := flushed(); err != nil {
		t.Fatal(err)
	}
	peer.Say(conntest.Text("hi"))
	if _, p, err := c.NextMessage(); string(p) != "hi" || err != nil {
		t.Fatalf("reading goes on: %q, %v", p, err)
	}
	far.Close()
	if _, _, err = c.NextMessage(); !errors.Is(err, io.EOF) || !errors.As(err, &e) || e.Kind != conn.Lost {
		t.Errorf("the end is told: %v", err)
	}
}

// Messages of all sizes in turn, so that buffers grow and shrink.
func TestSocketSizes(t *testing.T) {
	near, far := sockets(t)
	go echo(onSocket(t, proto.Server, near, conn.Options{}))
	c := onSocket(t, proto.Client, far, conn.Options{})
	var buf []byte
	for i := range 300 {
		n := i * i * i % 300_000
		s := strings.Repeat(string(rune('a'+i%26)), n)
		wrote := later(func() error { return c.WriteMessage(conn.Text, []byte(s)) })
		_, p, err := c.AppendMessage(buf[:0])
		if err != nil || string(p) != s {
			t.Fatalf("%d bytes: got %d bytes, %v", n, len(p), err)
		}
		buf = p
		if err := wrote(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBroadcast(t *testing.T) {
	const n = 20
	var conns []*conn.Conn
	var peers []*conntest.Peer
	for i := range n {
		near, far := sockets(t)
		if i == 7 || i == 8 { // they will not read for a while
			near.SetWriteBuffer(16 << 10)
		}
		c := onSocket(t, proto.Server, near, conn.Options{})
		if i == 3 { // one of them without a descriptor
			c = conn.Server(near, nil)
		}
		defer c.Abort()
		conns = append(conns, c)
		peers = append(peers, conntest.NewPeer(t, proto.Client, far))
	}
	conns[5].Abort()
	peers[5].Next()

	b := conn.Broadcaster{Queue: 40}
	big := strings.Repeat("x", 10000)
	var total conn.Sent
	const rounds = 100
	for i := range rounds {
		p, err := conn.NewPrepared(conn.Text, []byte(fmt.Sprint(i, big)))
		if err != nil {
			t.Fatal(err)
		}
		s := b.Send(p, slices.Values(conns))
		total.Written += s.Written
		total.Queued += s.Queued
		total.Dropped += s.Dropped
		total.Ended += s.Ended
		for j, peer := range peers {
			if j != 5 && j != 7 {
				peer.Want("a slow receiver does not delay the others", conntest.Text(fmt.Sprint(i, big)))
			}
		}
	}
	if sum := total.Written + total.Queued + total.Dropped + total.Ended; sum != n*rounds {
		t.Errorf("%d of %d messages accounted for", sum, n*rounds)
	}
	if total.Dropped == 0 || total.Dropped >= rounds || total.Ended != rounds {
		t.Errorf("the slow one loses what its queue does not hold, the closed one has ended: %+v", total)
	}
	last := -1
	for range rounds - total.Dropped {
		f, err := peers[7].Next()
		number, rest, _ := strings.Cut(f.Payload, "x")
		n, _ := strconv.Atoi(number)
		if err != nil || n <= last || "x"+rest != big {
			t.Fatalf("the slow one gets what it did not lose, in order: %v after %d, %v", f, last, err)
		}
		last = n
	}

	p, _ := conn.NewPrepared(conn.Text, []byte(strings.Repeat("y", 1<<20)))
	b = conn.Broadcaster{Queue: 2, Overflow: conn.AbortConn}
	for range 6 {
		b.Send(p, slices.Values(conns[8:9]))
	}
	if err := conns[8].WriteMessage(conn.Text, nil); err != conn.ErrClosed {
		t.Errorf("AbortConn gives a slow connection up: %v", err)
	}
}

// The peer reads our Close although it has sent more than was ever read, over
// real TCP.
func TestSocketNoReset(t *testing.T) {
	near, far := sockets(t)
	c := onSocket(t, proto.Server, near, conn.Options{})
	peer := conntest.NewPeer(t, proto.Client, far)
	peer.Say(conntest.Last("orphan"))
	go func() {
		junk := make([]byte, 1<<20)
		for range 8 {
			far.Write(junk)
		}
		far.CloseWrite()
	}()
	c.NextMessage()
	time.Sleep(10 * time.Millisecond)
	closed := later(c.Close)
	if f, err := peer.Next(); err != nil || !strings.HasPrefix(f.Payload, "\x03\xea") {
		t.Errorf("want Close 1002, got %v, %v", f, err)
	}
	peer.WantEnd("then the end, and no reset")
	closed()
}

// An echo allocates nothing, alone or in a batch (AllocsPerRun counts every
// goroutine's allocations, and the peer has none either).
func TestNoAllocations(t *testing.T) {
	for _, size := range []int{125, 1000, 70_000} {
		near, far := sockets(t)
		c := onSocket(t, proto.Server, near, conn.Options{})
		defer c.Abort()
		msg := conntest.Text(strings.Repeat("a", size)).Append(nil, true)
		for _, depth := range []int{1, 16} {
			batch := slices.Repeat(msg, depth)
			answers := make([]byte, len(batch)-4*depth) // as the peer's, without their keys
			say, hear, heard := make(chan bool), make(chan bool), make(chan bool)
			go func() {
				for range say {
					far.Write(batch)
				}
			}()
			go func() {
				for range hear {
					io.ReadFull(far, answers)
					heard <- true
				}
			}()
			n := testing.AllocsPerRun(50, func() {
				say <- true
				hear <- true
				for range depth {
					typ, p, err := c.NextMessage()
					if err == nil {
						err = c.WriteMessage(typ, p)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				<-heard
			})
			close(say)
			close(hear)
			if n > 0 && !conn.RaceEnabled {
				t.Errorf("%d bytes, %d at a time: %v allocations", size, depth, n)
			}
		}
	}
}
