package diagnose

import (
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oracle counts the distinct tests of a minimisation.
type oracle struct {
	test  func(set []int) bool
	known map[string]bool
}

func (o *oracle) minimize(units []int) ([]int, error) {
	o.known = map[string]bool{}
	return minimize(units, len(units), 1, func(set []int) (bool, error) {
		ok := o.test(set)
		o.known[fmt.Sprint(set)] = ok
		return ok, nil
	})
}

func numbers(n int) []int {
	units := make([]int, n)
	for i := range units {
		units[i] = i
	}
	return units
}

func containsAll(set []int, want ...int) bool {
	return !slices.ContainsFunc(want, func(w int) bool { return !slices.Contains(set, w) })
}

func TestMinimizeFindsASingleUnitInFewTests(t *testing.T) {
	for n := 1; n <= 64; n++ {
		for unit := range n {
			o := oracle{test: func(set []int) bool { return containsAll(set, unit) }}
			got, err := o.minimize(numbers(n))
			if d := cmp.Diff([]int{unit}, got); d != "" || err != nil {
				t.Fatalf("unit %d of %d matters: %v, error %v", unit, n, got, err)
			}
			most := max(searchDepth, bits.Len(uint(n-1))) + 1
			if len(o.known) > most {
				t.Errorf("unit %d of %d matters: %d tests, want at most %d", unit, n, len(o.known), most)
			}
		}
	}
	o := oracle{test: func(set []int) bool { return containsAll(set, 0) }}
	if o.minimize(numbers(8)); len(o.known) > 1 {
		t.Errorf("the likeliest unit of 8 matters: %d tests, want 1", len(o.known))
	}
}

func TestMinimizeFindsSeveralUnits(t *testing.T) {
	for _, want := range [][]int{{0, 1}, {0, 15}, {14, 15}, {3, 7, 11}, {1, 2, 3, 4}, numbers(16)} {
		o := oracle{test: func(set []int) bool { return containsAll(set, want...) }}
		got, _ := o.minimize(numbers(16))
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("units %v of 16 matter together (-want +got)\n%s", want, d)
		}
		if most := 4 * (len(want) + 2); len(o.known) > most {
			t.Errorf("units %v of 16 matter together: %d tests, want at most %d", want, len(o.known), most)
		}
	}
}

// Whatever the test is, monotone or not, the result passes it and none of its
// subsets with one unit less does.
func TestMinimizeIsOneMinimalForAnyTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + rng.IntN(9)
		passes := make([]bool, 1<<n)
		for i := range passes {
			passes[i] = rng.IntN(3) == 0
		}
		passes[0], passes[len(passes)-1] = false, true
		test := func(set []int) bool {
			i := 0
			for _, u := range set {
				i |= 1 << u
			}
			return passes[i]
		}
		o := oracle{test: test}
		got, err := o.minimize(numbers(n))
		if err != nil || !test(got) {
			t.Fatalf("the result %v fails (error %v)", got, err)
		}
		for i := range got {
			if test(slices.Delete(slices.Clone(got), i, i+1)) {
				t.Fatalf("%v is not minimal: %d can be left out", got, got[i])
			}
		}
	}
}

func TestMinimizeStopsWhenTooManyAreNecessary(t *testing.T) {
	for most := 1; most <= 4; most++ {
		got, err := minimize(numbers(16), most, 1, func(set []int) (bool, error) { return containsAll(set, 2, 8, 13), nil })
		if (most < 3) != (err == errTooMany) || !containsAll(got, 2, 8, 13) {
			t.Errorf("three units matter and %d may: %v, error %v", most, got, err)
		}
	}
}

func TestMinimizeStopsWithTheErrorOfTheTest(t *testing.T) {
	stop := errors.New("stop")
	for after := range 12 {
		n := 0
		_, err := minimize(numbers(16), 16, 1, func(set []int) (bool, error) {
			if n++; n > after {
				return false, stop
			}
			return containsAll(set, 5, 9), nil
		})
		if n > after && err != stop {
			t.Errorf("test %d ends with an error: minimize returns %v", after+1, err)
		}
		if n > after+1 {
			t.Errorf("after the error of test %d there are %d more", after+1, n-after-1)
		}
	}
}
