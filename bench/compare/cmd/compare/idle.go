//go:build linux

package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/octet-ws/octet/bench/compare/internal/load"
	"github.com/octet-ws/octet/bench/compare/internal/proc"
	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

func runIdle(c *config, r *report) error {
	subjects := choose(c, floors, ours, peers)
	st, err := newStage(c, r, subjects)
	if err != nil {
		return err
	}
	cell := strconv.Itoa(c.conns) + " connections"
	g := measureRounds(c, subjects, list{cell}, func(subject, _ string) (sample, error) {
		return measureIdle(c, st, subject)
	})
	g.fill(r)
	t := r.table(fmt.Sprintf("Server memory per idle connection, bytes (%d connections, each after one echo)", c.conns),
		"server", "RSS", "RSS after a forced collection", "heap", "stacks", "goroutines")
	for _, s := range subjects {
		t.Add(s, g.figure(s, cell, "rss").String(), g.figure(s, cell, "rss_gc").String(),
			g.figure(s, cell, "heap").String(), g.figure(s, cell, "stack").String(), g.figure(s, cell, "goroutines").String())
	}
	// The others are as small once they collect, but that is up to the program.
	r.goal(stats.AtMost("octet-serve RSS per idle connection", g.figure("octet-serve", cell, "rss"), 4096))
	return nil
}

// measureIdle opens connections, a hundred at a time, sends one message on
// each, and looks at the server when all are quiet. Memory before is that of
// the server after a first connection: what every server needs once is no
// connection's.
func measureIdle(c *config, st *stage, subject string) (sample, error) {
	srv, err := st.start(subject)
	if err != nil {
		return nil, err
	}
	defer srv.Stop()
	var loads []*load.Load
	defer func() {
		for _, l := range loads {
			l.Close()
		}
	}()
	open := func(n int) error {
		l, err := load.Dial(srv.Addr, n, load.Shape{Size: 125, Depth: 1})
		if err != nil {
			return err
		}
		loads = append(loads, l)
		_, err = l.Run(time.Minute, 1)
		return err
	}
	if err := open(1); err != nil {
		return nil, err
	}
	before, err := memoryNow(srv)
	if err != nil {
		return nil, err
	}
	for left := c.conns; left > 0; left -= 100 {
		if err := open(min(left, 100)); err != nil {
			return nil, fmt.Errorf("with %d connections still to open: %w", left, err)
		}
	}
	time.Sleep(500 * time.Millisecond) // let the last answers settle
	after, err := memoryNow(srv)
	if err != nil {
		return nil, err
	}
	s := sample{}
	for name := range after {
		s[name] = (after[name] - before[name]) / float64(c.conns)
	}
	switch _, err := srv.Do("gc"); {
	case errors.Is(err, proc.ErrForeign):
		return s, nil
	case err != nil:
		return nil, err
	}
	rss, err := srv.RSS()
	s["rss_gc"] = (float64(rss) - before["rss"]) / float64(c.conns)
	return s, err
}

// memoryNow is the server's memory as the kernel and, if it is ours, as it
// itself sees it.
func memoryNow(srv *proc.Server) (sample, error) {
	rss, err := srv.RSS()
	if err != nil {
		return nil, err
	}
	s := sample{"rss": float64(rss)}
	m, err := srv.Memory()
	if errors.Is(err, proc.ErrForeign) {
		return s, nil
	}
	s["heap"] = float64(m.HeapInuse)
	s["stack"] = float64(m.StackInuse)
	s["goroutines"] = float64(m.Goroutines)
	return s, err
}
