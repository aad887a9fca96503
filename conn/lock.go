package conn

import (
	"sync"
	"sync/atomic"
)

// lock is a mutex that may be held while the transport is waited for. It
// differs from sync.Mutex in being first come, first served, in waiting on a
// channel (so that testing/synctest knows that time may pass), and in that
// free lets everybody through.
type lock struct {
	state atomic.Int32
	queue atomic.Pointer[queue] // made when somebody first has to wait
}

// queue is who waits for a lock, the longest first.
type queue struct {
	mu      sync.Mutex // held for moments only
	waiting []chan struct{}
}

// The states of a lock. Whoever finds it other than expected looks at the
// queue.
const (
	lockOpen  = iota // nobody has it
	lockHeld         // somebody has it and nobody waits
	lockAwait        // somebody has it, and must look for who waits
	lockFree         // it excludes nobody any more
)

// TryLock takes the lock if that needs no waiting.
func (l *lock) TryLock() bool { return l.state.CompareAndSwap(lockOpen, lockHeld) }

// Lock takes the lock.
func (l *lock) Lock() {
	if !l.TryLock() {
		l.wait()
	}
}

// Unlock gives the lock to the one who has waited longest.
func (l *lock) Unlock() {
	if !l.state.CompareAndSwap(lockHeld, lockOpen) {
		l.pass()
	}
}

// line returns the queue.
func (l *lock) line() *queue {
	if l.queue.Load() == nil {
		l.queue.CompareAndSwap(nil, new(queue))
	}
	return l.queue.Load()
}

func (l *lock) wait() {
	q := l.line()
	q.mu.Lock()
	if l.state.Load() == lockFree || l.state.Swap(lockAwait) == lockOpen {
		q.mu.Unlock()
		return
	}
	mine := make(chan struct{})
	q.waiting = append(q.waiting, mine)
	q.mu.Unlock()
	<-mine
}

func (l *lock) pass() {
	q := l.line()
	q.mu.Lock()
	switch {
	case l.state.Load() == lockFree:
	case len(q.waiting) == 0:
		q.waiting = nil
		l.state.Store(lockOpen)
	default: // it stays held, by the one who wakes
		close(q.waiting[0])
		q.waiting = q.waiting[1:]
	}
	q.mu.Unlock()
}

// free lets everybody through who waits or will come.
func (l *lock) free() {
	q := l.line()
	q.mu.Lock()
	l.state.Store(lockFree)
	for _, w := range q.waiting {
		close(w)
	}
	q.waiting = nil
	q.mu.Unlock()
}
