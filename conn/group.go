package conn

import (
	"sync"
	"sync/atomic"
	"time"
)

// tick is how often a Group looks at connections that hold messages.
const tick = DefaultHoldDelay / 2

// Group is what the connections of one server share: the timer that sees to
// their held messages, as starting and stopping one for every batch costs a
// busy server as much as the rest of its work on the batch, and the memory for
// Options that are equal. Set it as Options.Group of all of them.
//
// The zero value is ready for use, and there is nothing to close: a Group has a
// timer running only while connections hold messages. It must not be copied.
type Group struct {
	// last is the connection that began to hold last. If it is the only one
	// that does, its server sleeps between batches, and to do that beside a
	// running timer is dearer still than to stop it: it uses its own.
	last atomic.Pointer[Conn]

	mu       sync.Mutex
	holders  []holder
	timer    *time.Timer // nil before the first holder
	settings *settings   // of the connection that was opened last
}

// holder is a connection that holds messages, or did at the last tick.
type holder struct {
	c     *Conn
	batch uint32 // c.batch at the last tick
	ticks int32  // how many ticks before that it was the same
}

// share returns a settings equal to s.
func (g *Group) share(s settings) *settings {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.settings == nil || *g.settings != s {
		own := s // allocated here, and not for each connection
		g.settings = &own
	}
	return g.settings
}

// watch sees to c, which begins to hold, until it holds nothing any more. It
// reports false if c does better to see to that itself.
func (g *Group) watch(c *Conn) bool {
	if g.last.Load() == c {
		return false
	}
	g.last.Store(c)
	if !c.watched.Load() {
		g.add(c)
	}
	return true
}

// leave is called when c is closed.
func (g *Group) leave(c *Conn) { g.last.CompareAndSwap(c, nil) }

func (g *Group) add(c *Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.watched.Load() { // look has just decided to go on
		return
	}
	c.watched.Store(true)
	g.holders = append(g.holders, holder{c: c})
	switch {
	case g.timer == nil:
		g.timer = time.AfterFunc(tick, g.look)
	case len(g.holders) == 1:
		g.timer.Reset(tick)
	}
}

// look has sent what was held for too long, and forgets who holds nothing or is
// alone.
func (g *Group) look() {
	g.mu.Lock()
	defer g.mu.Unlock()
	keep := g.holders[:0]
	for _, h := range g.holders {
		batch := h.c.batch.Load()
		switch held := batch&1 != 0; {
		case !held && (batch == h.batch || len(g.holders) == 1):
			h.c.watched.Store(false)
			if h.c.batch.Load() == batch {
				continue
			}
			h.c.watched.Store(true) // it has begun to hold, and may have seen that it is watched
		case batch != h.batch:
			h.batch, h.ticks = batch, 0
		case held:
			if h.ticks++; h.ticks == h.c.holdTicks {
				go h.c.leave(dutyFlush) // which may have to wait for the peer
			}
		}
		keep = append(keep, h)
	}
	clear(g.holders[len(keep):])
	g.holders = keep
	if len(keep) > 0 {
		g.timer.Reset(tick)
	}
}
