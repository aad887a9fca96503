//go:build !purego

package frame

func vectorLoops() []loop {
	return []loop{{"NEON", 16, func(dst, src []byte, key uint32, look bool) bool {
		return maskVector(&dst[0], &src[0], len(src), key, look)
	}}}
}

func withoutVector(f func()) {
	hasVector = false
	f()
	hasVector = true
}
