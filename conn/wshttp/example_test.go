package wshttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/conn/wshttp"
	"github.com/octet-ws/octet/handshake"
)

// A handler upgrades, leaves the connection to a goroutine and returns, which
// gives net/http's memory for the request back.
func ExampleUpgrade() {
	opts := &wshttp.Options{Chooser: &handshake.Chooser{
		Origins:      []string{"https://*.example.com"},
		Subprotocols: []string{"v2", "v1"},
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wshttp.Upgrade(w, r, opts)
		if err != nil {
			return // the client has been answered
		}
		go func() {
			c.WriteMessage(conn.Text, []byte("you speak "+c.Subprotocol()))
			c.Close()
		}()
	}))
	defer server.Close()

	url := "ws" + strings.TrimPrefix(server.URL, "http")
	c, _, err := ws.Dial(context.Background(), url, &ws.DialOptions{Subprotocols: []string{"v1"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	_, message, _ := c.ReadMessage()
	fmt.Println(string(message))
	// Output: you speak v1
}

// A server that goes away takes no more requests, and tells those who are
// connected.
func ExampleConns() {
	var clients wshttp.Conns
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wshttp.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		clients.Go(c, func() {
			for {
				t, message, err := c.NextMessage()
				if err != nil || c.WriteMessage(t, message) != nil {
					return
				}
			}
		})
	}))
	c, _, err := ws.Dial(context.Background(), "ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c.WriteMessage(conn.Text, []byte("Hello"))
	_, message, _ := c.ReadMessage()
	fmt.Println(string(message))

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	down := make(chan error)
	go func() {
		err := server.Config.Shutdown(ctx)
		down <- errors.Join(err, clients.Shutdown(ctx))
	}()
	_, _, err = c.ReadMessage()
	fmt.Println(err)
	c.Close()
	fmt.Println(<-down)
	// Output:
	// Hello
	// websocket: closed by the peer: 1001 going away
	// <nil>
}
