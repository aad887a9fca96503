//go:build linux

package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/octet-ws/octet/bench/compare/inprocess"
	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// runInProcess is `go test -bench . ./inprocess` with its rounds interleaved.
func runInProcess(c *config, r *report) error {
	cases := slices.DeleteFunc(inprocess.Cases(), func(k inprocess.Case) bool {
		return !strings.Contains(k.Group+"/"+k.Cell+"/"+k.Name, c.only)
	})
	if len(cases) == 0 {
		return fmt.Errorf("no case contains %q", c.only)
	}
	testing.Init()
	if err := flag.Set("test.benchtime", c.time.String()); err != nil {
		return err
	}
	var groups []string
	for _, k := range cases {
		if !slices.Contains(groups, k.Group) {
			groups = append(groups, k.Group)
		}
	}
	grids := make(map[string]*grid)
	for _, group := range groups {
		runs := make(map[[2]string]inprocess.Case)
		var names, cells []string
		for _, k := range cases {
			if k.Group != group {
				continue
			}
			runs[[2]string{k.Name, k.Cell}] = k
			if !slices.Contains(names, k.Name) {
				names = append(names, k.Name)
			}
			if !slices.Contains(cells, k.Cell) {
				cells = append(cells, k.Cell)
			}
		}
		g := measureRounds(c, names, cells, func(name, cell string) (sample, error) {
			k, ok := runs[[2]string{name, cell}]
			if !ok {
				return nil, errNotApplicable
			}
			return benchmark(k)
		})
		g.what = "library"
		g.fill(r)
		tabulateInProcess(g, r, group)
		grids[group] = g
	}
	inProcessGoals(grids, r)
	return nil
}

func benchmark(k inprocess.Case) (sample, error) {
	b := testing.Benchmark(k.Run)
	if b.N == 0 { // Benchmark's only word on a failure
		return nil, fmt.Errorf("%s/%s/%s failed; go test -bench shows why", k.Group, k.Cell, k.Name)
	}
	ns := float64(b.T.Nanoseconds()) / float64(b.N)
	s := sample{"ns": ns, "allocs": float64(b.MemAllocs) / float64(b.N)}
	if k.Bytes > 0 {
		s["gb_per_s"] = float64(k.Bytes) / ns
	}
	return s, nil
}

func tabulateInProcess(g *grid, r *report, group string) {
	g.tabulate(r, group+", ns", "ns")
	g.tabulate(r, group+", allocations", "allocs")
	if base := map[string]string{"read masked": "floor", "read masked text": "floor", "write unmasked": "floor", "header": "floor", "handshake": "gobwas"}[group]; base != "" {
		g.tabulateRatios(r, group+", relative to "+base, "ns", func(string) string { return base })
	}
}

// inProcessGoals are the bounds of docs/benchmarks.md.
func inProcessGoals(grids map[string]*grid, r *report) {
	if g := grids["header"]; g != nil {
		r.goal(stats.AtMost("header parse: octet / floor", g.ratio("octet", "floor", "parse", "ns"), 1.2))
		r.goal(stats.AtMost("header write: octet / floor", g.ratio("octet", "floor", "write", "ns"), 1.3))
	}
	for _, subject := range []string{"octet", "octet proto"} {
		connectionGoals(grids, r, subject)
	}
	if g := grids["handshake"]; g != nil {
		for _, cell := range g.cells {
			r.goal(stats.AtMost("handshake "+cell+": octet / gobwas", g.ratio("octet", "gobwas", cell, "ns"), 0.6))
			r.goal(stats.AtMost("handshake "+cell+": octet's allocations", g.figure("octet", cell, "allocs"), 2))
		}
	}
}

// connectionGoals are the bounds for reading and writing with one of Octet's
// two layers.
func connectionGoals(grids map[string]*grid, r *report, subject string) {
	against := func(group, cell, peer string, factor float64) {
		if g := grids[group]; g != nil {
			r.goal(stats.AtMost(fmt.Sprintf("%s %s: %s / %s", group, cell, subject, peer), g.ratio(subject, peer, cell, "ns"), factor))
		}
	}
	against("read masked", "125 B", "quickws", 0.45)
	against("write unmasked", "125 B", "quickws", 0.7)
	against("write masked", "125 B", "quickws", 1)
	against("read masked", "128 KiB", "mask + memcpy", 1.3)
	if g, text := grids["read masked"], grids["read masked text"]; g != nil && text != nil {
		for _, cell := range g.cells {
			bound := 1.15
			if cell == "128 KiB" || cell == "1 MiB" {
				bound = 1.3
			}
			r.goal(stats.AtMost(fmt.Sprintf("read %s: %s's text / its binary", cell, subject),
				stats.Ratio(text.figure(subject, cell, "ns"), g.figure(subject, cell, "ns")), bound))
		}
	}
	for _, group := range []string{"read masked", "read unmasked", "write masked", "write unmasked"} {
		if g := grids[group]; g != nil {
			for _, cell := range g.cells {
				r.goal(stats.AtMost(fmt.Sprintf("%s %s: %s's allocations", group, cell, subject), g.figure(subject, cell, "allocs"), 0.01))
			}
		}
	}
}
