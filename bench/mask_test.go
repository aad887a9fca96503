package bench

import "testing"

func BenchmarkMask(b *testing.B) { benchmark(b, masks()) }
