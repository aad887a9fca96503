package ws

import (
	"math"
	"math/rand/v2"
	"time"
)

// A Backoff says how long to wait before connecting again. Its zero value
// keeps RFC 6455 §7.2.3: the first attempt after a failure comes after a
// random delay of up to 5 s, so that a thousand clients that lost the same
// server do not return at once, and later delays grow (K17-K19).
type Backoff struct {
	// First bounds the random delay before the first retry. If zero, 5 s.
	// If negative, the first retry waits as the others do.
	First time.Duration

	// Table lists the delays that follow; its last entry repeats. If empty,
	// the delays are Min, Min·Factor, Min·Factor², … up to Max.
	Table []time.Duration

	// Min is the first exponential delay. If zero, 1 s.
	Min time.Duration
	// Max bounds every delay but those a server asks for. If zero, 1 min.
	Max time.Duration
	// Factor is the growth. If less than 1, 2.
	Factor float64

	// Jitter is the part of a delay that is random: 0.3 makes a delay of 10 s
	// one of 7 to 10 s. If zero, 0.3; if negative, none; at most 1.
	Jitter float64

	// Lived is how long a connection must have stood for the failures before
	// it to be forgotten. If zero, 1 min.
	Lived time.Duration

	// MaxFailures ends the attempts after so many failures in a row. If zero,
	// there is no end.
	MaxFailures int

	// Rand returns a number in [0, 1). If nil, math/rand/v2.Float64.
	Rand func() float64
}

const (
	defaultFirst  = 5 * time.Second
	defaultMin    = time.Second
	defaultMax    = time.Minute
	defaultFactor = 2
	defaultJitter = 0.3
	defaultLived  = time.Minute
)

// Delay returns how long to wait after that many failures in a row, the
// first being number 1.
func (b *Backoff) Delay(failures int) time.Duration {
	first := orDefault(b.First, defaultFirst)
	if first > 0 {
		if failures <= 1 {
			return time.Duration(float64(first) * b.random())
		}
		failures--
	}
	d := min(b.step(max(failures, 1)-1), orDefault(b.Max, defaultMax))
	jitter := b.Jitter
	switch {
	case jitter == 0:
		jitter = defaultJitter
	case jitter < 0:
		jitter = 0
	}
	return d - time.Duration(float64(d)*min(jitter, 1)*b.random())
}

// step returns delay number n, from 0, before its bound and jitter.
func (b *Backoff) step(n int) time.Duration {
	if len(b.Table) > 0 {
		return b.Table[min(n, len(b.Table)-1)]
	}
	factor := b.Factor
	if factor < 1 {
		factor = defaultFactor
	}
	d := float64(orDefault(b.Min, defaultMin)) * math.Pow(factor, float64(n))
	if d > math.MaxInt64/2 { // beyond which a Duration overflows
		return math.MaxInt64 / 2
	}
	return time.Duration(d)
}

func (b *Backoff) random() float64 {
	if b.Rand != nil {
		return b.Rand()
	}
	return rand.Float64()
}

func orDefault(d, byDefault time.Duration) time.Duration {
	if d == 0 {
		return byDefault
	}
	return d
}
