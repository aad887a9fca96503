//go:build linux

package main

import (
	"net"
	"net/http"

	"github.com/lxzan/gws"
)

// serveGWSHTTP is gws inside net/http. Its read loop runs in a goroutine of its
// own, as its documentation has it, so that the handler returns.
func serveGWSHTTP(ln net.Listener, h *hub) error {
	handler := &gwsHandler{hub: h}
	handler.broadcasts()
	upgrader := gws.NewUpgrader(handler, nil)
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := upgrader.Upgrade(w, r); err == nil {
			go c.ReadLoop()
		}
	}))
}
