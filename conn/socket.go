package conn

import "syscall"

// A Socket is the file descriptor under a transport, for [Options]. NewSocket
// makes one: what reads and writes descriptors is linked only into programs that
// call it.
type Socket struct {
	raw      syscall.RawConn
	defaults *settings // of connections that have one
}

// socketOps is what a Conn does with its descriptor.
type socketOps struct {
	onReadable func(c *Conn, fd uintptr) bool
	receive    func(*Conn) (int, error)
	write      func(*Conn, []byte) (int, error)
}

// openSocket prepares for reading the file descriptor, if there is one.
func (c *Conn) openSocket() {
	if c.raw == nil {
		c.in.lean = true
		return
	}
	c.ready = func(fd uintptr) bool { return c.socket.onReadable(c, fd) }
}

// receiveSocket waits until the descriptor is readable and reads from it to
// the receive buffer. There is none while it waits, unless there is something
// in it.
func (c *Conn) receiveSocket() (int, error) { return c.socket.receive(c) }

// writeSocket writes b to the descriptor and returns how many bytes of it were
// taken.
func (c *Conn) writeSocket(b []byte) (int, error) { return c.socket.write(c, b) }
