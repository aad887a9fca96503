package bench

import "testing"

func BenchmarkEndpoint(b *testing.B) { benchmark(b, endpoints()) }
