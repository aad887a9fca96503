package conn

import (
	"sync"
	"time"
)

// The things that a connection waits for.
const (
	alarmHold      = iota // the oldest held message has waited long enough
	alarmKeepalive        // look whether the peer is alive
	alarmClose            // the end of the connection has taken long enough

	numAlarms
)

// alarm is the one timer of a connection, made when it is first needed and
// shared by all who wait for a moment.
type alarm struct {
	mu    sync.Mutex
	timer *time.Timer              // nil before the first set
	epoch time.Time                // from which the moments are counted
	due   [numAlarms]time.Duration // 0: not set
	off   bool
}

// setAlarm has c ring for which after d, which is positive, and no more at
// the moment set before.
func (c *Conn) setAlarm(which int, d time.Duration) {
	a := &c.extra().alarm
	a.mu.Lock()
	if !a.off && c.transport.Load() == transportOpen {
		if a.timer == nil {
			a.epoch = time.Now()
			a.timer = time.AfterFunc(d, c.expire)
		}
		a.due[which] = time.Since(a.epoch) + d
		a.next()
	}
	a.mu.Unlock()
}

// clearAlarm undoes setAlarm. The timer is stopped or set anew, as ringing for
// nothing would cost more: it takes a goroutine.
func (c *Conn) clearAlarm(which int) {
	a := &c.extra().alarm
	a.mu.Lock()
	if a.due[which] != 0 && !a.off {
		a.due[which] = 0
		a.next()
	}
	a.mu.Unlock()
}

// stopAlarms is the end of all alarms.
func (c *Conn) stopAlarms() {
	if c.group != nil {
		c.group.leave(c)
	}
	x := c.ext.Load()
	if x == nil {
		return
	}
	a := &x.alarm
	a.mu.Lock()
	a.off = true
	if a.timer != nil {
		a.timer.Stop()
	}
	a.mu.Unlock()
}

// next sets the timer to the first moment that is due, or stops it if none is.
func (a *alarm) next() {
	first := time.Duration(0)
	for _, due := range a.due {
		if due != 0 && (first == 0 || due < first) {
			first = due
		}
	}
	if first == 0 {
		a.timer.Stop()
	} else {
		a.timer.Reset(first - time.Since(a.epoch))
	}
}

// expire rings for all that is due and waits for the rest.
func (c *Conn) expire() {
	a := &c.extra().alarm
	var rings [numAlarms]bool
	a.mu.Lock()
	if a.off {
		a.mu.Unlock()
		return
	}
	now := time.Since(a.epoch)
	for i, due := range a.due {
		if due != 0 && due <= now {
			rings[i], a.due[i] = true, 0
		}
	}
	a.next()
	a.mu.Unlock()

	// Closing frees who is stuck in a write, so it comes first.
	if rings[alarmClose] {
		c.giveUp()
	}
	if rings[alarmKeepalive] {
		c.keepalive.lookAt(c)
	}
	if rings[alarmHold] && c.held() {
		c.leave(dutyFlush)
	}
}
