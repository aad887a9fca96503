//go:build !purego

package frame

// The widest registers that the processor has and the operating system saves.
var hasVector, hasAVX512 = detectAVX()

// maskVector masks n ≥ 64 bytes from src to dst; see mask.go. It needs AVX2,
// and uses AVX-512 for what is longer than a few registers if hasAVX512.
//
//go:noescape
func maskVector(dst, src *byte, n int, key uint32, look bool) (ascii bool)

// validVector reports whether n ≥ 32 octets are UTF-8 that begins with a
// character and may stop inside one. Three octets of the same text must stand
// before p. It needs AVX2.
//
//go:noescape
func validVector(p *byte, n int) bool

// detectAVX asks the processor which vector instructions it has (CPUID) and
// the operating system, through the processor, which registers it saves when
// it switches threads (XGETBV). Using registers that are not saved would
// corrupt them at random. The bits are those of Intel's manual, volume 2A,
// CPUID, and volume 1, §13.3.
func detectAVX() (avx2, avx512 bool) {
	const (
		osxsave = 1 << 27 // CPUID 1, ECX: XGETBV can be used
		avx     = 1 << 28 // CPUID 1, ECX
		ymm     = 0x06    // XCR0: the XMM and YMM registers are saved
		zmm     = 0xE6    // XCR0: and the mask and ZMM registers
		avx2Bit = 1 << 5  // CPUID 7, EBX
		f, bw   = 1 << 16, 1 << 30
	)
	maxLeaf, _, _ := cpuid(0)
	if maxLeaf < 7 {
		return false, false
	}
	_, _, ecx := cpuid(1)
	if ecx&(osxsave|avx) != osxsave|avx {
		return false, false
	}
	saved := xgetbv()
	_, ebx, _ := cpuid(7)
	avx2 = saved&ymm == ymm && ebx&avx2Bit != 0
	avx512 = avx2 && saved&zmm == zmm && ebx&f != 0 && ebx&bw != 0
	return avx2, avx512
}

// cpuid executes CPUID for a leaf and its first subleaf.
func cpuid(leaf uint32) (eax, ebx, ecx uint32)

// xgetbv returns the low half of XCR0.
func xgetbv() (eax uint32)
