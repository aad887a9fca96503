//go:build linux

package main

import (
	"net"
	"net/http"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/wshttp"
)

// serveOctetHTTP is Octet inside net/http, every option at its default.
func serveOctetHTTP(ln net.Listener, h *hub) error {
	var all conns[*conn.Conn]
	h.onBroadcast(func(p []byte) error { return broadcastOctet(p, &all) })
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := wshttp.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		all.add(c, h)
		go func() {
			defer c.Abort()
			echoOctet(c)
		}()
	}))
}
