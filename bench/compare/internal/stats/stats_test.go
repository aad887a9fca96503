package stats

import (
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	tests := []struct {
		rounds           []float64
		median, min, max float64
	}{
		{nil, 0, 0, 0},
		{[]float64{3}, 3, 3, 3},
		{[]float64{4, 2}, 3, 2, 4},
		{[]float64{9, 1, 5}, 5, 1, 9},
	}
	for _, tt := range tests {
		f := Of(tt.rounds)
		if f.Median != tt.median || f.Min != tt.min || f.Max != tt.max {
			t.Errorf("Of(%v) = %v, want median %v of %v–%v", tt.rounds, f, tt.median, tt.min, tt.max)
		}
	}
}

// A disturbance that doubles both sides of a round leaves its ratio alone.
func TestRatio(t *testing.T) {
	r := Ratio(Of([]float64{2, 4, 2}), Of([]float64{1, 2, 1}))
	if r.Min != 2 || r.Max != 2 {
		t.Errorf("Ratio = %v, want 2 in each round", r)
	}
}

func TestGoal(t *testing.T) {
	f := Of([]float64{1.0, 1.1, 1.2})
	tests := []struct {
		name string
		goal Goal
		want Verdict
	}{
		{"median under an upper bound", AtMost("", f, 1.1), Met},
		{"interval across an upper bound", AtMost("", f, 1.05), Open},
		{"interval above an upper bound", AtMost("", f, 0.9), Missed},
		{"median over a lower bound", AtLeast("", f, 1.1), Met},
		{"interval across a lower bound", AtLeast("", f, 1.15), Open},
		{"interval below a lower bound", AtLeast("", f, 1.3), Missed},
		{"nothing measured", AtMost("", Figure{}, 1), Open},
	}
	for _, tt := range tests {
		if tt.goal.Verdict != tt.want {
			t.Errorf("%s is %s, want %s", tt.name, tt.goal.Verdict, tt.want)
		}
	}
}

func TestTable(t *testing.T) {
	tab := Table{Title: "µs", Head: []string{"server", "125 B"}}
	tab.Add("floor", "9.4")
	tab.Add("a", "10.25")
	var b strings.Builder
	tab.WriteTo(&b)
	want := "µs\n\n| server | 125 B |\n|:-------|------:|\n| floor  |   9.4 |\n| a      | 10.25 |\n\n"
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
}
