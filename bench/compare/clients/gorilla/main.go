// Command gorilla is the least ws:// client on gorilla/websocket: it sends one message to the
// URL given and prints what comes back. Its stripped size is compared.
package main

import (
	"os"

	"github.com/gorilla/websocket"
)

func main() {
	c, _, err := websocket.DefaultDialer.Dial(os.Args[1], nil)
	check(err)
	check(c.WriteMessage(websocket.TextMessage, []byte("hello")))
	_, reply, err := c.ReadMessage()
	check(err)
	os.Stdout.Write(append(reply, '\n'))
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
