package ws_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
)

// A server that greets, and a client that listens.
func Example() {
	l, err := ws.Listen("tcp", "127.0.0.1:0", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	go l.Serve(func(c *conn.Conn, r *handshake.Request) {
		c.WriteMessage(conn.Text, []byte("Hello, "+r.Target))
	})

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, _, err := ws.Dial(ctx, "ws://"+l.Addr().String()+"/you", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, message, err := c.ReadMessage()
	fmt.Println(string(message), err)
	c.Close()
	l.Shutdown(ctx)
	// Output: Hello, /you <nil>
}

// A refused handshake tells what was sent and what came back.
func ExampleDial_refused() {
	l, err := ws.Listen("tcp", "127.0.0.1:0", &ws.ListenOptions{Accept: ws.AcceptOptions{Chooser: &handshake.Chooser{
		Decide: func(r *handshake.Request, _ handshake.Offer, a handshake.Answer) (handshake.Answer, error) {
			if !r.Fields.Has("Authorization") {
				return a, &handshake.Refusal{Status: 401, Body: "who are you?\n"}
			}
			return a, nil
		},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	go l.Serve(func(*conn.Conn, *handshake.Request) {})
	defer l.Close()

	_, _, err = ws.Dial(context.Background(), "ws://"+l.Addr().String()+"/", nil)
	var refused *handshake.RefusedError
	if errors.As(err, &refused) {
		fmt.Println(refused.Phase, refused.Response.Status, string(refused.Response.Body))
	}
	// Output: answer 401 who are you?
}

// A session subscribes anew on every connection it makes.
func ExampleSession() {
	subscribe := func(ctx context.Context, c *conn.Conn, _ *handshake.Response) error {
		if err := c.WriteMessage(conn.Text, []byte(`{"subscribe":"trades"}`)); err != nil {
			return err
		}
		for {
			_, message, err := c.NextMessage()
			if err != nil {
				return err // the session judges it, and dials again or ends
			}
			fmt.Println(string(message))
		}
	}
	s := &ws.Session{
		URL:     "wss://example.com/feed",
		Serve:   subscribe,
		Waiting: func(w ws.Wait) { fmt.Println("again in", w.Delay, "after", w.Err, w.Advice()) },
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // for the example not to reach out
	fmt.Println(s.Run(ctx))
	// Output: context canceled
}
