//go:build !purego

package frame

// vectorLoops has AVX2 take what AVX-512 would, too.
func vectorLoops() (l []loop) {
	for _, wide := range []bool{false, true} {
		if !hasVector || wide && !hasAVX512 {
			continue
		}
		name := map[bool]string{false: "AVX2", true: "AVX-512"}[wide]
		l = append(l, loop{name, 64, func(dst, src []byte, key uint32, look bool) bool {
			defer func(v bool) { hasAVX512 = v }(hasAVX512)
			hasAVX512 = wide
			return maskVector(&dst[0], &src[0], len(src), key, look)
		}})
	}
	return l
}

func withoutVector(f func()) {
	defer func(v bool) { hasVector = v }(hasVector)
	hasVector = false
	f()
}
