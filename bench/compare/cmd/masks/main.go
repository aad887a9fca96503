// Command masks measures one masking function on one size of payload and
// prints the nanoseconds of a call. `compare mask` runs it in rounds. It builds
// it with the tag peers, against copies of the peers in which their functions
// have exported names, and once more with the tag purego, which leaves out the
// assembly of those that have some.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/octet-ws/octet/frame"
)

// loop masks b n times. Each is a loop of its own around a direct call: a call
// through a variable would be a good part of what 16 bytes cost.
type loop func(b []byte, key [4]byte, n int)

// loops returns all there is in this build, by name. memcpy copies size bytes
// instead.
func loops(size int) map[string]loop {
	from := aligned(size)
	all := map[string]loop{
		"octet": octetLoop,
		"memcpy": func(b []byte, _ [4]byte, n int) {
			for range n {
				copy(b, from)
			}
		},
		"byte loop": byteLoop,
	}
	maps.Copy(all, peers)
	return all
}

// octetLoop is a function by name because the compiler inlines nothing into the
// literals of a function that is itself inlined.
func octetLoop(b []byte, key [4]byte, n int) {
	for range n {
		frame.Mask(b, key, 0)
	}
}

// byteLoop is the definition of RFC 6455 §5.3.
func byteLoop(b []byte, key [4]byte, n int) {
	for range n {
		for i := range b {
			b[i] ^= key[i&3]
		}
	}
}

// aligned returns n bytes from the start of a page, where the allocator puts
// whatever is larger than its classes.
func aligned(n int) []byte { return make([]byte, max(n, 64<<10))[:n] }

func main() {
	testing.Init()
	name := flag.String("mask", "octet", "the function's `name`: one of "+strings.Join(slices.Sorted(maps.Keys(loops(0))), ", "))
	size := flag.Int("size", 125, "`bytes` of payload")
	duration := flag.Duration("time", 20*time.Millisecond, "about how long to measure")
	flag.Parse()
	if err := flag.Set("test.benchtime", duration.String()); err != nil {
		fatal(err)
	}
	if *size < 0 || flag.NArg() > 0 {
		fatal("want a size and no arguments; -h lists the flags")
	}
	run, ok := loops(*size)[*name]
	if !ok {
		fatal("no function " + strconv.Quote(*name) + " in this build; -h lists them")
	}
	key := [4]byte{0x12, 0x34, 0x56, 0x78}
	if *name != "memcpy" && !masks(run, *size, key) {
		fatal(*name + " masks to something else than the byte loop")
	}
	p := aligned(*size)
	r := testing.Benchmark(func(b *testing.B) { run(p, key, b.N) })
	fmt.Println(float64(r.T.Nanoseconds()) / float64(r.N))
}

// masks reports whether run does what its name says.
func masks(run loop, size int, key [4]byte) bool {
	got, want := aligned(size), aligned(size)
	for i := range got {
		got[i], want[i] = byte(i*7), byte(i*7)
	}
	run(got, key, 1)
	byteLoop(want, key, 1)
	return bytes.Equal(got, want)
}

func fatal(what any) {
	fmt.Fprintln(os.Stderr, "masks:", what)
	os.Exit(1)
}
