package conn

import (
	"go/parser"
	"go/token"
	"slices"
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

// That keys cannot be foreseen shows in no sample of them; where they come from
// does (F16).
func TestMaskKeysComeFromTheSystem(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "keys.go", nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var imports []string
	for _, i := range file.Imports {
		imports = append(imports, i.Path.Value)
	}
	want := []string{`"crypto/rand"`, `"sync"`, `"github.com/octet-ws/octet/frame"`}
	if !slices.Equal(imports, want) {
		t.Errorf("keys.go imports %v, want crypto/rand as its only source: %v", imports, want)
	}
}
