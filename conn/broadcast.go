package conn

import (
	"iter"
	"slices"
)

// Overflow says what becomes of a connection whose queue is full.
type Overflow uint8

const (
	// DropMessage: this message is not sent to it.
	DropMessage Overflow = iota

	// AbortConn: the connection is given up, as by Abort. A Close would have
	// to wait behind what the peer does not read.
	AbortConn
)

// Broadcaster sends one message to many connections without waiting for any
// and without a goroutine each. A connection whose transport would make it
// wait gets a queue, and a goroutine that lives until the queue is empty;
// messages keep their order there. The zero value is ready, and a Broadcaster
// may be used by any number of goroutines.
//
// Only a connection with Options.Socket can be written to without waiting;
// others, over TLS for example, always go by way of the queue.
type Broadcaster struct {
	// Queue is how many messages may wait for one connection, all
	// Broadcasters together. If zero, the default of 64 is used. If negative,
	// none may.
	Queue int

	// Overflow says what happens when one more would have to wait.
	Overflow Overflow
}

// DefaultQueue is how many messages wait for a slow connection at most.
const DefaultQueue = 64

// Sent counts what became of a message sent to many.
type Sent struct {
	Written int // the transport has taken it
	Queued  int // it waits
	Dropped int // the queue was full
	Ended   int // the connection is over
}

// Send sends p to the connections of to, in their order. It returns when each
// has it, or has it in its queue, or never will.
func (b *Broadcaster) Send(p *Prepared, to iter.Seq[*Conn]) Sent {
	limit := b.Queue
	if limit == 0 {
		limit = DefaultQueue
	}
	var s Sent
	for c := range to {
		begun, whole := c.begin(p)
		switch {
		case c.end.Load() != nil:
			s.Ended++
		case whole:
			s.Written++
		case begun || c.enqueue(p, limit):
			s.Queued++
		default:
			s.Dropped++
			if b.Overflow == AbortConn {
				c.Abort()
			}
		}
	}
	return s
}

// mailbox holds the messages that wait for a slow connection. It is guarded
// by omu.
type mailbox struct {
	queue   []*Prepared
	carried bool // a goroutine is at work on it
}

// begin gives the transport what it takes of p without waiting, and reports
// whether p was begun and whether that was all. A goroutine sends the rest.
func (c *Conn) begin(p *Prepared) (begun, whole bool) {
	if c.raw == nil || c.server == nil || !c.wmu.TryLock() {
		return false, false
	}
	defer c.unlock()
	if c.streaming || c.out != nil || c.queueing() || c.beginPrepared(p) != nil {
		return false, false
	}
	n := c.writeNow(p.frame)
	c.sent(n)
	if n == len(p.frame) {
		return true, true
	}
	c.append(p.frame[n:])
	c.backlog = true
	c.carry()
	return true, false
}

// queueing reports whether messages wait for c.
func (c *Conn) queueing() bool {
	x := c.ext.Load()
	if x == nil {
		return false
	}
	x.omu.Lock()
	defer x.omu.Unlock()
	return x.mail.carried
}

// enqueue lets p wait, unless limit messages do already.
func (c *Conn) enqueue(p *Prepared, limit int) bool {
	x := c.extra()
	m := &x.mail
	x.omu.Lock()
	if len(m.queue) >= limit {
		x.omu.Unlock()
		return false
	}
	m.queue = append(m.queue, p)
	x.omu.Unlock()
	c.carry()
	return true
}

// carry has a goroutine send what waits, unless one does.
func (c *Conn) carry() {
	x := c.extra()
	m := &x.mail
	x.omu.Lock()
	defer x.omu.Unlock()
	if !m.carried {
		m.carried = true
		go c.deliver()
	}
}

// deliver sends what waits for c until nothing does or it is over. A timeout
// ends it too; the next Send goes on.
func (c *Conn) deliver() {
	x := c.extra()
	m := &x.mail
	err := c.Flush()
	for {
		x.omu.Lock()
		if err != nil && !isTimedOut(err) {
			m.queue = nil
		}
		if len(m.queue) == 0 || err != nil {
			m.carried = false
			x.omu.Unlock()
			return
		}
		p := m.queue[0]
		x.omu.Unlock()

		err = c.WritePrepared(p)

		x.omu.Lock()
		if taken(err) {
			m.queue = slices.Delete(m.queue, 0, 1)
		}
		x.omu.Unlock()
	}
}
