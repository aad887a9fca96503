package diagnose

import (
	"errors"
	"math/bits"
	"slices"
)

// minimize returns a 1-minimal subset of units that passes test: it passes,
// and no subset of it with one unit less does. This is what delta debugging's
// ddmin finds (Zeller and Hildebrandt, 2002); since every test is a connection
// to somebody's server, it is found by binary search instead of by halving the
// whole set again and again.
//
// units has to pass test and the empty set has to fail. The likely units come
// first. One sufficient unit among n costs about log2 n tests, and with slack
// fewer when it stands near the front, at the price of that many tests more
// than log2 n when it does not; k units that are needed together cost k
// searches. test is handed units in their order and should remember its
// answers, for some sets come up twice.
//
// The sets tried are prefixes, so a larger one contains a smaller one, but the
// result does not rely on the test being monotone: each bound was tested, and
// the last loop checks minimality itself.
//
// The error is test's, or errTooMany when more than most units are necessary;
// minimal is then the smallest passing set known.
func minimize[T any](units []T, most, slack int, test func([]T) (bool, error)) (minimal []T, err error) {
	// Invariants:
	//	rest ++ needed passes
	//	every unit of needed is necessary in rest ++ needed
	var needed []T
	rest := units                           // not empty, or the empty set would pass
	depth := bits.Len(uint(len(units) - 1)) // of the first search
	depth = max(depth, min(depth+slack, searchDepth))
	cut := func(lo, hi int) int {
		depth--
		return likelyCut(lo, hi, depth)
	}
	fail := 0 // a length of prefix of rest that fails (beside needed); -1 when none is known
	for len(rest) > 0 {
		pass := len(rest)
		for pass-fail > 1 {
			n := cut(fail, pass)
			ok, err := test(slices.Concat(rest[:n], needed))
			if err != nil {
				return slices.Concat(rest[:pass], needed), err
			}
			if ok {
				pass = n
			} else {
				fail = n
			}
		}
		if pass == 0 {
			break // needed suffices
		}
		if len(needed) == most {
			return slices.Concat(rest[:pass], needed), errTooMany
		}
		// The first unit found is probably the only one. When a further one is
		// the last of the rest, all may well be needed (all names are in the
		// wrong case, say).
		guess := 0
		if len(needed) > 0 && pass == len(rest) {
			guess = pass - 2
		}
		cut = func(lo, hi int) int {
			if lo < guess && guess < hi {
				return guess
			}
			return (lo + hi) / 2
		}
		needed = slices.Concat(rest[pass-1:pass], needed)
		rest, fail = rest[:pass-1], -1
	}

	if len(needed) > 1 {
		for i := range needed {
			fewer := slices.Delete(slices.Clone(needed), i, i+1)
			ok, err := test(fewer)
			if err != nil {
				return needed, err
			}
			if ok {
				return minimize(fewer, most, slack, test)
			}
		}
	}
	return needed, nil
}

var errTooMany = errors.New("more units are necessary than were asked for")

// searchDepth is the number of tests up to which slack applies.
const searchDepth = 4

// likelyCut returns a cut strictly between lo and hi that has as much
// likelihood on its left as on its right, where the i-th unit has the
// likelihood 1/i² (which the harmonic mean of the ends halves). It never cuts
// so unevenly that the search could not end within depth more tests.
func likelyCut(lo, hi, depth int) int {
	n := 2*(lo+1)*(hi+1)/(lo+hi+2) - 1
	side := 1 << max(depth, 0)
	n = min(max(n, hi-side), lo+side)
	return min(max(n, lo+1), hi-1)
}
