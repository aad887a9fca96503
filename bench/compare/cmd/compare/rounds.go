//go:build linux

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// sample is what one measurement found, by the figure's name.
type sample map[string]float64

// grid is the outcome of interleaved rounds over subjects and cells.
type grid struct {
	what            string // the subjects are: servers, libraries
	subjects, cells []string
	series          map[[2]string]map[string][]float64 // by subject and cell, then figure
	failed          map[[2]string]error
}

// measureRounds measures every subject in every cell once a round: whatever
// else the machine does at some moment falls on neighbours in the table and
// not on one of them in all its rounds. What fails once is not tried again.
func measureRounds(c *config, subjects, cells []string, measure func(subject, cell string) (sample, error)) *grid {
	g := &grid{
		what:     "server",
		subjects: subjects,
		cells:    cells,
		series:   make(map[[2]string]map[string][]float64),
		failed:   make(map[[2]string]error),
	}
	c.progress.total += c.rounds * len(subjects) * len(cells)
	for round := range c.rounds {
		for _, cell := range cells {
			for _, subject := range subjects {
				c.progress.step("round %d, %s %s", round+1, subject, cell)
				at := [2]string{subject, cell}
				if g.failed[at] != nil {
					continue
				}
				s, err := measure(subject, cell)
				switch {
				case errors.Is(err, errNotApplicable):
					continue
				case err != nil:
					g.failed[at] = err
					continue
				}
				if g.series[at] == nil {
					g.series[at] = make(map[string][]float64)
				}
				for name, v := range s {
					g.series[at][name] = append(g.series[at][name], v)
				}
			}
		}
	}
	return g
}

// errNotApplicable says that a subject has nothing to show in a cell.
var errNotApplicable = errors.New("not applicable")

// figure is what subject showed in cell; the zero Figure if it failed there.
func (g *grid) figure(subject, cell, name string) stats.Figure {
	at := [2]string{subject, cell}
	if g.failed[at] != nil {
		return stats.Figure{}
	}
	return stats.Of(g.series[at][name])
}

// ratio is subject's figure over base's, round by round.
func (g *grid) ratio(subject, base, cell, name string) stats.Figure {
	return stats.Ratio(g.figure(subject, cell, name), g.figure(base, cell, name))
}

// fill puts every result and failure into the report.
func (g *grid) fill(r *report) {
	for _, cell := range g.cells {
		for _, subject := range g.subjects {
			at := [2]string{subject, cell}
			res := result{Subject: subject, Cell: cell, Figures: map[string]stats.Figure{}}
			if err := g.failed[at]; err != nil {
				res.Error = err.Error()
				r.Failures = append(r.Failures, fmt.Sprintf("%s %s: %v", subject, cell, err))
			} else if g.series[at] == nil {
				continue
			}
			for name := range g.series[at] {
				res.Figures[name] = g.figure(subject, cell, name)
			}
			r.Results = append(r.Results, res)
		}
	}
}

// tabulate adds a table of one figure, a subject a row.
func (g *grid) tabulate(r *report, title, name string) {
	g.rows(r, title, func(subject, cell string) stats.Figure { return g.figure(subject, cell, name) })
}

// tabulateRatios adds a table of one figure relative to that of base(cell).
func (g *grid) tabulateRatios(r *report, title, name string, base func(cell string) string) {
	g.rows(r, title, func(subject, cell string) stats.Figure { return g.ratio(subject, base(cell), cell, name) })
}

func (g *grid) rows(r *report, title string, figure func(subject, cell string) stats.Figure) {
	shown := 0
	t := &stats.Table{Title: title, Head: append([]string{g.what}, g.cells...)}
	for _, subject := range g.subjects {
		row := []string{subject}
		for _, cell := range g.cells {
			f := figure(subject, cell)
			shown += len(f.Rounds)
			row = append(row, f.String())
		}
		t.Add(row...)
	}
	if shown > 0 {
		r.tables = append(r.tables, t)
	}
}

// best returns the subject among names with the least median in cell, or "".
func (g *grid) best(names []string, cell, figure string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool {
		return len(g.figure(s, cell, figure).Rounds) == 0
	})
	if len(names) == 0 {
		return ""
	}
	return slices.MinFunc(names, func(a, b string) int {
		if g.figure(a, cell, figure).Median < g.figure(b, cell, figure).Median {
			return -1
		}
		return 1
	})
}
