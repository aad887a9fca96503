package ws

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBackoffDelay(t *testing.T) {
	const (
		s  = time.Second
		ms = time.Millisecond
	)
	for _, tt := range []struct {
		name    string
		backoff Backoff
		random  float64
		want    []time.Duration // after 1, 2, 3, … failures
	}{
		{"the defaults, were chance always nought", Backoff{}, 0,
			[]time.Duration{0, 1 * s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 60 * s, 60 * s}},
		{"the defaults, were chance always a half", Backoff{}, 0.5,
			[]time.Duration{2500 * ms, 850 * ms, 1700 * ms, 3400 * ms, 6800 * ms, 13600 * ms, 27200 * ms, 51 * s, 51 * s}},
		{"no first delay and no jitter", Backoff{First: -1, Jitter: -1, Max: 3 * s}, 0.5,
			[]time.Duration{1 * s, 2 * s, 3 * s, 3 * s}},
		{"a table, whose last entry repeats", Backoff{Table: []time.Duration{10 * ms, 20 * ms, 50 * ms}, Jitter: -1}, 0.5,
			[]time.Duration{2500 * ms, 10 * ms, 20 * ms, 50 * ms, 50 * ms}},
		{"a table under a bound", Backoff{First: -1, Table: []time.Duration{s, 9 * s}, Max: 4 * s, Jitter: -1}, 0,
			[]time.Duration{1 * s, 4 * s}},
		{"a slower growth", Backoff{First: -1, Min: 100 * ms, Factor: 1.5, Jitter: -1}, 0,
			[]time.Duration{100 * ms, 150 * ms, 225 * ms}},
		{"more jitter than there is", Backoff{First: -1, Jitter: 7}, 0.999,
			[]time.Duration{1 * ms, 2 * ms}},
	} {
		tt.backoff.Rand = func() float64 { return tt.random }
		got := make([]time.Duration, len(tt.want))
		for i := range got {
			got[i] = tt.backoff.Delay(i + 1).Round(10 * time.Microsecond)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: delays (-want +got)\n%s", tt.name, d)
		}
	}
}

// The default source of chance stays within the bounds the field comments
// give, however many failures there were.
func TestBackoffBounds(t *testing.T) {
	var b Backoff
	for failures := range 5000 {
		d, low, high := b.Delay(failures), 700*time.Millisecond, time.Minute
		if failures <= 1 {
			low, high = 0, 5*time.Second
		}
		if d < low || d > high {
			t.Fatalf("after %d failures: %v, want %v to %v", failures, d, low, high)
		}
	}
}
