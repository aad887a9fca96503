package conn

import (
	"math/rand/v2"
	"time"
)

// aliveness is what is remembered from one look at the connection to the
// next. Only the goroutine of the alarm uses it, one at a time.
type aliveness struct {
	bytesIn int64 // at the last look
	ping    *ping // the one that waits for an answer; nil if none does
}

// next returns the time until the next look.
func (k *Keepalive) next() time.Duration {
	if k.Exact {
		return k.Interval
	}
	return k.Interval - rand.N(k.Interval/8+1)
}

// lookAlive is called when the alarm rings: at the end of an interval, or
// when the time for an answer is over.
func (c *Conn) lookAlive() {
	k := &c.extra().alive
	heard := c.stats.bytesIn.Load()
	silent := heard == k.bytesIn
	k.bytesIn = heard
	waited := k.ping
	k.ping = nil
	switch {
	case c.end.Load() != nil:
		return
	case !silent || !c.reading():
		c.forget(waited)
		c.setAlarm(alarmKeepalive, c.keepalive.next())
	case waited == nil || c.keepalive.Timeout == 0:
		c.forget(waited)
		c.askAlive()
	case !c.wasSent(waited): // a writer is stuck, and the peer cannot know
		k.ping = waited
		c.setAlarm(alarmKeepalive, c.keepalive.Timeout)
	default:
		c.finish(&Error{Kind: NoPong})
		c.closeTransport()
	}
}

// askAlive sends a Ping and sets the time for its answer.
func (c *Conn) askAlive() {
	p := &ping{payload: []byte("keepalive")}
	c.extra().alive.ping = p
	if c.keepalive.Timeout > 0 {
		c.setAlarm(alarmKeepalive, c.keepalive.Timeout)
	} else {
		c.setAlarm(alarmKeepalive, c.keepalive.next())
	}
	c.sendPing(p) // last, as it may have to wait for the transport
}

// reading reports whether some goroutine reads, that is, waits for the
// transport: everything else that it does while reading is short.
func (c *Conn) reading() bool {
	if !c.rmu.TryLock() {
		return true
	}
	c.rmu.Unlock()
	return false
}

// forget gives up waiting for p, which may be nil.
func (c *Conn) forget(p *ping) {
	x := c.extra()
	x.omu.Lock()
	x.dropPing(p)
	x.omu.Unlock()
}

// wasSent reports whether p has left.
func (c *Conn) wasSent(p *ping) bool {
	x := c.extra()
	x.omu.Lock()
	defer x.omu.Unlock()
	return !p.at.IsZero()
}
