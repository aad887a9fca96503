//go:build linux

package main

import (
	"net"
	"net/http"

	"golang.org/x/net/websocket"
)

// serveXNet uses a codec of its own, since the package's Message forgets
// whether a message was text. A Server without Handshake accepts any Origin.
func serveXNet(ln net.Listener, h *hub) error {
	var all conns[*websocket.Conn]
	h.onBroadcast(func(p []byte) error {
		m := xnetMessage{websocket.BinaryFrame, p}
		return all.each(func(c *websocket.Conn) error { return xnetCodec.Send(c, m) })
	})
	return http.Serve(ln, websocket.Server{Handler: func(c *websocket.Conn) {
		all.add(c, h)
		var m xnetMessage
		for {
			if err := xnetCodec.Receive(c, &m); err != nil {
				return
			}
			if err := xnetCodec.Send(c, m); err != nil {
				return
			}
		}
	}})
}

type xnetMessage struct {
	kind byte
	p    []byte
}

var xnetCodec = websocket.Codec{
	Marshal: func(v any) ([]byte, byte, error) {
		m := v.(xnetMessage)
		return m.p, m.kind, nil
	},
	Unmarshal: func(p []byte, kind byte, v any) error {
		*v.(*xnetMessage) = xnetMessage{kind, p}
		return nil
	},
}
