//go:build linux

package main

import (
	"net"

	"github.com/lxzan/gws"
)

// serveGWS uses the library's own server, which reads the request itself and
// takes read buffers from a pool. Messages are handled in the reader's
// goroutine, as is the default, and text is not checked, as is the default.
func serveGWS(ln net.Listener, h *hub) error {
	handler := &gwsHandler{hub: h}
	handler.broadcasts()
	return gws.NewServer(handler, nil).RunListener(ln)
}

type gwsHandler struct {
	gws.BuiltinEventHandler
	hub *hub
	all conns[*gws.Conn]
}

func (h *gwsHandler) broadcasts() {
	h.hub.onBroadcast(func(p []byte) error {
		b := gws.NewBroadcaster(gws.OpcodeBinary, p)
		defer b.Close()
		return h.all.each(func(c *gws.Conn) error { return b.Broadcast(c) })
	})
}

func (h *gwsHandler) OnOpen(c *gws.Conn) { h.all.add(c, h.hub) }

func (h *gwsHandler) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	c.WriteMessage(m.Opcode, m.Bytes())
}
