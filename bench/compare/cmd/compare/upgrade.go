//go:build linux

package main

import (
	"github.com/octet-ws/octet/bench/compare/internal/load"
	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// netHTTP are the subjects that upgrade inside net/http.
var netHTTP = []string{"quickws", "gws-http", "gorilla", "coder", "xnet"}

func runUpgrade(c *config, r *report) error {
	subjects := choose(c, floors, ours, peers, list{"gws-http"})
	st, err := newStage(c, r, subjects)
	if err != nil {
		return err
	}
	const cell = "upgrade"
	g := measureRounds(c, subjects, list{cell}, func(subject, _ string) (sample, error) {
		srv, err := st.start(subject)
		if err != nil {
			return nil, err
		}
		defer srv.Stop()
		if err := load.Upgrades(srv.Addr, c.count/10+1, c.conns); err != nil {
			return nil, err
		}
		return measure(srv, func() (int64, error) {
			return int64(c.count), load.Upgrades(srv.Addr, c.count, c.conns)
		})
	})
	g.fill(r)
	t := r.table("Accept, upgrade and close", "server", "processor µs", "relative to floor", "allocations")
	for _, s := range subjects {
		t.Add(s, g.figure(s, cell, "cpu_us").String(), g.ratio(s, "floor", cell, "cpu_us").String(), g.figure(s, cell, "allocs").String())
	}
	r.goal(stats.AtMost("octet / floor", g.ratio("octet", "floor", cell, "cpu_us"), 1.1))
	r.goal(stats.AtMost("octet allocations per upgrade", g.figure("octet", cell, "allocs"), 15))
	if peer := g.best(netHTTP, cell, "cpu_us"); peer != "" {
		r.goal(stats.AtMost("octet-http / "+peer+", the best peer in net/http", g.ratio("octet-http", peer, cell, "cpu_us"), 1))
	}
	return nil
}
