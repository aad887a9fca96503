package stats

import "fmt"

// Goal is a bound that a figure is held against.
type Goal struct {
	What    string  `json:"what"`
	Bound   float64 `json:"bound"`
	AtLeast bool    `json:"at_least,omitempty"` // else at most
	Got     Figure  `json:"got"`
	Verdict Verdict `json:"verdict"`
}

// Verdict says how a figure stands to its bound.
type Verdict string

// A median on the right side of the bound meets it; a bound is missed only if
// the whole interval lies beyond it; between the two the rounds do not say.
const (
	Met    Verdict = "met"
	Open   Verdict = "open"
	Missed Verdict = "missed"
)

// AtMost holds got against an upper bound.
func AtMost(what string, got Figure, bound float64) Goal {
	g := Goal{What: what, Bound: bound, Got: got}
	switch {
	case got.Median <= bound && len(got.Rounds) > 0:
		g.Verdict = Met
	case got.Min <= bound:
		g.Verdict = Open
	default:
		g.Verdict = Missed
	}
	return g
}

// AtLeast holds got against a lower bound.
func AtLeast(what string, got Figure, bound float64) Goal {
	g := Goal{What: what, Bound: bound, AtLeast: true, Got: got}
	switch {
	case got.Median >= bound && len(got.Rounds) > 0:
		g.Verdict = Met
	case got.Max >= bound || len(got.Rounds) == 0:
		g.Verdict = Open
	default:
		g.Verdict = Missed
	}
	return g
}

func (g Goal) String() string {
	sign := "≤"
	if g.AtLeast {
		sign = "≥"
	}
	return fmt.Sprintf("%-6s %s %s %g: %s", g.Verdict, g.What, sign, g.Bound, g.Got)
}
