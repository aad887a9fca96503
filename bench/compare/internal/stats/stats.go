// Package stats turns rounds of measurements into figures: a median and the
// interval it was seen in.
package stats

import (
	"fmt"
	"slices"
)

// Figure summarises the rounds of one measurement.
type Figure struct {
	Median float64   `json:"median"`
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
	Rounds []float64 `json:"rounds"` // in the order they were run
}

// Of summarises rounds, which it keeps. Without rounds it is the zero Figure.
func Of(rounds []float64) Figure {
	if len(rounds) == 0 {
		return Figure{}
	}
	sorted := slices.Sorted(slices.Values(rounds))
	n := len(sorted)
	return Figure{
		Median: (sorted[(n-1)/2] + sorted[n/2]) / 2,
		Min:    sorted[0],
		Max:    sorted[n-1],
		Rounds: rounds,
	}
}

// Ratio compares a with b round by round, so that what disturbs a whole round
// disturbs both sides of its ratio. Rounds that either lacks are left out, as
// are those in which b is zero.
func Ratio(a, b Figure) Figure {
	var r []float64
	for i := range min(len(a.Rounds), len(b.Rounds)) {
		if b.Rounds[i] != 0 {
			r = append(r, a.Rounds[i]/b.Rounds[i])
		}
	}
	return Of(r)
}

// String writes the median with three significant digits or so, and the
// interval when there was more than one round.
func (f Figure) String() string {
	switch {
	case len(f.Rounds) == 0:
		return "–"
	case len(f.Rounds) == 1:
		return number(f.Median)
	}
	return number(f.Median) + " (" + number(f.Min) + "–" + number(f.Max) + ")"
}

func number(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%.0f", v)
	case v >= 100:
		return fmt.Sprintf("%.1f", v)
	case v >= 10:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}
