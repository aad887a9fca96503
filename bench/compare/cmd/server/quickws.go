//go:build linux

package main

import (
	"net"
	"net/http"

	"github.com/antlabs/quickws"
)

// serveQuickws upgrades inside net/http, the only way there is, and starts the
// library's loop, which reads into a pooled buffer through its window (the
// default parse mode); the handler returns. Pings are answered, which is off
// by default. Text is not checked, as is the default. There are no prepared
// messages: a broadcast writes to each connection.
func serveQuickws(ln net.Listener, h *hub) error {
	handler := &quickwsHandler{hub: h}
	h.onBroadcast(func(p []byte) error {
		return handler.all.each(func(c *quickws.Conn) error { return c.WriteMessage(quickws.Binary, p) })
	})
	upgrade := quickws.NewUpgrade(quickws.WithServerCallback(handler), quickws.WithServerReplyPing())
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := upgrade.Upgrade(w, r); err == nil {
			c.StartReadLoop()
		}
	}))
}

type quickwsHandler struct {
	quickws.DefCallback
	hub *hub
	all conns[*quickws.Conn]
}

func (h *quickwsHandler) OnOpen(c *quickws.Conn) { h.all.add(c, h.hub) }

func (h *quickwsHandler) OnMessage(c *quickws.Conn, op quickws.Opcode, p []byte) {
	if op == quickws.Text || op == quickws.Binary {
		c.WriteMessage(op, p)
	}
}
