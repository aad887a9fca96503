// Command nbio is the least ws:// client on lesismal/nbio: it sends one message to the
// URL given and prints what comes back. Its stripped size is compared.
package main

import (
	"os"
	"time"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
)

func main() {
	logging.SetLevel(logging.LevelNone)
	engine := nbhttp.NewEngine(nbhttp.Config{})
	check(engine.Start())
	reply := make(chan string, 1)
	upgrader := websocket.NewUpgrader()
	upgrader.OnMessage(func(_ *websocket.Conn, _ websocket.MessageType, p []byte) { reply <- string(p) })
	dialer := websocket.Dialer{Engine: engine, Upgrader: upgrader, DialTimeout: time.Second}
	c, _, err := dialer.Dial(os.Args[1], nil)
	check(err)
	check(c.WriteMessage(websocket.TextMessage, []byte("hello")))
	os.Stdout.WriteString(<-reply + "\n")
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
