package conntest

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// NoLeaks fails the test if goroutines it started are running the code of the
// named package (a part of its import path) some time after it. Inside a
// testing/synctest bubble it is not needed, as a bubble waits for all of its
// goroutines.
func NoLeaks(t testing.TB, pkg string) {
	before := goroutines(pkg)
	t.Cleanup(func() {
		var left []string
		for range 100 {
			left = left[:0]
			for id, stack := range goroutines(pkg) {
				if _, old := before[id]; !old {
					left = append(left, stack)
				}
			}
			if len(left) == 0 {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("%d goroutines left behind, the first:\n%s", len(left), left[0])
	})
}

// goroutines returns the stacks, by goroutine, that mention pkg.
func goroutines(pkg string) map[string]string {
	b := make([]byte, 1<<20)
	b = b[:runtime.Stack(b, true)]
	found := map[string]string{}
	for _, stack := range strings.Split(string(b), "\n\n") {
		head, _, _ := strings.Cut(stack, " [")
		if strings.Contains(stack, pkg) && !strings.Contains(stack, "conntest.goroutines") {
			found[head] = stack
		}
	}
	return found
}
