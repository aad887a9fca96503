//go:build !purego

#include "textflag.h"

// The tables and the method are explained in utf8_amd64.s.

DATA first_high<>+0(SB)/8, $0x0202020202020202
DATA first_high<>+8(SB)/8, $0x4915012180808080
GLOBL first_high<>(SB), RODATA|NOPTR, $16

DATA first_low<>+0(SB)/8, $0xcbcbcb8b8383a3e7
DATA first_low<>+8(SB)/8, $0xcbcbdbcbcbcbcbcb
GLOBL first_low<>(SB), RODATA|NOPTR, $16

DATA second_high<>+0(SB)/8, $0x0101010101010101
DATA second_high<>+8(SB)/8, $0x01010101babaaee6
GLOBL second_high<>(SB), RODATA|NOPTR, $16

// func validVector(p *byte, n int) bool
TEXT ·validVector(SB), NOSPLIT, $0-17
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	ADD  R1, R0, R1
	SUB  $16, R1             // the last place for a block

	MOVD $first_high<>(SB), R2
	VLD1 (R2), [V0.B16]
	MOVD $first_low<>(SB), R2
	VLD1 (R2), [V1.B16]
	MOVD $second_high<>(SB), R2
	VLD1 (R2), [V2.B16]
	VMOVI $0x0f, V3.B16
	VMOVI $0x80, V4.B16
	VMOVI $0xe0, V5.B16
	VMOVI $0xf0, V6.B16
	VEOR  V7.B16, V7.B16, V7.B16 // gathers what is wrong

loop:
	// V8 = 16 octets, V9 to V11 = those one, two and three before each.
	FMOVQ (R0), F8
	FMOVQ -3(R0), F11

	// All ASCII, and the three before? Then nothing can be wrong.
	VORR V8.B16, V11.B16, V12.B16
	VMOV V12.D[0], R3
	VMOV V12.D[1], R4
	ORR  R3, R4
	TST  $0x8080808080808080, R4
	BEQ  next

	FMOVQ -1(R0), F9
	FMOVQ -2(R0), F10

	VUSHR $4, V9.B16, V12.B16
	VTBL  V12.B16, [V0.B16], V12.B16 // what the high half of the first allows
	VAND  V3.B16, V9.B16, V13.B16
	VTBL  V13.B16, [V1.B16], V13.B16 // what its low half allows
	VUSHR $4, V8.B16, V14.B16
	VTBL  V14.B16, [V2.B16], V14.B16 // what the high half of the second allows
	VAND  V12.B16, V13.B16, V12.B16
	VAND  V14.B16, V12.B16, V12.B16

	VUMAX V5.B16, V10.B16, V13.B16 // unchanged if the octet two before is ≥ E0
	VCMEQ V13.B16, V10.B16, V13.B16
	VUMAX V6.B16, V11.B16, V14.B16 // or the one three before ≥ F0
	VCMEQ V14.B16, V11.B16, V14.B16
	VORR  V13.B16, V14.B16, V13.B16
	VAND  V4.B16, V13.B16, V13.B16
	VEOR  V13.B16, V12.B16, V12.B16
	VORR  V12.B16, V7.B16, V7.B16

next:
	// The last block ends where the text does and may overlap the one before.
	CMP  R1, R0
	BEQ  done
	ADD  $16, R0
	CMP  R1, R0
	CSEL HI, R1, R0, R0
	B    loop

done:
	VMOV V7.D[0], R3
	VMOV V7.D[1], R4
	ORR  R3, R4
	CMP  $0, R4
	CSET EQ, R3
	MOVB R3, ret+16(FP)
	RET
