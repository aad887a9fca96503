package ws

import (
	"context"
	"errors"
	"iter"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
)

// ErrListenerClosed is returned by Serve after Shutdown or Close.
var ErrListenerClosed = errors.New("ws: listener closed")

// ListenOptions shapes a Listener. The zero value, and nil, are safe.
type ListenOptions struct {
	// Accept is for every connection. They share a conn.Group, a new one
	// unless Accept.Conn has one.
	Accept AcceptOptions

	// MaxHalfOpen is how many connections may be in the handshake at once.
	// One more costs the oldest of them its place: clients that hold back
	// their heads can neither fill the memory nor keep others out. If zero,
	// 1024. If negative, there is no limit.
	MaxHalfOpen int

	// Refused, if not nil, is told of handshakes that failed. The connection
	// is closed; the request is what could be read of it, or nil.
	Refused func(from net.Addr, r *handshake.Request, err error)
}

const defaultMaxHalfOpen = 1024

// A Listener serves WebSocket connections from a net.Listener. Its methods may
// be called by any goroutine.
type Listener struct {
	ln   net.Listener
	opts ListenOptions

	mu      sync.Mutex
	closed  bool
	half    list[net.Conn]   // in the handshake
	open    list[*conn.Conn] // in their handlers
	running sync.WaitGroup   // one for each connection
}

// Listen listens on a network, such as "tcp", as net.Listen does.
func Listen(network, address string, opts *ListenOptions) (*Listener, error) {
	ln, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return NewListener(ln, opts), nil
}

// NewListener serves from ln, which it owns from now on.
func NewListener(ln net.Listener, opts *ListenOptions) *Listener {
	l := &Listener{ln: ln}
	if opts != nil {
		l.opts = *opts
	}
	if l.opts.MaxHalfOpen == 0 {
		l.opts.MaxHalfOpen = defaultMaxHalfOpen
	}
	var shared conn.Options
	if c := l.opts.Accept.Conn; c != nil {
		shared = *c
	}
	if shared.Group == nil {
		shared.Group = new(conn.Group)
	}
	l.opts.Accept.Conn = &shared
	return l
}

// Addr returns the address that is listened on.
func (l *Listener) Addr() net.Addr { return l.ln.Addr() }

// Serve accepts connections and calls handler for each in a goroutine of its
// own, with the request that opened it. When handler returns, the connection is
// closed. Serve returns an error when it can accept no more, which after
// Shutdown or Close is ErrListenerClosed; handlers may still be running then.
func (l *Listener) Serve(handler func(*conn.Conn, *handshake.Request)) error {
	s := server{Listener: l, handler: handler, next: make(chan *halfOpen)}
	defer close(s.next)
	var pause time.Duration
	for {
		nc, err := l.ln.Accept()
		if err == nil {
			pause = 0
			if h := l.begin(nc); h != nil {
				s.serve(h)
			}
			continue
		}
		if l.isClosed() {
			return ErrListenerClosed
		}
		// Out of descriptors, most likely: this passes when one is closed.
		if t, ok := err.(interface{ Temporary() bool }); !ok || !t.Temporary() {
			return err
		}
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		time.Sleep(pause)
	}
}

// server is one call of Serve. Handshakes run in goroutines of their own, so that
// the stack they grow is not the one that waits for messages; and since growing
// costs more than the handshake itself, a few of these goroutines stay for the
// next.
type server struct {
	*Listener
	handler func(*conn.Conn, *handshake.Request)
	next    chan *halfOpen // for a goroutine that waits; closed at the end of Serve
	waiting atomic.Int32
}

// maxWaiting is how many goroutines wait for handshakes to do.
const maxWaiting = 16

// halfOpen is a connection in the handshake.
type halfOpen = place[net.Conn]

// halves has what connections need only until they are open.
var halves = sync.Pool{New: func() any { return new(halfOpen) }}

// serve has a goroutine do the handshake of h.
func (s *server) serve(h *halfOpen) {
	select {
	case s.next <- h:
	default:
		go s.handshakes(h)
	}
}

func (s *server) handshakes(h *halfOpen) {
	for h != nil {
		s.handshake(h)
		h = nil
		if s.waiting.Add(1) <= maxWaiting {
			h = <-s.next
		}
		s.waiting.Add(-1)
	}
}

func (s *server) handshake(h *halfOpen) {
	nc := h.of
	c, r, err := s.opts.Accept.accept(context.Background(), nc)
	p := s.opened(h, c)
	if p != nil {
		go s.run(p, r)
		return
	}
	if c != nil {
		c.CloseWith(context.Background(), frame.CloseGoingAway, "")
	}
	s.running.Done()
	if err != nil && s.opts.Refused != nil {
		s.opts.Refused(nc.RemoteAddr(), r, err)
	}
}

func (s *server) run(p *place[*conn.Conn], r *handshake.Request) {
	s.handler(p.of, r)
	p.of.Close()
	s.mu.Lock()
	s.open.remove(p)
	s.mu.Unlock()
	s.running.Done()
}

// Shutdown stops accepting, ends the handshakes that are half open, and tells
// the peers of all connections that this server is going away, by a Close with
// status 1001 (RFC 6455 §7.4.1). It returns when every handler has, or with
// the error of ctx when that ends first and the remaining connections have been
// aborted.
func (l *Listener) Shutdown(ctx context.Context) error {
	// A head that is not there yet is not waited for, but a client that has just
	// been answered is a peer like the others.
	open, err := l.close(func(half net.Conn) { half.SetReadDeadline(time.Unix(1, 0)) })
	var closing sync.WaitGroup
	for _, c := range open {
		closing.Go(func() { c.CloseWith(ctx, frame.CloseGoingAway, "") })
	}
	done := make(chan struct{})
	go func() {
		closing.Wait()
		l.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return err
	case <-ctx.Done():
	}
	for _, c := range open {
		c.Abort()
	}
	closing.Wait()
	return ctx.Err()
}

// Close stops accepting and aborts all connections. It does not wait for their
// handlers.
func (l *Listener) Close() error {
	open, err := l.close(func(half net.Conn) { half.Close() })
	for _, c := range open {
		c.Abort()
	}
	return err
}

// close stops accepting, ends what is half open by end, and returns what is open.
func (l *Listener) close(end func(net.Conn)) (open []*conn.Conn, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		err = l.ln.Close()
	}
	for nc := range l.half.all() {
		end(nc)
	}
	return slices.Collect(l.open.all()), err
}

func (l *Listener) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// begin takes note of a connection that was accepted, or closes it. The time it
// has for its handshake begins here, before Shutdown may cut it short.
func (l *Listener) begin(nc net.Conn) *halfOpen {
	l.opts.Accept.setDeadline(nc)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		nc.Close()
		return nil
	}
	if l.opts.MaxHalfOpen > 0 && l.half.n >= l.opts.MaxHalfOpen {
		oldest := l.half.ends.next
		l.half.remove(oldest)
		oldest.of.Close()
	}
	h := halves.Get().(*halfOpen)
	h.of = nc
	l.half.add(h)
	l.running.Add(1)
	return h
}

// opened is the end of h. It gives c, which is nil if the handshake failed, a
// place among the open, unless it is too late.
func (l *Listener) opened(h *halfOpen, c *conn.Conn) (p *place[*conn.Conn]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.half.remove(h)
	h.of = nil
	halves.Put(h)
	if c == nil || l.closed {
		return nil
	}
	p = &place[*conn.Conn]{of: c}
	l.open.add(p)
	return p
}

// list has connections in the order in which they came. There may be very many
// that do nothing, so a place in it is small.
type list[T any] struct {
	ends place[T] // its next is the first, its prev the last
	n    int
}

// place is that of one connection.
type place[T any] struct {
	of         T
	prev, next *place[T] // nil: in no list
}

// add puts p, which is in no list, at the end of l.
func (l *list[T]) add(p *place[T]) {
	if l.ends.next == nil {
		l.ends.prev, l.ends.next = &l.ends, &l.ends
	}
	p.prev, p.next = l.ends.prev, &l.ends
	p.prev.next, l.ends.prev = p, p
	l.n++
}

// remove takes p out of l, unless it is in no list.
func (l *list[T]) remove(p *place[T]) {
	if p.next == nil {
		return
	}
	p.prev.next, p.next.prev = p.next, p.prev
	p.prev, p.next = nil, nil
	l.n--
}

// all returns what l has.
func (l *list[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for p := l.ends.next; p != nil && p != &l.ends && yield(p.of); p = p.next {
		}
	}
}
