package tap

import (
	"errors"
	"sync"
	"time"
)

// Options shape what is recorded. The zero value is safe.
type Options struct {
	// Secrets leaves credentials in the recording.
	Secrets bool
	// Preview is how many bytes of a payload or body are kept for the writers
	// that show them. If zero, 4096. If negative, none.
	Preview int
	// HeadBytes limits a head. What goes beyond is recorded as opaque data,
	// overwritten with asterisks unless Secrets is set. If zero, 64 KiB.
	HeadBytes int
	// Now is the clock. If nil, time.Now.
	Now func() time.Time
}

const (
	defaultPreview   = 4096
	defaultHeadBytes = 64 << 10

	chunkSize  = 32 << 10
	queueDepth = 128 // chunks, so at most 4 MiB wait to be recorded
)

// A Recorder records connections. Its methods, and those of its sessions, may
// be called by many goroutines. What is recorded is decoded and written by one
// goroutine of the recorder's own, behind a queue of bounded size: whoever
// forwards bytes waits for the recording only when the queue is full.
type Recorder struct {
	opts  Options
	queue chan item
	free  sync.Pool // *[]byte of chunkSize
	done  chan struct{}

	mu     sync.Mutex // guards conns
	conns  int
	closed bool

	// Owned by the recorder's goroutine until done is closed.
	writers []Writer
	errs    []error
}

// An item is what crosses the queue. Exactly one of the kinds Opened, Bytes
// and Ended.
type item struct {
	session *Session
	kind    Kind
	from    Side
	at      time.Time
	data    *[]byte
	err     error
}

// New returns a recorder that writes to all of the writers, and starts its
// goroutine; Close ends it.
func New(opts Options, writers ...Writer) *Recorder {
	if opts.Preview == 0 {
		opts.Preview = defaultPreview
	}
	opts.Preview = max(opts.Preview, 0)
	if opts.HeadBytes <= 0 {
		opts.HeadBytes = defaultHeadBytes
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	r := &Recorder{opts: opts, writers: writers,
		queue: make(chan item, queueDepth), done: make(chan struct{})}
	r.free.New = func() any { b := make([]byte, 0, chunkSize); return &b }
	go r.run()
	return r
}

// Open begins the recording of a connection. Both of its directions must be
// ended with [Session.End].
func (r *Recorder) Open(p Peers) *Session {
	r.mu.Lock()
	r.conns++
	s := &Session{r: r, number: r.conns, peers: p}
	r.mu.Unlock()
	r.put(item{session: s, kind: Opened})
	return s
}

// Close waits until everything is written and returns what went wrong while
// recording, if anything. Sessions must have ended: what is told to them from
// now on is dropped.
func (r *Recorder) Close() error {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.queue)
	}
	r.mu.Unlock()
	<-r.done
	return errors.Join(r.errs...)
}

// put queues an item. Queueing under the lock keeps the clock of the recording
// monotonic and makes Close safe; it waits only when the queue is full.
func (r *Recorder) put(it item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	it.at = r.opts.Now()
	r.queue <- it
}

func (r *Recorder) run() {
	defer close(r.done)
	for it := range r.queue {
		r.take(it)
		if len(r.queue) == 0 {
			r.each(Writer.Flush)
		}
	}
	r.each(Writer.Flush)
}

func (r *Recorder) take(it item) {
	s := it.session
	if s.decoder == nil {
		s.decoder = newDecoder(&r.opts, s.number, func(e *Event) {
			r.each(func(w Writer) error { return w.Write(e) })
		})
	}
	switch it.kind {
	case Opened:
		s.decoder.open(it.at, s.peers)
	case Bytes:
		s.decoder.bytes(it.at, it.from, *it.data)
		*it.data = (*it.data)[:0]
		r.free.Put(it.data)
	case Ended:
		s.decoder.end(it.at, it.from, it.err)
	}
}

// each calls f for every writer and drops those that fail: one full disk does
// not end the other recordings, and none ends the connection.
func (r *Recorder) each(f func(Writer) error) {
	kept := r.writers[:0]
	for _, w := range r.writers {
		if err := f(w); err != nil {
			r.errs = append(r.errs, err)
			continue
		}
		kept = append(kept, w)
	}
	r.writers = kept
}

// A Session records one connection.
type Session struct {
	r      *Recorder
	number int
	peers  Peers

	decoder *decoder // the recorder's goroutine's
}

// Bytes records that a side sent b, which is copied. To keep cause before
// effect in the recording, call it before b is passed on.
func (s *Session) Bytes(from Side, b []byte) {
	for len(b) > 0 {
		buf := s.r.free.Get().(*[]byte)
		n := copy((*buf)[:cap(*buf)], b)
		*buf = (*buf)[:n]
		s.r.put(item{session: s, kind: Bytes, from: from, data: buf})
		b = b[n:]
	}
}

// End records that a side sends nothing more: with nil for an orderly end of
// its stream, else with the reason.
func (s *Session) End(from Side, err error) {
	s.r.put(item{session: s, kind: Ended, from: from, err: err})
}
