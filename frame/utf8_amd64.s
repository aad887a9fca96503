//go:build !purego

#include "textflag.h"

// Validating UTF-8 with wide registers, after J. Keiser and D. Lemire,
// "Validating UTF-8 In Less Than One Instruction Per Byte" (2021).
//
// Whether a text is UTF-8 can be told from each octet and the three before
// it. Nearly all mistakes show in two neighbouring octets, and there in the
// high half of the first, its low half, and the high half of the second. So
// three tables of 16 entries say which mistakes each half allows, one bit
// for each kind; what all three allow has happened:
//
//	01  too short: a first octet of a character, then no continuation
//	02  too long: an ASCII character, then a continuation
//	04  overlong: E0, then 80 to 9F
//	08  beyond U+10FFFF: F4, then 90 to BF; or F5 to FF
//	10  surrogate: ED, then A0 to BF
//	20  overlong: C0 or C1, then a continuation
//	40  overlong: F0, then 80 to 8F; or F5 to FF, then 80 to 8F
//	80  a continuation, then another
//
// The last is right exactly where the octet is the third of a character of
// three or four, or the fourth of four: where the octet two before is at
// least E0, or the one three before at least F0. So that bit is compared with
// what these two say, and the other bits must be clear.
//
// VPSHUFB looks up 32 half octets at once in a table of 16.

// The high half of the first octet. Entries stand from right to left: 0 to 7,
// then 8 to F.
DATA first_high<>+0(SB)/8, $0x0202020202020202
DATA first_high<>+8(SB)/8, $0x4915012180808080
GLOBL first_high<>(SB), RODATA|NOPTR, $16

// Its low half. 01, 02 and 80 do not depend on it.
DATA first_low<>+0(SB)/8, $0xcbcbcb8b8383a3e7
DATA first_low<>+8(SB)/8, $0xcbcbdbcbcbcbcbcb
GLOBL first_low<>(SB), RODATA|NOPTR, $16

// The high half of the second octet.
DATA second_high<>+0(SB)/8, $0x0101010101010101
DATA second_high<>+8(SB)/8, $0x01010101babaaee6
GLOBL second_high<>(SB), RODATA|NOPTR, $16

// The low half of every octet, its highest bit, and what brings E0 and F0,
// and no octet below, to the highest bit when it is subtracted without going
// below zero.
DATA masks<>+0(SB)/4, $0x0f0f0f0f
DATA masks<>+4(SB)/4, $0x80808080
DATA masks<>+8(SB)/4, $0x60606060
DATA masks<>+12(SB)/4, $0x70707070
GLOBL masks<>(SB), RODATA|NOPTR, $16

// func validVector(p *byte, n int) bool
TEXT ·validVector(SB), NOSPLIT, $0-17
	MOVQ p+0(FP), SI
	MOVQ n+8(FP), CX
	LEAQ -32(SI)(CX*1), DI // the last place for a block

	VBROADCASTI128 first_high<>(SB), Y0
	VBROADCASTI128 first_low<>(SB), Y1
	VBROADCASTI128 second_high<>(SB), Y2
	VPBROADCASTD   masks<>+0(SB), Y3
	VPBROADCASTD   masks<>+4(SB), Y4
	VPBROADCASTD   masks<>+8(SB), Y5
	VPBROADCASTD   masks<>+12(SB), Y6
	VPXOR          Y7, Y7, Y7     // gathers what is wrong

loop:
	// Y8 = 32 octets, Y9 to Y11 = those one, two and three before each.
	VMOVDQU (SI), Y8
	VMOVDQU -3(SI), Y11

	// All ASCII, and the three before? Then nothing can be wrong.
	VPOR      Y8, Y11, Y12
	VPMOVMSKB Y12, AX
	TESTL     AX, AX
	JEQ       next

	VMOVDQU -1(SI), Y9
	VMOVDQU -2(SI), Y10

	VPSRLW  $4, Y9, Y12      // shifts words; VPAND drops the neighbour's bits
	VPAND   Y3, Y12, Y12
	VPSHUFB Y12, Y0, Y12     // what the high half of the first allows
	VPAND   Y3, Y9, Y13
	VPSHUFB Y13, Y1, Y13     // what its low half allows
	VPSRLW  $4, Y8, Y14
	VPAND   Y3, Y14, Y14
	VPSHUFB Y14, Y2, Y14     // what the high half of the second allows
	VPAND   Y12, Y13, Y12
	VPAND   Y14, Y12, Y12

	VPSUBUSB Y5, Y10, Y10    // bit 80 if the octet two before is ≥ E0
	VPSUBUSB Y6, Y11, Y11    // or the one three before ≥ F0
	VPOR     Y10, Y11, Y10
	VPAND    Y4, Y10, Y10
	VPXOR    Y10, Y12, Y12
	VPOR     Y12, Y7, Y7

next:
	// The last block ends where the text does and may overlap the one before.
	CMPQ    SI, DI
	JEQ     done
	ADDQ    $32, SI
	CMPQ    SI, DI
	CMOVQHI DI, SI
	JMP     loop

done:
	VPTEST Y7, Y7
	SETEQ  ret+16(FP)
	VZEROUPPER
	RET
