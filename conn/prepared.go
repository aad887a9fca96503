package conn

import (
	"github.com/octet-ws/octet/frame"
)

// Prepared is a message that was framed once to be sent on many connections.
// It does not change and may be used by any number of goroutines.
type Prepared struct {
	typ    MessageType
	header frame.Header // as a server sends it
	frame  []byte       // header and payload
}

// NewPrepared returns payload, which is copied, as a message to send many
// times. Connections of servers send the same bytes; those of clients mask
// them each time, as they must (F15). A t that is neither Text nor Binary is
// refused with frame.RuleOpcode.
func NewPrepared(t MessageType, payload []byte) (*Prepared, error) {
	if t != Text && t != Binary {
		return nil, frame.RuleOpcode
	}
	h := frame.Header{Fin: true, Opcode: frame.Opcode(t), Length: int64(len(payload))}
	b := make([]byte, 0, h.Size()+len(payload))
	return &Prepared{typ: t, header: h, frame: append(h.Append(b), payload...)}, nil
}

// payload returns the message itself.
func (p *Prepared) payload() []byte { return p.frame[p.header.Size():] }

// WritePrepared sends p as WriteMessage would.
func (c *Conn) WritePrepared(p *Prepared) error {
	turn := c.lockMessage()
	err := c.writePrepared(p)
	c.unlockMessage(turn)
	return err
}

// writePrepared is writeFrame for a prepared message: what need not be copied
// is not.
func (c *Conn) writePrepared(p *Prepared) error {
	if c.server == nil || c.out != nil || c.holds(len(p.frame)) {
		return c.writeFrame(p.header.Opcode, p.payload(), true)
	}
	if err := c.beginPrepared(p); err != nil {
		return err
	}
	return c.through(p.frame)
}

// beginPrepared takes note that p is about to be sent as it is.
func (c *Conn) beginPrepared(p *Prepared) error {
	if err := c.usable(); err != nil {
		return err
	}
	if _, err := c.ep.BeginFrame(p.header.Opcode, p.header.Length, true); err != nil {
		return c.refusal(err)
	}
	c.counted(&p.header)
	return nil
}
