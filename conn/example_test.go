package conn_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/frame"
)

// The two ends of a connection over a stream of the caller's, on which the
// opening handshake is over: a server that echoes, and a client that closes.
func Example() {
	a, b := net.Pipe()
	go func() {
		c := conn.Server(b, nil)
		defer c.Close()
		for {
			t, message, err := c.NextMessage()
			if err != nil {
				return
			}
			if err := c.WriteMessage(t, message); err != nil {
				return
			}
		}
	}()

	c := conn.Client(a, nil)
	c.WriteMessage(conn.Text, []byte("Hello"))
	_, message, err := c.ReadMessage()
	fmt.Println(string(message), err)

	fmt.Println(c.CloseWith(context.Background(), frame.CloseNormal, "that was all"))
	_, _, err = c.ReadMessage()
	fmt.Println(errors.Is(err, conn.ErrClosed), conn.CloseCode(err))
	// Output:
	// Hello <nil>
	// <nil>
	// true 1000 normal closure
}

// One message goes to many, of which none is waited for.
func ExampleBroadcaster() {
	var room []*conn.Conn
	var members []*conn.Conn
	for range 3 {
		a, b := net.Pipe()
		room = append(room, conn.Server(a, nil))
		members = append(members, conn.Client(b, nil))
	}
	message, err := conn.NewPrepared(conn.Text, []byte("news"))
	if err != nil {
		fmt.Println(err)
		return
	}
	everybody := conn.Broadcaster{Queue: 8, Overflow: conn.AbortConn}
	sent := everybody.Send(message, slices.Values(room))
	fmt.Println(sent.Written+sent.Queued, "have it or will")
	for _, c := range members {
		_, p, err := c.ReadMessage()
		fmt.Println(string(p), err)
		c.Abort()
	}
	// Output:
	// 3 have it or will
	// news <nil>
	// news <nil>
	// news <nil>
}

// A read that times out is called again, wherever in a message it stopped.
func ExampleConn_SetReadDeadline() {
	a, b := net.Pipe()
	c := conn.Client(a, nil)
	defer c.Abort()
	b.SetDeadline(time.Now().Add(10 * time.Second))
	go b.Write([]byte("\x81\x0aHello")) // a text frame of 10 bytes, the first 5 of them

	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_, _, err := c.NextMessage()
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded))

	go b.Write([]byte(", you"))
	c.SetReadDeadline(time.Time{})
	_, message, err := c.NextMessage()
	fmt.Println(string(message), err)
	// Output:
	// true
	// Hello, you <nil>
}
