//go:build linux

package main

import (
	"net"
	"net/http"

	"github.com/lesismal/nbio"
	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
)

// serveNbio runs the library's non-blocking engine, edge-triggered. Handlers
// run on the poller (the executor calls them at once): an echo never blocks,
// and a pool of goroutines would only add a hop. No keepalive, whose deadline
// is set anew for each message. Frames as long as their message: by default
// they are cut at 32 KiB.
func serveNbio(ln net.Listener, h *hub) error {
	logging.SetLevel(logging.LevelNone)
	upgrader := websocket.NewUpgrader()
	upgrader.KeepaliveTime = 0
	upgrader.CheckOrigin = func(*http.Request) bool { return true }
	upgrader.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, p []byte) {
		c.WriteMessage(kind, p)
	})
	var all conns[*websocket.Conn]
	upgrader.OnOpen(func(c *websocket.Conn) { all.add(c, h) })
	h.onBroadcast(func(p []byte) error {
		return all.each(func(c *websocket.Conn) error { return c.WriteMessage(websocket.BinaryMessage, p) })
	})
	engine := nbhttp.NewEngine(nbhttp.Config{
		Network:                      "tcp",
		Addrs:                        []string{ln.Addr().String()},
		Listen:                       func(string, string) (net.Listener, error) { return ln, nil },
		MaxLoad:                      1 << 20,
		EpollMod:                     nbio.EPOLLET,
		ReleaseWebsocketPayload:      true,
		ServerExecutor:               func(f func()) { f() },
		MaxWebsocketFramePayloadSize: 1 << 30,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			upgrader.Upgrade(w, r, nil)
		}),
	})
	upgrader.Engine = engine
	if err := engine.Start(); err != nil {
		return err
	}
	select {}
}
