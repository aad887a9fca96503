package bench

import "testing"

func BenchmarkHeader(b *testing.B) { benchmark(b, headers()) }
