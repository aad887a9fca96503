package conn

import (
	"math/bits"
	"sync"
)

// Buffers come in powers of two, one pool for each. What is larger than the
// largest class is left to the garbage collector.
const (
	minClassBits = 12 // 4 KiB
	maxClassBits = 22 // 4 MiB
	numClasses   = maxClassBits - minClassBits + 1
	minBuffer    = 1 << minClassBits
)

var pools [numClasses]sync.Pool

// buffer is a piece of memory with positions in it, that belongs to one half
// of one connection at a time. Those of input are explained there; output
// fills b and has sent b[:r].
type buffer struct {
	b            []byte
	m0, m1, r, w int
	peak         int // largest w
}

// classOf returns the smallest class of buffers that hold n bytes;
// numClasses or more if none does.
func classOf(n int) int {
	return max(bits.Len(uint(max(n, 1)-1))-minClassBits, 0)
}

// getBuffer returns a buffer of n bytes or more, from the pool of its class
// if there is one, with all positions 0. The contents are anything.
func getBuffer(n int) *buffer {
	class := classOf(n)
	if class >= numClasses {
		return &buffer{b: make([]byte, n)}
	}
	if b, ok := pools[class].Get().(*buffer); ok {
		return b
	}
	return &buffer{b: make([]byte, minBuffer<<class)}
}

// putBuffer gives a buffer back. No slice of it may be used after.
func putBuffer(b *buffer) {
	*b = buffer{b: b.b[:cap(b.b)]}
	if class := classOf(len(b.b)); class < numClasses && len(b.b) == minBuffer<<class {
		pools[class].Put(b)
	}
}
