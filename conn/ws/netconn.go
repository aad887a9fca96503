package ws

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/frame"
)

// NetConn returns c as a stream of bytes, for protocols that know nothing of
// messages. Each Write sends one message of the given type; Read takes the
// payloads of the peer's messages one behind the other, whatever their type. A
// peer that closes with status 1000 or 1001, or without one, is io.EOF; Close is
// c.Close. There is no CloseWrite, since a Close ends both directions of a
// WebSocket connection (RFC 6455 §5.5.1): a protocol that says by the end of one
// direction that it waits for the other has to say so otherwise.
//
// A message of type Text must be valid UTF-8, which bytes in general are not:
// the type is Binary unless the peer insists on another.
//
// As with any net.Conn, all methods may be called by several goroutines. Do not
// read from c itself any more.
func NetConn(c *conn.Conn, t conn.MessageType) net.Conn {
	return &netConn{c: c, t: t}
}

type netConn struct {
	c *conn.Conn
	t conn.MessageType

	mu  sync.Mutex // held by the goroutine that reads
	msg io.Reader  // the message being read, or nil
}

func (n *netConn) Read(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if n.msg == nil {
			_, msg, err := n.c.NextReader()
			if err != nil {
				return 0, endOfStream(err)
			}
			n.msg = msg
		}
		got, err := n.msg.Read(p)
		if err == io.EOF { // of the message alone
			n.msg, err = nil, nil
		}
		if got > 0 || err != nil {
			return got, endOfStream(err)
		}
	}
}

// endOfStream makes io.EOF of a Close that says all is well.
func endOfStream(err error) error {
	switch conn.CloseCode(err) {
	case frame.CloseNormal, frame.CloseGoingAway, frame.CloseNoStatus:
		return io.EOF
	}
	return err
}

func (n *netConn) Write(p []byte) (int, error) {
	if err := n.c.WriteMessage(n.t, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (n *netConn) Close() error                       { return n.c.Close() }
func (n *netConn) SetDeadline(t time.Time) error      { return n.c.SetDeadline(t) }
func (n *netConn) SetReadDeadline(t time.Time) error  { return n.c.SetReadDeadline(t) }
func (n *netConn) SetWriteDeadline(t time.Time) error { return n.c.SetWriteDeadline(t) }

// LocalAddr and RemoteAddr are those of the transport, or say that it has none.
func (n *netConn) LocalAddr() net.Addr {
	if nc, ok := n.c.Transport().(net.Conn); ok {
		return nc.LocalAddr()
	}
	return noAddr{}
}

func (n *netConn) RemoteAddr() net.Addr {
	if nc, ok := n.c.Transport().(net.Conn); ok {
		return nc.RemoteAddr()
	}
	return noAddr{}
}

type noAddr struct{}

func (noAddr) Network() string { return "websocket" }
func (noAddr) String() string  { return "websocket" }
