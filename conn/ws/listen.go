package ws

import (
	"context"
	"errors"
	"net"
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
	// Accept is for every connection.
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
	half    peers          // in the handshake, oldest first
	open    peers          // in their handlers
	running sync.WaitGroup // one for each peer
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
	return l
}

// Addr returns the address that is listened on.
func (l *Listener) Addr() net.Addr { return l.ln.Addr() }

// Serve accepts connections and calls handler for each in a goroutine of its
// own, with the request that opened it. When handler returns, the connection is
// closed. Serve returns an error when it can accept no more, which after
// Shutdown or Close is ErrListenerClosed; handlers may still be running then.
func (l *Listener) Serve(handler func(*conn.Conn, *handshake.Request)) error {
	s := server{Listener: l, handler: handler, next: make(chan *peer)}
	defer close(s.next)
	var pause time.Duration
	for {
		nc, err := l.ln.Accept()
		if err == nil {
			pause = 0
			if p := l.begin(nc); p != nil {
				s.serve(p)
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
	next    chan *peer // for a goroutine that waits; closed at the end of Serve
	waiting atomic.Int32
}

// maxWaiting is how many goroutines wait for handshakes to do.
const maxWaiting = 16

// serve has a goroutine do the handshake of p.
func (s *server) serve(p *peer) {
	select {
	case s.next <- p:
	default:
		go s.handshakes(p)
	}
}

func (s *server) handshakes(p *peer) {
	for p != nil {
		s.handshake(p)
		p = nil
		if s.waiting.Add(1) <= maxWaiting {
			p = <-s.next
		}
		s.waiting.Add(-1)
	}
}

func (s *server) handshake(p *peer) {
	c, r, err := s.opts.Accept.accept(context.Background(), p.nc)
	if err != nil {
		s.end(p)
		if s.opts.Refused != nil {
			s.opts.Refused(p.nc.RemoteAddr(), r, err)
		}
		return
	}
	if !s.opened(p, c) {
		c.CloseWith(context.Background(), frame.CloseGoingAway, "")
		s.end(p)
		return
	}
	go s.run(p, r)
}

func (s *server) run(p *peer, r *handshake.Request) {
	s.handler(p.c, r)
	p.c.Close()
	s.end(p)
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
	for p := l.half.first; p != nil; p = p.next {
		end(p.nc)
	}
	for p := l.open.first; p != nil; p = p.next {
		open = append(open, p.c)
	}
	return open, err
}

func (l *Listener) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// begin makes a peer of a connection that was accepted, or closes it. The time
// it has for its handshake begins here, before Shutdown may cut it short.
func (l *Listener) begin(nc net.Conn) *peer {
	l.opts.Accept.setDeadline(nc)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		nc.Close()
		return nil
	}
	if l.opts.MaxHalfOpen > 0 && l.half.n >= l.opts.MaxHalfOpen {
		oldest := l.half.first
		l.half.remove(oldest)
		oldest.nc.Close()
	}
	p := &peer{nc: nc}
	l.half.add(p)
	l.running.Add(1)
	return p
}

// opened moves p from the half-open to the open, unless it is too late.
func (l *Listener) opened(p *peer, c *conn.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.list.remove(p)
	if l.closed {
		return false
	}
	p.c = c
	l.open.add(p)
	return true
}

func (l *Listener) end(p *peer) {
	l.mu.Lock()
	p.list.remove(p)
	l.mu.Unlock()
	l.running.Done()
}

// A peer is one connection of a Listener, in one of its two lists or, evicted
// or on its way out, in none.
type peer struct {
	nc         net.Conn
	c          *conn.Conn // once open
	list       *peers
	prev, next *peer
}

// peers is a list of connections in the order in which they came.
type peers struct {
	first, last *peer
	n           int
}

func (l *peers) add(p *peer) {
	p.list, p.prev, p.next = l, l.last, nil
	if l.last != nil {
		l.last.next = p
	} else {
		l.first = p
	}
	l.last = p
	l.n++
}

// remove takes p out of l. Both may be the result of an earlier remove: a p in
// no list has a nil one.
func (l *peers) remove(p *peer) {
	if l == nil {
		return
	}
	if p.prev != nil {
		p.prev.next = p.next
	} else {
		l.first = p.next
	}
	if p.next != nil {
		p.next.prev = p.prev
	} else {
		l.last = p.prev
	}
	p.list, p.prev, p.next = nil, nil, nil
	l.n--
}
