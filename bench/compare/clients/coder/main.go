// Command coder is the least ws:// client on coder/websocket: it sends one message to the
// URL given and prints what comes back. Its stripped size is compared.
package main

import (
	"context"
	"os"

	"github.com/coder/websocket"
)

func main() {
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, os.Args[1], nil)
	check(err)
	check(c.Write(ctx, websocket.MessageText, []byte("hello")))
	_, reply, err := c.Read(ctx)
	check(err)
	os.Stdout.Write(append(reply, '\n'))
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
