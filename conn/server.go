package conn

import (
	"io"

	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// Server is Client for the server's end.
func Server(rwc io.ReadWriteCloser, opts *Options) *Conn {
	return open(rwc, State{Role: proto.Server}, &serverEnd, opts)
}

// serverOps is what pays at a server's end alone: messages of many clients are
// read in batches and, as nothing that a server sends is masked, answered where
// they are. A Conn reaches it by this struct, so that a program which only has
// clients does not link it.
type serverOps struct {
	decodeAhead func(*Conn)
	takeAhead   func(*Conn) (MessageType, []byte, span)
	putInPlace  func(c *Conn, op frame.Opcode, p []byte, fin bool) ([]byte, error)
}

var serverEnd = serverOps{(*Conn).decodeAhead, (*Conn).takeAhead, (*Conn).putInPlace}

// inPlace reports whether p is the message that NextMessage returned last, as
// in a server that echoes. There is room for a header in front of it, and as
// the caller still has p, the reader leaves its buffer alone.
func (c *Conn) inPlace(p []byte) bool {
	return c.server != nil && len(p) > 0 && c.lent.Load() == &p[0]
}

// putInPlace makes a frame of the message in the receive buffer.
func (c *Conn) putInPlace(op frame.Opcode, p []byte, fin bool) ([]byte, error) {
	h, err := c.ep.BeginFrame(op, int64(len(p)), fin)
	if err != nil {
		return nil, c.refusal(err)
	}
	c.counted(&h)
	end := c.in.buf.m0 + len(p)
	b := c.in.buf.b[end-len(p)-h.Size() : end]
	h.Append(b[:0])
	return b, nil
}
