//go:build !unix

package conn

// openSocket makes the Conn read and write its transport: there are no system
// calls on a descriptor here.
func (c *Conn) openSocket() {
	c.raw = nil
	c.in.lean = true
}

func (c *Conn) receiveSocket() (int, error)       { panic("BUG: no socket to read from") }
func (c *Conn) writeSocket(b []byte) (int, error) { panic("BUG: no socket to write to") }
func (c *Conn) writeNow(b []byte) int             { panic("BUG: no socket to write to") }
