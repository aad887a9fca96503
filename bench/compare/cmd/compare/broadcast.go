//go:build linux

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
	"github.com/octet-ws/octet/bench/compare/internal/load"
	"github.com/octet-ws/octet/bench/compare/internal/proc"
	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

func runBroadcast(c *config, r *report) error {
	subjects := choose(c, []string{"floor", "octet", "gobwas", "quickws", "gws", "nbio", "gorilla", "coder", "xnet"})
	st, err := newStage(c, r, subjects)
	if err != nil {
		return err
	}
	cell := fmt.Sprintf("%d connections, %d bytes", c.conns, c.size)
	if c.stalled > 0 {
		cell += fmt.Sprintf(", %d stalled", c.stalled)
	}
	g := measureRounds(c, subjects, list{cell}, func(subject, _ string) (sample, error) {
		return measureBroadcast(c, st, subject)
	})
	g.fill(r)
	t := r.table("One message to "+cell, "server", "messages delivered", "ms until all have it", "slowest of a round, ms", "processor ms", "relative to floor")
	for _, s := range subjects {
		t.Add(s, g.figure(s, cell, "delivered").String(), g.figure(s, cell, "wall_ms").String(), g.figure(s, cell, "slowest_ms").String(),
			g.figure(s, cell, "cpu_ms").String(), g.ratio(s, "floor", cell, "cpu_ms").String())
	}
	for _, peer := range []string{"gorilla", "gws"} {
		r.goal(stats.AtMost("octet / "+peer+", processor time", g.ratio("octet", peer, cell, "cpu_ms"), 1))
		r.goal(stats.AtMost("octet / "+peer+", time until all have it", g.ratio("octet", peer, cell, "wall_ms"), 1))
	}
	return nil
}

// measureBroadcast times broadcasts one by one, from the command to the last
// byte at the last client. Stalled clients are the first that a server would
// write to; one that lets them stop it shows how many messages it got out.
func measureBroadcast(c *config, st *stage, subject string) (sample, error) {
	srv, err := st.start(subject, "-broadcast")
	if err != nil {
		return nil, err
	}
	defer srv.Stop()
	if c.stalled > 0 {
		s, err := load.DialStalled(srv.Addr, c.stalled)
		if err != nil {
			return nil, err
		}
		defer s.Close()
	}
	l, err := load.Dial(srv.Addr, c.conns, load.Shape{Size: 1, Depth: 1})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	// An answer shows that the server has put the connection into its list.
	if _, err := l.Run(time.Minute, 1); err != nil {
		return nil, err
	}
	for range min(2, c.count) {
		if err := sendOne(c, srv, l); err != nil {
			return nil, fmt.Errorf("warming up: %w", err)
		}
	}
	cpu, err := srv.CPUTime()
	if err != nil {
		return nil, err
	}
	var each []float64
	for i := range c.count {
		start := time.Now()
		err := sendOne(c, srv, l)
		if c.stalled > 0 && errors.Is(err, load.ErrSilence) {
			return sample{"delivered": float64(i)}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", i, err)
		}
		each = append(each, float64(time.Since(start).Microseconds())/1e3)
	}
	after, err := srv.CPUTime()
	if err != nil {
		return nil, err
	}
	return sample{
		"delivered":  float64(c.count),
		"wall_ms":    stats.Of(each).Median,
		"slowest_ms": slices.Max(each),
		"cpu_ms":     (after - cpu).Seconds() * 1e3 / float64(c.count),
	}, nil
}

func sendOne(c *config, srv *proc.Server, l *load.Load) error {
	frame := append(floor.Header{First: 0x82, Length: c.size}.Append(nil), strings.Repeat("x", c.size)...)
	sent := make(chan error, 1)
	go func() {
		_, err := srv.Do(fmt.Sprintf("broadcast 1 %d", c.size))
		sent <- err
	}()
	if err := l.Receive(frame); err != nil {
		return err // a server that hangs on a client is stopped, which ends the command too
	}
	return <-sent
}
