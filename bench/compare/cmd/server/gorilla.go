//go:build linux

package main

import (
	"bytes"
	"net"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// serveGorilla reads through NextReader into a pooled buffer: ReadMessage
// would start from 512 bytes and grow for every message (io.ReadAll). The
// buffer is taken only when a message has begun, so an idle connection holds
// none. Buffer sizes of zero keep those net/http has already allocated, and
// the pool lends the write buffer for the time of a message. The handler
// returns, which lets net/http forget the request.
func serveGorilla(ln net.Listener, h *hub) error {
	upgrader := websocket.Upgrader{
		WriteBufferPool: new(sync.Pool),
		CheckOrigin:     func(*http.Request) bool { return true },
	}
	var all conns[*websocket.Conn]
	h.onBroadcast(func(p []byte) error {
		m, err := websocket.NewPreparedMessage(websocket.BinaryMessage, p)
		if err != nil {
			return err
		}
		return all.each(func(c *websocket.Conn) error { return c.WritePreparedMessage(m) })
	})
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		all.add(c, h)
		go func() {
			defer c.Close()
			for echoGorilla(c) == nil {
			}
		}()
	}))
}

func echoGorilla(c *websocket.Conn) error {
	kind, r, err := c.NextReader()
	if err != nil {
		return err
	}
	buf := messages.Get().(*bytes.Buffer)
	defer messages.Put(buf)
	buf.Reset()
	if _, err := buf.ReadFrom(r); err != nil {
		return err
	}
	return c.WriteMessage(kind, buf.Bytes())
}

// messages lends buffers for the time between a message and its answer.
var messages = sync.Pool{New: func() any { return new(bytes.Buffer) }}
