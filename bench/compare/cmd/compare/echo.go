//go:build linux

package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/octet-ws/octet/bench/compare/internal/load"
	"github.com/octet-ws/octet/bench/compare/internal/proc"
	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// echoCells are sizes, connections and depths that tell designs apart: one
// connection shows what waking up costs, many what a message costs, depth 16
// whether answers share a write.
var echoCells = list{
	"125/1/1", "125/100/1", "125/1000/1",
	"1024/1/1", "1024/100/1", "1024/1000/1",
	"16384/1/1", "16384/100/1", "16384/1000/1",
	"131072/1/1", "131072/100/1", "131072/1000/1",
	"125/1/16", "125/100/16", "125/1000/16", "1024/100/16", "16384/100/16",
}

func runEcho(c *config, r *report) error {
	if c.cells == nil {
		c.cells = echoCells
	}
	shapes := make(map[string]echoCell)
	for _, name := range c.cells {
		cell, err := parseCell(name, c.text)
		if err != nil {
			return err
		}
		shapes[name] = cell
	}
	subjects := choose(c, floors, ours, peers)
	st, err := newStage(c, r, subjects)
	if err != nil {
		return err
	}
	g := measureRounds(c, subjects, c.cells, func(subject, cell string) (sample, error) {
		return measureEcho(c, st, subject, shapes[cell])
	})
	g.fill(r)
	g.tabulate(r, "Server processor time, µs per message (SIZE/CONNECTIONS/DEPTH)", "cpu_us")
	base := func(cell string) string {
		if shapes[cell].Depth > 1 {
			return "floorb"
		}
		return "floor"
	}
	g.tabulateRatios(r, "The same, relative to floor (to floorb beyond depth 1)", "cpu_us", base)
	g.tabulate(r, "Server allocations per message", "allocs")
	g.tabulate(r, "Messages per second, thousands", "k_per_s")
	echoGoals(g, r, shapes, base)
	return nil
}

type echoCell struct {
	load.Shape
	conns int
}

func parseCell(s string, text bool) (echoCell, error) {
	var n [3]int
	words := strings.Split(s, "/")
	for i, w := range words {
		v, err := strconv.Atoi(w)
		if len(words) != len(n) || err != nil || v < min(i, 1) { // only the size may be zero
			return echoCell{}, fmt.Errorf("cell %q: want SIZE/CONNECTIONS/DEPTH", s)
		}
		n[i] = v
	}
	return echoCell{load.Shape{Size: n[0], Depth: n[2], Text: text}, n[1]}, nil
}

// measureEcho starts a server, warms it, and measures from silence to
// silence: at both ends nothing is in flight.
func measureEcho(c *config, st *stage, subject string, cell echoCell) (sample, error) {
	srv, err := st.start(subject)
	if err != nil {
		return nil, err
	}
	defer srv.Stop()
	l, err := load.Dial(srv.Addr, cell.conns, cell.Shape)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if _, err := l.Run(c.warm, 0); err != nil {
		return nil, err
	}
	return measure(srv, func() (int64, error) { return l.Run(c.time, 0) })
}

// measure is what a server spends while work goes on, per unit of it.
func measure(srv *proc.Server, work func() (units int64, err error)) (sample, error) {
	allocs, known, err := newAllocations(srv)
	if err != nil {
		return nil, err
	}
	cpu, err := srv.CPUTime()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	n, err := work()
	if err != nil {
		return nil, err
	}
	wall := time.Since(start)
	after, err := srv.CPUTime()
	if err != nil {
		return nil, err
	}
	s := sample{
		"cpu_us":  float64((after - cpu).Nanoseconds()) / 1e3 / float64(n),
		"wall_us": float64(wall.Nanoseconds()) / 1e3 / float64(n),
		"k_per_s": float64(n) / wall.Seconds() / 1e3,
		"units":   float64(n),
	}
	if known {
		objects, err := allocs.since()
		if err != nil {
			return nil, err
		}
		s["allocs"] = objects / float64(n)
	}
	return s, nil
}

func echoGoals(g *grid, r *report, shapes map[string]echoCell, base func(string) string) {
	for _, cell := range g.cells {
		for _, subject := range ours {
			bound := 1.05
			if shapes[cell].Depth > 1 {
				bound = 1.2
			}
			b := base(cell)
			r.goal(stats.AtMost(fmt.Sprintf("%s %s / %s", cell, subject, b), g.ratio(subject, b, cell, "cpu_us"), bound))
			if peer := g.best(peers, cell, "cpu_us"); peer != "" {
				r.goal(stats.AtMost(fmt.Sprintf("%s %s / %s, the best peer", cell, subject, peer), g.ratio(subject, peer, cell, "cpu_us"), 1))
			}
			// A garbage collection in a round allocates a little of its own.
			r.goal(stats.AtMost(fmt.Sprintf("%s %s allocations per message", cell, subject), g.figure(subject, cell, "allocs"), 0.01))
		}
	}
}
