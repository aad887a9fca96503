package conn

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// FuzzInput drives the receive buffer as a reader does, with pieces and gaps
// of any size, beside a model that keeps everything.
func FuzzInput(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		in := input{lean: seed%2 == 0}
		var message, unread []byte // the model
		next := byte(0)
		for range 200 {
			switch rnd.IntN(6) {
			case 0, 1, 2: // bytes arrive
				room := in.room(rnd.IntN(3) * rnd.IntN(20000))
				if len(room) == 0 {
					t.Fatal("no room to read")
				}
				n := 1 + rnd.IntN(min(len(room), 3000))
				for i := range n {
					room[i] = next
					unread = append(unread, next)
					next++
				}
				in.received(n)
			case 3, 4: // a header and a payload are decoded
				n := rnd.IntN(len(unread) + 1)
				size := rnd.IntN(n + 1)
				message = append(message, unread[n-size:n]...)
				unread = unread[n:]
				in.consume(n, size)
			case 5: // the message is delivered
				in.drop()
				message = nil
				if rnd.IntN(2) == 0 {
					in.release()
				} else if rnd.IntN(4) == 0 {
					in.detach()
				}
			}
			if !bytes.Equal(in.message(), message) || !bytes.Equal(in.unread(), unread) {
				t.Fatalf("message %d bytes, want %d; unread %d, want %d", len(in.message()), len(message), len(in.unread()), len(unread))
			}
			if b := in.buf; b != nil && !(headroom <= b.m0 && b.m0 <= b.m1 && b.m1 <= b.r && b.r <= b.w && b.w <= len(b.b)) {
				t.Fatalf("positions %d %d %d %d of %d", b.m0, b.m1, b.r, b.w, len(b.b))
			}
		}
	})
}

// The peer's word for a length is not taken for memory.
func TestInputGrowsWithWhatArrives(t *testing.T) {
	var in input
	for arrived := 0; arrived < 1<<20; {
		room := in.room(1 << 30)
		in.received(min(len(room), 1000))
		in.consume(min(len(room), 1000), min(len(room), 1000))
		arrived += min(len(room), 1000)
		if size := len(in.buf.b); size > max(8*arrived, minBuffer) {
			t.Fatalf("%d bytes set aside for %d that arrived", size, arrived)
		}
	}
}

// A connection that has had use for a large buffer gets one again, and gives
// up on it by and by.
func TestInputRemembersSize(t *testing.T) {
	var in input
	use := func(n int) int {
		for read := 0; read < n; {
			k := min(len(in.room(n-read)), n-read)
			in.received(k)
			in.consume(k, k)
			read += k
		}
		size := len(in.buf.b)
		in.drop()
		in.release()
		return size
	}
	use(100_000)
	if n := len(in.room(0)); n < 100_000 {
		t.Errorf("after a message of 100,000 bytes the next buffer has %d", n)
	}
	in.release()
	if n := len(in.room(0)); n < 100_000 {
		t.Errorf("waiting for it must not change that: %d", n)
	}
	in.release()
	for range 10 {
		use(100)
	}
	if n := use(100); n != minBuffer {
		t.Errorf("after many small ones it has %d", n)
	}
}
