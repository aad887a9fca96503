package ws_test

import (
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn/ws"
)

// Clients that begin a head and never end it: the memory they take is bounded by
// MaxHalfOpen, and others are served meanwhile (X14).
func TestSlowloris(t *testing.T) {
	const (
		clients  = 5000
		halfOpen = 256
		each     = 16 << 10 // a half-open handshake: its stack and its buffer
		ours     = 1 << 10  // the other end, which is in this process too
	)
	l, url := listen(t, &ws.ListenOptions{MaxHalfOpen: halfOpen}, echo)
	memory := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	goroutines, before := runtime.NumGoroutine(), memory()
	for i := range clients {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, request) // an error says that it was its turn to go
		if i%500 == 0 {
			good, _, err := ws.Dial(soon(t), url, nil)
			if err != nil {
				t.Fatalf("with %d half-open handshakes, a good client: %v", i+1, err)
			}
			converse(t, good)
			checkClosed(t, good)
		}
	}
	if after, most := memory(), before+halfOpen*each+clients*ours; after > most {
		t.Errorf("%d half-open handshakes take %d KiB, want at most %d", clients, (after-before)>>10, (most-before)>>10)
	} else {
		t.Logf("%d half-open handshakes take %d KiB", clients, (int64(after)-int64(before))>>10)
	}
	running := func() int { return runtime.NumGoroutine() - goroutines }
	for range 100 { // who has lost its place takes a moment to end
		if running() <= halfOpen+50 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if n := running(); n > halfOpen+50 {
		t.Errorf("%d goroutines run for them, want at most %d and a few", n, halfOpen)
	}
}
