package conn

import (
	"sync"
	"testing"

	"github.com/octet-ws/octet/frame"
)

// Keys are drawn in blocks, and each is given out once (F15): of 40,000 that
// are random, some 0.2 are expected to be equal by chance, not a dozen.
func TestMaskKeysAreNotUsedTwice(t *testing.T) {
	var mu sync.Mutex
	seen := map[frame.MaskKey]int{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10_000 {
				key := newMaskKey()
				mu.Lock()
				seen[key]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if again := 40_000 - len(seen); again > 11 {
		t.Errorf("%d of 40,000 keys were given out before", again)
	}
}
