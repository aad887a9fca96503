package conn

import "testing"

func TestBufferClasses(t *testing.T) {
	for _, tt := range []struct{ ask, get int }{
		{0, 4096}, {1, 4096}, {4096, 4096}, {4097, 8192}, {65536, 65536}, {65537, 131072},
		{1 << 20, 1 << 20}, {1<<20 + 1, 2 << 20}, {4 << 20, 4 << 20}, {4<<20 + 1, 4<<20 + 1},
	} {
		b := getBuffer(tt.ask)
		if len(b.b) != tt.get {
			t.Errorf("asked for %d bytes, got %d, want %d", tt.ask, len(b.b), tt.get)
		}
		b.b, b.r, b.w = b.b[:0], 1, 2
		putBuffer(b)
		if b = getBuffer(tt.ask); len(b.b) != tt.get || b.r != 0 || b.w != 0 {
			t.Errorf("a buffer comes back whole: %d bytes, r %d, w %d", len(b.b), b.r, b.w)
		}
	}
}
