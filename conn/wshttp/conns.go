package wshttp

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/octet-ws/octet/conn"
)

// goingAway is the status of a server that shuts down (RFC 6455 §7.4.1).
const goingAway = 1001

// Conns are the open connections of a server in net/http, which forgets them
// when they are upgraded: to send to all of them, and to tell them when the
// server goes away. The zero value is ready for use, by any number of
// goroutines.
type Conns struct {
	mu      sync.Mutex
	down    bool
	open    map[*conn.Conn]struct{}
	running sync.WaitGroup // one for each in open; none is added when down
}

// Go runs serve in a goroutine of its own, and closes c when it returns. After
// Shutdown it does not, and closes c with status 1001.
func (s *Conns) Go(c *conn.Conn, serve func()) {
	s.mu.Lock()
	if s.down {
		s.mu.Unlock()
		c.CloseWith(context.Background(), goingAway, "")
		return
	}
	if s.open == nil {
		s.open = make(map[*conn.Conn]struct{})
	}
	s.open[c] = struct{}{}
	s.running.Add(1)
	s.mu.Unlock()
	go s.run(c, serve)
}

func (s *Conns) run(c *conn.Conn, serve func()) {
	defer s.running.Done()
	serve()
	c.Close()
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
}

// All returns the connections that are open when it is called, in no
// particular order, as [conn.Broadcaster.Send] takes them.
func (s *Conns) All() iter.Seq[*conn.Conn] {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Values(slices.Collect(maps.Keys(s.open)))
}

// Shutdown tells the peers of all connections that this server is going away,
// by a Close with status 1001 (RFC 6455 §7.4.1), and lets none be opened any
// more. It returns nil when everything that Go has started is over, or the error
// of ctx when that ends first and the remaining connections have been aborted.
// Call it beside the Shutdown of http.Server, which does not wait for
// connections that were upgraded.
func (s *Conns) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.down = true
	s.mu.Unlock()
	var closing sync.WaitGroup
	for c := range s.All() {
		closing.Go(func() { c.CloseWith(ctx, goingAway, "") })
	}
	done := make(chan struct{})
	go func() {
		closing.Wait()
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	for c := range s.All() {
		c.Abort()
	}
	closing.Wait()
	return ctx.Err()
}
