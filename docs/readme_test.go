package docs

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/conn/wshttp"
)

// The snippets of README.md are the bodies of these examples, from the second
// paragraph on.

func Example_readme() {
	ctx := context.Background()
	server := httptest.NewServer(nil)
	defer server.Close()
	url := "ws" + strings.TrimPrefix(server.URL, "http") + "/echo"

	http.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		c, err := wshttp.Upgrade(w, r, nil) // same origin only, messages of 16 MiB at most
		if err != nil {
			return // answered already
		}
		go func() {
			defer c.Close()
			for {
				t, message, err := c.NextMessage()
				if err != nil || c.WriteMessage(t, message) != nil {
					return
				}
			}
		}()
	})

	c, _, err := ws.Dial(ctx, url, nil)
	if err != nil {
		fmt.Println(err) // one line; a *handshake.RefusedError in it has both heads
		return
	}
	defer c.Close()
	c.WriteMessage(conn.Text, []byte("Hello"))
	_, message, err := c.ReadMessage()
	fmt.Println(string(message), err)
	// Output: Hello <nil>
}
