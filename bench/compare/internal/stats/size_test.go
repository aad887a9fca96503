package stats

import "testing"

func TestSize(t *testing.T) {
	for n, want := range map[int]string{
		16: "16 B", 1 << 10: "1024 B", 4 << 10: "4 KiB", 4099: "4099 B", 64 << 10: "64 KiB", 1 << 20: "1 MiB", 1<<20 + 1024: "1025 KiB",
	} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}
