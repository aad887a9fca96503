package bench

import "testing"

// benchmark runs each subject as a benchmark of its own.
func benchmark(b *testing.B, subjects []Subject) {
	for _, s := range subjects {
		b.Run(s.Group+"/"+s.Name, func(b *testing.B) {
			b.SetBytes(int64(s.Bytes))
			b.ReportAllocs()
			for b.Loop() {
				s.Run()
			}
		})
	}
}
