//go:build linux

package main

import (
	"errors"
	"sync"
)

// hub is how the broadcast command reaches the kind that serves.
type hub struct {
	keep bool // connections are kept for broadcasts

	mu   sync.Mutex
	send func([]byte) error
}

// onBroadcast says how this kind sends one binary message to all connections
// kept. It is called before the kind serves.
func (h *hub) onBroadcast(send func([]byte) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.send = send
}

func (h *hub) broadcast(p []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.send == nil:
		return errors.New("this kind does not broadcast")
	case !h.keep:
		return errors.New("started without -broadcast")
	}
	return h.send(p)
}

// conns is the set of connections that a broadcast reaches.
type conns[C any] struct {
	mu  sync.Mutex
	all []C
}

// add keeps c if h asks for it. Connections stay for the life of the process:
// a measurement opens them once.
func (s *conns[C]) add(c C, h *hub) {
	if !h.keep {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, c)
}

// list returns the connections so far.
func (s *conns[C]) list() []C {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}

// each calls f for every connection and returns the first error.
func (s *conns[C]) each(f func(C) error) (first error) {
	for _, c := range s.list() {
		if err := f(c); err != nil && first == nil {
			first = err
		}
	}
	return first
}
