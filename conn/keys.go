package conn

import (
	"crypto/rand"
	"sync"

	"github.com/octet-ws/octet/frame"
)

// keyBlock holds masking keys that were drawn together, because drawing one
// at a time costs more than the masking of a small frame. Each is used once
// and on one frame only, so that none foretells another (RFC 6455 §5.3, F15
// to F17, X12).
type keyBlock struct {
	keys [64]frame.MaskKey
	next int
}

var keyBlocks = sync.Pool{New: func() any { return &keyBlock{next: len(keyBlock{}.keys)} }}

// newMaskKey returns a key from the system's random source.
func newMaskKey() frame.MaskKey {
	b := keyBlocks.Get().(*keyBlock)
	if b.next == len(b.keys) {
		var fresh [4 * len(b.keys)]byte
		rand.Read(fresh[:]) // never fails
		for i := range b.keys {
			b.keys[i] = frame.MaskKey(fresh[4*i:])
		}
		b.next = 0
	}
	key := b.keys[b.next]
	b.keys[b.next] = frame.MaskKey{}
	b.next++
	keyBlocks.Put(b)
	return key
}
