//go:build linux

package main

import (
	"fmt"
	"net"
	"slices"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
)

// serveOctet is Octet's listener with every option at its default: limits,
// UTF-8 validation and coalescing are on, keepalive is off.
func serveOctet(ln net.Listener, h *hub) error {
	var all conns[*conn.Conn]
	h.onBroadcast(func(p []byte) error { return broadcastOctet(p, &all) })
	return ws.NewListener(ln, nil).Serve(func(c *conn.Conn, _ *handshake.Request) {
		all.add(c, h)
		echoOctet(c)
	})
}

func echoOctet(c *conn.Conn) {
	for {
		t, p, err := c.NextMessage()
		if err != nil {
			return
		}
		if err := c.WriteMessage(t, p); err != nil {
			return
		}
	}
}

func broadcastOctet(p []byte, all *conns[*conn.Conn]) error {
	m, err := conn.NewPrepared(conn.Binary, p)
	if err != nil {
		return err
	}
	var b conn.Broadcaster
	// What is dropped was for a client that does not read.
	if sent := b.Send(m, slices.Values(all.list())); sent.Ended > 0 {
		return fmt.Errorf("%+v", sent)
	}
	return nil
}
