package conn

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/octet-ws/octet/frame"
)

// maxReplies is the most that a Pong and a Close take.
const maxReplies = 2 * (frame.MaxHeaderSize + frame.MaxControlPayload)

// pinger is what a connection has to do with Pings of its own. Only ownPings makes
// one, so that a program without Ping and [Keepalive] links nothing of it. The
// caller holds omu.
type pinger interface {
	put(c *Conn)
	answer(c *Conn, payload []byte)
	end()
}

// pings are the Pings without a Pong, in the order of sending.
type pings struct {
	list  []*ping
	alive aliveness // what keepalive knows
}

// ping is one that waits for its Pong.
type ping struct {
	payload  []byte
	at       time.Time // when it was sent; zero before
	answered bool
	done     chan struct{} // closed when it is answered or never will be; may be nil
}

// Ping sends a Ping with payload, at most 125 bytes of which are allowed, and
// waits for its Pong, whose time is then in Stats. Somebody must be reading,
// for Pongs arrive like messages. The Pong of a later Ping counts as well,
// since a peer need only answer the last one (F48).
//
// The error is ctx's if that ends first, frame.RuleControlLength if payload
// is too long, and otherwise as from WriteMessage. A Ping does not wait for a
// writer who is stuck: that one sends it.
func (c *Conn) Ping(ctx context.Context, payload []byte) error {
	if len(payload) > frame.MaxControlPayload {
		return frame.RuleControlLength
	}
	p := &ping{payload: bytes.Clone(payload), done: make(chan struct{})}
	if err := c.sendPing(p); err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
	}
	x := c.extra()
	x.omu.Lock()
	defer x.omu.Unlock()
	x.pings.(*pings).drop(p)
	switch e := c.end.Load(); {
	case p.answered:
		return nil
	case e != nil:
		return e.err
	}
	return ctx.Err()
}

// sendPing sends p or has it sent.
func (c *Conn) sendPing(p *ping) error {
	x := c.extra()
	x.omu.Lock()
	if e := c.end.Load(); e != nil {
		x.omu.Unlock()
		return e.err
	}
	ps := x.ownPings()
	ps.list = append(ps.list, p)
	x.omu.Unlock()
	c.leave(dutyPing)
	return nil
}

// ownPings returns the pings, and makes them if need be. The caller holds omu.
func (x *extra) ownPings() *pings {
	if x.pings == nil {
		x.pings = new(pings)
	}
	return x.pings.(*pings)
}

// drop gives up waiting for p.
func (ps *pings) drop(p *ping) {
	ps.list = slices.DeleteFunc(ps.list, func(q *ping) bool { return q == p })
}

// putPings adds the Pings that were not sent yet to out.
func (c *Conn) putPings() {
	x := c.extra()
	x.omu.Lock()
	if x.pings != nil {
		x.pings.put(c)
	}
	x.omu.Unlock()
}

func (ps *pings) put(c *Conn) {
	now := time.Now()
	for _, p := range ps.list {
		if !p.at.IsZero() {
			continue
		}
		if c.put(frame.Ping, p.payload, true) != nil {
			return // after our Close
		}
		p.at = now
	}
}

// pong takes note of the peer's Pong. One of no Ping means nothing (F49).
func (c *Conn) pong(payload []byte) {
	x := c.ext.Load()
	if x == nil {
		return
	}
	x.omu.Lock()
	if x.pings != nil {
		x.pings.answer(c, payload)
	}
	x.omu.Unlock()
}

// answer takes note of a Pong: the Ping of that payload is answered, and those
// before it.
func (ps *pings) answer(c *Conn, payload []byte) {
	for i, p := range ps.list {
		if p.at.IsZero() || !bytes.Equal(p.payload, payload) {
			continue
		}
		rtt := time.Since(p.at)
		c.extra().roundTrip.Store(int64(rtt))
		if c.trace != nil && c.trace.RoundTrip != nil {
			c.trace.RoundTrip(rtt)
		}
		for _, q := range ps.list[:i+1] {
			q.answered = true
			q.end()
		}
		ps.list = slices.Delete(ps.list, 0, i+1)
		return
	}
}

// end wakes all who wait for a Pong; the connection is over.
func (ps *pings) end() {
	for _, p := range ps.list {
		p.end()
	}
	ps.list = nil
}

// end wakes who waits for p.
func (p *ping) end() {
	if p.done != nil {
		close(p.done)
	}
}
