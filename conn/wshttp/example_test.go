package wshttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/conn/wshttp"
	"github.com/octet-ws/octet/frame"
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

// A server that goes away ends its requests first, so that no more connections
// are opened, and then tells each of the open ones.
func ExampleUpgrade_shutdown() {
	var mu sync.Mutex
	open := map[*conn.Conn]bool{}
	var running sync.WaitGroup

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wshttp.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		mu.Lock()
		open[c] = true
		mu.Unlock()
		running.Go(func() {
			defer func() {
				c.Close()
				mu.Lock()
				delete(open, c)
				mu.Unlock()
			}()
			for {
				if _, _, err := c.NextMessage(); err != nil {
					return
				}
			}
		})
	}))
	shutdown := func(ctx context.Context) error {
		err := server.Config.Shutdown(ctx)
		mu.Lock()
		for c := range open {
			running.Go(func() { c.CloseWith(ctx, frame.CloseGoingAway, "maintenance") })
		}
		mu.Unlock()
		running.Wait() // no longer than ctx allows
		return err
	}

	c, _, err := ws.Dial(context.Background(), "ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	down := make(chan error)
	go func() { down <- shutdown(ctx) }()
	_, _, err = c.ReadMessage()
	fmt.Println(err)
	c.Close()
	fmt.Println(<-down)
	// Output:
	// websocket: closed by the peer: 1001 going away "maintenance"
	// <nil>
}
