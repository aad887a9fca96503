//go:build purego || !(amd64 || arm64)

package frame

const hasVector = false

// maskVector is for processors that have one; see mask.go.
func maskVector(dst, src *byte, n int, key uint32, look bool) (ascii bool) {
	panic("BUG: no vector instructions here")
}

func validVector(p *byte, n int) bool { panic("BUG: no vector instructions here") }
