package conn

// duty is what a goroutine that does not get the write lock leaves to the one
// that has it.
type duty uint8

const (
	dutyReply duty = 1 << iota // send the Pong or Close that is owed
	dutyPing                   // send the Pings that wait
	dutyFlush                  // send what is held
)

// leave has d done: by this goroutine if no other holds the write lock, by
// the one that does if so. It never waits for the lock.
func (c *Conn) leave(d duty) {
	c.duty.Or(uint32(d))
	if c.wmu.TryLock() {
		c.unlock()
	}
}

// unlock gives the write lock back once there is nothing left to do. A duty
// left after the last look finds the lock free, or is found by who has it.
func (c *Conn) unlock() {
	for {
		if c.duty.Load() != 0 || c.late != 0 && !c.backlog {
			c.do(duty(c.duty.Swap(0)))
		}
		c.wmu.Unlock()
		if c.duty.Load() == 0 || !c.wmu.TryLock() {
			return
		}
	}
}

// do sends what others have left. It is called between frames. While an
// earlier write is stuck it only takes note, so that a peer that does not
// read cannot make Pongs pile up; an error is found again by the next write.
func (c *Conn) do(d duty) {
	d |= c.late
	if c.backlog && c.flush() != nil {
		c.late = d
		return
	}
	c.late = 0
	if c.broken != nil {
		return
	}
	if d&dutyReply != 0 {
		c.putReplies()
	}
	if d&dutyPing != 0 {
		c.putPings()
	}
	c.flush()
}

// putReplies adds the Pong and the Close that are owed to out.
func (c *Conn) putReplies() {
	c.reserve(maxReplies)
	n := len(c.out.b)
	x := c.extra()
	x.omu.Lock()
	c.out.b = c.ep.AppendReplies(c.out.b)
	x.omu.Unlock()
	c.countFrames(c.out.b[n:])
}

// lockMessage takes the write lock for a message in one frame, and waits
// first if a fragmented one is under way. It reports whether it did, and has
// the turn.
func (c *Conn) lockMessage() (turn bool) {
	c.wmu.Lock()
	if !c.streaming {
		return false
	}
	c.unlock()
	c.extra().turn.Lock()
	c.wmu.Lock()
	return true
}

// unlockMessage undoes lockMessage.
func (c *Conn) unlockMessage(turn bool) {
	c.unlock()
	if turn {
		c.extra().turn.Unlock()
	}
}
