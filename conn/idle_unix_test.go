//go:build unix

package conn

import (
	"net"
	"reflect"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn/conntest"
)

// What an idle connection on a socket costs: a Conn of this size at most, no
// buffer, and a stack that an echo has not grown beyond the least there is.
func TestIdleConnectionIsSmall(t *testing.T) {
	if size := reflect.TypeFor[Conn]().Size(); strconv.IntSize == 64 && size > 352 {
		t.Errorf("a Conn has %d bytes; above 352 the allocator takes the next class", size)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	const n = 200
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var conns []*Conn
	for range n {
		far, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		near, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := near.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		c := Server(near, &Options{Socket: NewSocket(raw)})
		defer c.Abort()
		conns = append(conns, c)
		go echoForever(c)
		peer := conntest.NewPeer(t, 0, far)
		peer.Say(conntest.Text("hello"))
		peer.Want("an echo", conntest.Text("hello"))
	}
	time.Sleep(50 * time.Millisecond) // they all wait by then, or hold a buffer and fail
	for _, c := range conns {
		if c.rmu.TryLock() {
			t.Fatal("nobody reads")
		}
	}
	runtime.ReadMemStats(&after)
	if stack := (after.StackInuse - before.StackInuse) / n; stack > 3000 && !raceEnabled {
		t.Errorf("%d bytes of stack each, want 2 KiB", stack)
	}
	for _, c := range conns {
		c.Abort()
		c.rmu.Lock() // the reader is out
		if c.in.buf != nil || c.out != nil || c.ext.Load() != nil {
			t.Fatal("an idle connection holds a buffer, or what it has no need of")
		}
	}
}

func echoForever(c *Conn) {
	for {
		typ, p, err := c.NextMessage()
		if err != nil || c.WriteMessage(typ, p) != nil {
			return
		}
	}
}
