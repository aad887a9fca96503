//go:build linux

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// maskSizes are those of facts that matter: a short message, the largest with
// a seven-bit length, and what fits into each level of cache.
var maskSizes = list{"16", "64", "125", "512", "4096", "16384", "65536", "1048576"}

// What cmd/masks knows the peers' functions as, all of them and those in Go.
// PEER purego is PEER's in a build with that tag: only gobwas has assembly.
var (
	maskPeers   = append([]string{"gobwas"}, goMaskPeers...)
	goMaskPeers = []string{"gobwas purego", "gorilla", "gws", "nbio", "coder", "quickws"}
)

func runMask(c *config, r *report) error {
	if c.cells == nil {
		c.cells = maskSizes
	}
	bytes := make(map[string]int) // by cell
	var cells []string
	for _, s := range c.cells {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return fmt.Errorf("size %q: want a number of bytes", s)
		}
		cells = append(cells, stats.Size(n))
		bytes[stats.Size(n)] = n
	}
	dir, err := moduleDir()
	if err != nil {
		return err
	}
	program, err := buildMasks(dir, r)
	if err != nil {
		return err
	}
	subjects := append([]string{"octet", "octet purego", "memcpy", "byte loop"}, maskPeers...)
	g := measureRounds(c, subjects, cells, func(subject, cell string) (sample, error) {
		name, purego := strings.CutSuffix(subject, " purego")
		return measureMask(c, program[purego], name, bytes[cell])
	})
	g.what = "function"
	g.fill(r)
	// A loop without a system call is only ever held up: its best round is the
	// one that says what it can do.
	g.rows(r, fmt.Sprintf("Masking, GB/s, best of the rounds (%d)", c.rounds), func(subject, cell string) stats.Figure {
		f := g.figure(subject, cell, "gb_per_s")
		if len(f.Rounds) == 0 {
			return f
		}
		return stats.Of([]float64{f.Max})
	})
	maskGoals(g, r)
	return nil
}

// measureMask asks a build of cmd/masks. A process for each measurement gives
// each round other pages to work on.
func measureMask(c *config, program, name string, size int) (sample, error) {
	cmd := exec.Command(program, "-mask", name, "-size", strconv.Itoa(size), "-time", c.time.String())
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return nil, fmt.Errorf("%s: %s", cmd, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return nil, err
	}
	ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		return nil, err
	}
	return sample{"ns": ns, "gb_per_s": float64(size) / ns}, nil
}

// maskGoals holds Octet against the peer that is fastest at each size, which
// decides whether it is ahead of all; without assembly, against their Go code.
func maskGoals(g *grid, r *report) {
	against := func(ours, peer, cell, what string) {
		r.goal(stats.AtLeast(fmt.Sprintf("%s: %s / %s, %s, GB/s", cell, ours, peer, what), g.ratio(ours, peer, cell, "gb_per_s"), 1))
	}
	for _, cell := range g.cells {
		against("octet", g.best(maskPeers, cell, "ns"), cell, "the fastest peer")
		against("octet purego", g.best(goMaskPeers, cell, "ns"), cell, "the fastest peer's Go")
		if slices.Contains([]string{"512 B", "4 KiB", "64 KiB", "1 MiB"}, cell) {
			r.goal(stats.AtLeast(cell+": octet / memcpy, GB/s", g.ratio("octet", "memcpy", cell, "gb_per_s"), 0.9))
		}
	}
}
