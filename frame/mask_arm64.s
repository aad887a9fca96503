//go:build !purego

#include "textflag.h"

// func maskVector(dst, src *byte, n int, key uint32, look bool) (ascii bool)
//
// The plan is drawn in mask_amd64.s: head and tail go to registers first, the
// aligned middle is masked in whole registers, then head and tail are stored.
// Here a register holds 16 bytes, and one instruction loads or stores four.
// It always looks.
TEXT ·maskVector(SB), NOSPLIT, $0-33
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	MOVWU key+24(FP), R3

	// V0 = head.
	VDUP R3, V16.S4
	VLD1 (R1), [V0.B16]
	VEOR V16.B16, V0.B16, V0.B16

	// V1 = tail, n-16 bytes on: the key rotated by n bytes.
	LSL  $3, R2, R4
	RORW R4, R3, R5
	VDUP R5, V16.S4
	ADD  R2, R1, R6
	SUB  $16, R6
	VLD1 (R6), [V1.B16]
	VEOR V16.B16, V1.B16, V1.B16

	// V2 gathers the OR of all that is stored.
	VORR V0.B16, V1.B16, V2.B16

	// R7 = where the head goes, R8 = where the tail goes.
	MOVD R0, R7
	ADD  R2, R0, R8
	SUB  $16, R8

	// Go on to the next aligned address of dst: R4 = -dst mod 16 bytes.
	// V16 = key from there.
	NEG  R0, R4
	AND  $15, R4
	ADD  R4, R0
	ADD  R4, R1
	LSL  $3, R4
	RORW R4, R3, R5
	VDUP R5, V16.S4

	// Four registers at a time while all four lie before the tail's end.
	// R9 = the last place where they do.
	SUB $48, R8, R9
	CMP R9, R0
	BHI rest

four:
	VLD1.P 64(R1), [V4.B16, V5.B16, V6.B16, V7.B16]
	VEOR   V16.B16, V4.B16, V4.B16
	VEOR   V16.B16, V5.B16, V5.B16
	VEOR   V16.B16, V6.B16, V6.B16
	VEOR   V16.B16, V7.B16, V7.B16
	VST1.P [V4.B16, V5.B16, V6.B16, V7.B16], 64(R0)
	VORR   V4.B16, V5.B16, V4.B16
	VORR   V6.B16, V7.B16, V6.B16
	VORR   V4.B16, V6.B16, V4.B16
	VORR   V4.B16, V2.B16, V2.B16
	CMP    R9, R0
	BLS    four

	// One register at a time up to the tail.
rest:
	CMP    R8, R0
	BHS    done
	VLD1.P 16(R1), [V4.B16]
	VEOR   V16.B16, V4.B16, V4.B16
	VST1.P [V4.B16], 16(R0)
	VORR   V4.B16, V2.B16, V2.B16
	B      rest

done:
	VST1 [V0.B16], (R7)
	VST1 [V1.B16], (R8)
	VMOV V2.D[0], R4
	VMOV V2.D[1], R5
	ORR  R4, R5
	TST  $0x8080808080808080, R5 // the highest bit of each byte
	CSET EQ, R6
	MOVB R6, ascii+32(FP)
	RET
