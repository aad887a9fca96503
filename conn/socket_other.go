//go:build !unix

package conn

import "syscall"

// NewSocket returns the zero Socket: there are no system calls on a descriptor
// here, and a Conn reads and writes its transport.
func NewSocket(raw syscall.RawConn) Socket { return Socket{} }

func (c *Conn) writeNow(b []byte) int { panic("BUG: no socket to write to") }
