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

func (k Keepalive) on() bool      { return k.Interval > 0 }
func (k Keepalive) watch(c *Conn) { c.setAlarm(alarmKeepalive, k.next()) }

// aliveness returns c's.
func (c *Conn) aliveness() *aliveness {
	x := c.extra()
	x.omu.Lock()
	defer x.omu.Unlock()
	return &x.ownPings().alive
}

// timeout is how long an answer may take, 0 for ever.
func (k Keepalive) timeout() time.Duration { return orDefault(k.Timeout, DefaultPongTimeout) }

// next returns the time until the next look.
func (k Keepalive) next() time.Duration {
	if k.Exact {
		return k.Interval
	}
	return k.Interval - rand.N(k.Interval/8+1)
}

// lookAt is called at the end of an interval, or when the time for an answer is
// over.
func (k Keepalive) lookAt(c *Conn) {
	a := c.aliveness()
	heard := c.stats.bytesIn.Load()
	silent := heard == a.bytesIn
	a.bytesIn = heard
	waited := a.ping
	a.ping = nil
	switch {
	case c.end.Load() != nil:
		return
	case !silent || !c.reading():
		c.forget(waited)
		c.setAlarm(alarmKeepalive, k.next())
	case waited == nil || k.timeout() == 0:
		c.forget(waited)
		k.ask(c)
	case !c.wasSent(waited): // a writer is stuck, and the peer cannot know
		a.ping = waited
		c.setAlarm(alarmKeepalive, k.timeout())
	default:
		c.finish(over(NoPong, nil))
		c.closeTransport()
	}
}

// ask sends a Ping and sets the time for its answer.
func (k Keepalive) ask(c *Conn) {
	p := &ping{payload: []byte("keepalive")}
	c.aliveness().ping = p
	if wait := k.timeout(); wait > 0 {
		c.setAlarm(alarmKeepalive, wait)
	} else {
		c.setAlarm(alarmKeepalive, k.next())
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
	if ps, ok := x.pings.(*pings); ok {
		ps.drop(p)
	}
	x.omu.Unlock()
}

// wasSent reports whether p has left.
func (c *Conn) wasSent(p *ping) bool {
	x := c.extra()
	x.omu.Lock()
	defer x.omu.Unlock()
	return !p.at.IsZero()
}
