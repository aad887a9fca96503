//go:build linux

package main

import (
	"bufio"
	"io"
	"net"
	"slices"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// serveGobwas reads and writes frames by hand, as the library's low level
// invites to: the zero-copy upgrade on the bare connection, header checked,
// payload read behind room for the answer's header, one Write.
func serveGobwas(ln net.Listener, h *hub) error {
	return serveGobwasWith(ln, h, func(c net.Conn) {
		g := gobwasConn{Conn: c, in: bufio.NewReader(c)}
		for g.echo() == nil {
		}
	})
}

// serveGobwasUtil uses the library's helpers, which allocate each message.
func serveGobwasUtil(ln net.Listener, h *hub) error {
	return serveGobwasWith(ln, h, func(c net.Conn) {
		for {
			p, op, err := wsutil.ReadClientData(c)
			if err != nil {
				return
			}
			if err := wsutil.WriteServerMessage(c, op, p); err != nil {
				return
			}
		}
	})
}

func serveGobwasWith(ln net.Listener, h *hub, echo func(net.Conn)) error {
	var all conns[net.Conn]
	h.onBroadcast(func(p []byte) error {
		frame, err := ws.CompileFrame(ws.NewBinaryFrame(p))
		if err != nil {
			return err
		}
		return all.each(func(c net.Conn) error { _, err := c.Write(frame); return err })
	})
	return acceptEach(ln, func(c net.Conn) {
		if _, err := ws.Upgrade(c); err != nil {
			return
		}
		all.add(c, h)
		echo(c)
	})
}

type gobwasConn struct {
	net.Conn
	in     *bufio.Reader
	header [ws.MaxHeaderSize]byte
	buf    []byte // room for a header, then the payload
	out    appender
}

// appender is the io.Writer that the library wants for a header.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

func (g *gobwasConn) echo() error {
	h, err := ws.ReadHeaderBuffer(g.in, g.header[:ws.MaxHeaderSize-2])
	if err != nil {
		return err
	}
	if err := ws.CheckHeader(h, ws.StateServerSide); err != nil {
		return err
	}
	size := ws.MaxHeaderSize + int(h.Length)
	g.buf = slices.Grow(g.buf[:0], size)[:size]
	payload := g.buf[ws.MaxHeaderSize:]
	if _, err := io.ReadFull(g.in, payload); err != nil {
		return err
	}
	ws.Cipher(payload, h.Mask, 0)

	h.Masked = false
	start := ws.MaxHeaderSize - ws.HeaderSize(h)
	g.out = g.buf[start:start]
	if err := ws.WriteHeaderBuffer(&g.out, h, g.header[:]); err != nil {
		return err
	}
	_, err = g.Write(g.buf[start:])
	return err
}
