package bench

import "testing"

func BenchmarkUTF8(b *testing.B) { benchmark(b, texts()) }
