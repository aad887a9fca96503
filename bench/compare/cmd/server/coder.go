//go:build linux

package main

import (
	"bytes"
	"context"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// serveCoder reads through Reader into a pooled buffer, for Read collects
// every message with io.ReadAll. Compression is off, as it is by default, and
// the context is one that never ends: one that can costs a registration per
// operation. The handler returns, which lets net/http forget the request.
func serveCoder(ln net.Listener, h *hub) error {
	accept := websocket.AcceptOptions{InsecureSkipVerify: true}
	var all conns[*websocket.Conn]
	h.onBroadcast(func(p []byte) error {
		return all.each(func(c *websocket.Conn) error {
			return c.Write(context.Background(), websocket.MessageBinary, p)
		})
	})
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &accept)
		if err != nil {
			return
		}
		c.SetReadLimit(-1)
		all.add(c, h)
		go func() {
			defer c.CloseNow()
			for echoCoder(c) == nil {
			}
		}()
	}))
}

func echoCoder(c *websocket.Conn) error {
	ctx := context.Background()
	kind, r, err := c.Reader(ctx)
	if err != nil {
		return err
	}
	buf := messages.Get().(*bytes.Buffer)
	defer messages.Put(buf)
	buf.Reset()
	if _, err := buf.ReadFrom(r); err != nil {
		return err
	}
	return c.Write(ctx, kind, buf.Bytes())
}
