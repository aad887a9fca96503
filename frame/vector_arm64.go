//go:build !purego

package frame

var hasVector = true // part of every arm64 processor; a variable for the tests

// maskVector masks n ≥ 16 bytes from src to dst; see mask.go.
//
//go:noescape
func maskVector(dst, src *byte, n int, key uint32, look bool) (ascii bool)

// validVector reports whether n ≥ 16 octets are UTF-8 that begins with a
// character and may stop inside one. Three octets of the same text must stand
// before p.
//
//go:noescape
func validVector(p *byte, n int) bool
