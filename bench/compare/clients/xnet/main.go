// Command xnet is the least ws:// client on golang.org/x/net/websocket: it sends one message to the
// URL given and prints what comes back. Its stripped size is compared.
package main

import (
	"os"

	"golang.org/x/net/websocket"
)

func main() {
	c, err := websocket.Dial(os.Args[1], "", "http://127.0.0.1/")
	check(err)
	check(websocket.Message.Send(c, "hello"))
	var reply string
	check(websocket.Message.Receive(c, &reply))
	os.Stdout.WriteString(reply + "\n")
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
