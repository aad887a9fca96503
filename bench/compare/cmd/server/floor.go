//go:build linux

package main

import (
	"net"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
)

// serveFloor answers each message with a Write of its own.
func serveFloor(ln net.Listener, h *hub) error {
	return serveFloors(ln, h, false)
}

// serveFloorBatch answers all messages of one Read with one Write.
func serveFloorBatch(ln net.Listener, h *hub) error {
	return serveFloors(ln, h, true)
}

func serveFloors(ln net.Listener, h *hub, batch bool) error {
	var all conns[net.Conn]
	h.onBroadcast(func(p []byte) error {
		frame := append(floor.Header{First: 0x82, Length: len(p)}.Append(nil), p...)
		return all.each(func(c net.Conn) error { _, err := c.Write(frame); return err })
	})
	return acceptEach(ln, func(c net.Conn) {
		f := floorConn{Conn: c, buf: make([]byte, 4096), batch: batch}
		if f.upgrade() {
			all.add(c, h)
			f.echo()
		}
	})
}

// acceptEach runs f on a goroutine of its own for each connection, and closes
// the connection when f returns.
func acceptEach(ln net.Listener, f func(net.Conn)) error {
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			f(c)
		}()
	}
}

// floorConn is a connection with the bytes read and not yet used, which are
// buf[from:to].
type floorConn struct {
	net.Conn
	buf      []byte
	from, to int
	batch    bool
}

// fill reads once behind buf[from:to], after making room for need bytes in
// all: by moving what is there to the front, and by growing.
func (f *floorConn) fill(need int) bool {
	if f.from == f.to {
		f.from, f.to = 0, 0
	}
	if len(f.buf)-f.from < need || f.to == len(f.buf) {
		old := f.buf
		if len(f.buf) < need {
			f.buf = make([]byte, need)
		}
		f.from, f.to = 0, copy(f.buf, old[f.from:f.to])
	}
	n, err := f.Read(f.buf[f.to:])
	f.to += n
	return n > 0 || err == nil
}

func (f *floorConn) upgrade() bool {
	for f.fill(0) {
		answer, n := floor.Answer(nil, f.buf[f.from:f.to])
		if n > 0 {
			f.from += n
			_, err := f.Write(answer)
			return err == nil
		}
	}
	return false
}

func (f *floorConn) echo() {
	for need := 0; ; {
		if f.from < f.to {
			var ok bool
			if need, ok = f.answer(); !ok {
				return
			}
		}
		if !f.fill(need) {
			return
		}
	}
}

// answer sends back every whole frame in the buffer. need is the size of the
// frame that is there in part.
func (f *floorConn) answer() (need int, ok bool) {
	if f.batch {
		unread := f.buf[f.from:f.to]
		start, end, used, need := floor.EchoAll(unread)
		f.from += used
		if start == end {
			return need, true
		}
		_, err := f.Write(unread[start:end])
		return need, err == nil
	}
	for {
		unread := f.buf[f.from:f.to]
		start, end, need := floor.Echo(unread)
		if end == 0 {
			return need, true
		}
		f.from += end
		if _, err := f.Write(unread[start:end]); err != nil {
			return 0, false
		}
	}
}
