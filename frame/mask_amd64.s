//go:build !purego

#include "textflag.h"

// Masking with wide registers.
//
// A register of 32 bytes holds the four octets of the key eight times over,
// and one instruction masks 32 bytes. Two things remain to be seen to.
//
// Stores are fastest at addresses that are multiples of their size, but a
// payload starts anywhere, and it ends anywhere. So the first 32 bytes (the
// head) and the last 32 (the tail) are masked into registers first, before
// any store, since dst may be src. The loop then covers what lies between
// from the first aligned address on, in whole registers; its first and last
// blocks may overlap head and tail. Those are stored at the end. Bytes in an
// overlap are written twice, with the same value.
//
//	dst ─┬─ head ──────┐                       ┌────── tail ─┐
//	     │  32 bytes   │                       │  32 bytes   │
//	     └──┬──────────┴──┬─────────────┬──────┴──────┬──────┘
//	        │   aligned   │   aligned   │   aligned   │
//	        └─────────────┴─────────────┴─────────────┘
//
// The octets of the key are needed in another order at each of the three
// places: i bytes into the payload, key[i mod 4] must come first. Rotating
// the 32-bit key right by 8i bits does that; RORL takes the number of bits
// modulo 32, so i need not be reduced.
//
// To validate text in the same pass, all masked bytes are also ORed together:
// if the highest bit of every byte of the result is clear, all were ASCII.
// This costs a little, so there is a loop with it and one without.

// func maskVector(dst, src *byte, n int, key uint32, look bool) (ascii bool)
TEXT ·maskVector(SB), NOSPLIT, $0-33
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), R8
	MOVL key+24(FP), AX
	CMPQ R8, $256
	JLT  avx2
	CMPB ·hasAVX512(SB), $0
	JNE  avx512

avx2:
	// Y0 = head. VPXOR loads from any address.
	VMOVD        AX, X0
	VPBROADCASTD X0, Y0
	VPXOR        (SI), Y0, Y0

	// Y1 = tail, n-32 bytes on; 32 is a multiple of 4, so rotate by n.
	MOVL         AX, BX
	LEAQ         (R8*8), CX
	RORL         CX, BX
	VMOVD        BX, X1
	VPBROADCASTD X1, Y1
	VPXOR        -32(SI)(R8*1), Y1, Y1

	// Y2 gathers the OR of all that is stored.
	VPOR Y0, Y1, Y2

	// R9 = where the head goes, R10 = where the tail goes.
	MOVQ DI, R9
	LEAQ -32(DI)(R8*1), R10

	// Go on to the next aligned address of dst, CX bytes on, 1 to 32.
	// Y3 = key from there.
	MOVQ         DI, CX
	ORQ          $31, CX
	INCQ         CX
	SUBQ         DI, CX
	ADDQ         CX, DI
	ADDQ         CX, SI
	SHLQ         $3, CX
	RORL         CX, AX
	VMOVD        AX, X3
	VPBROADCASTD X3, Y3

	// Four registers at a time while all four lie before the tail's end.
	// R11 = the last place where they do.
	LEAQ -96(R10), R11
	CMPQ DI, R11
	JHI  rest
	CMPB look+28(FP), $0
	JNE  looking

	PCALIGN $64
plain:
	VPXOR   (SI), Y3, Y4
	VPXOR   32(SI), Y3, Y5
	VPXOR   64(SI), Y3, Y6
	VPXOR   96(SI), Y3, Y7
	VMOVDQA Y4, (DI)
	VMOVDQA Y5, 32(DI)
	VMOVDQA Y6, 64(DI)
	VMOVDQA Y7, 96(DI)
	ADDQ    $128, SI
	ADDQ    $128, DI
	CMPQ    DI, R11
	JLS     plain
	JMP     rest

	PCALIGN $64
looking:
	VPXOR   (SI), Y3, Y4
	VPXOR   32(SI), Y3, Y5
	VPXOR   64(SI), Y3, Y6
	VPXOR   96(SI), Y3, Y7
	VMOVDQA Y4, (DI)
	VMOVDQA Y5, 32(DI)
	VMOVDQA Y6, 64(DI)
	VMOVDQA Y7, 96(DI)
	VPOR    Y4, Y5, Y4
	VPOR    Y6, Y7, Y6
	VPOR    Y4, Y6, Y4
	VPOR    Y4, Y2, Y2
	ADDQ    $128, SI
	ADDQ    $128, DI
	CMPQ    DI, R11
	JLS     looking

	// One register at a time up to the tail. The test stands at the end of the
	// loop, which saves a jump each time around: 512 bytes notice.
rest:
	CMPQ    DI, R10
	JHS     done

one:
	VPXOR   (SI), Y3, Y4
	VMOVDQA Y4, (DI)
	VPOR    Y4, Y2, Y2
	ADDQ    $32, SI
	ADDQ    $32, DI
	CMPQ    DI, R10
	JLO     one

done:
	VMOVDQU   Y0, (R9)
	VMOVDQU   Y1, (R10)
	VPMOVMSKB Y2, AX          // the highest bit of each byte
	VZEROUPPER                // or SSE code that follows would be slow
	TESTL     AX, AX
	SETEQ     ascii+32(FP)
	RET

	// The same with registers of 64 bytes. AVX-512 broadcasts from a general
	// register, and ORs three registers at once: VPTERNLOGD applies any
	// function of three bits, here 0xFE, which is 0 for 000 only.
avx512:
	VPBROADCASTD AX, Z0
	VPXORD       (SI), Z0, Z0     // head

	MOVL         AX, BX
	LEAQ         (R8*8), CX
	RORL         CX, BX
	VPBROADCASTD BX, Z1
	VPXORD       -64(SI)(R8*1), Z1, Z1 // tail

	VPORD Z0, Z1, Z2              // OR of all that is stored

	MOVQ DI, R9                   // where the head goes
	LEAQ -64(DI)(R8*1), R10       // where the tail goes

	// The next aligned address, 1 to 64 bytes on, and the key from there.
	MOVQ         DI, CX
	ORQ          $63, CX
	INCQ         CX
	SUBQ         DI, CX
	ADDQ         CX, DI
	ADDQ         CX, SI
	SHLQ         $3, CX
	RORL         CX, AX
	VPBROADCASTD AX, Z3

	LEAQ -192(R10), R11
	CMPQ DI, R11
	JHI  rest512
	CMPB look+28(FP), $0
	JNE  looking512

	PCALIGN $64
plain512:
	VPXORD    (SI), Z3, Z4
	VPXORD    64(SI), Z3, Z5
	VPXORD    128(SI), Z3, Z6
	VPXORD    192(SI), Z3, Z7
	VMOVDQA64 Z4, (DI)
	VMOVDQA64 Z5, 64(DI)
	VMOVDQA64 Z6, 128(DI)
	VMOVDQA64 Z7, 192(DI)
	ADDQ      $256, SI
	ADDQ      $256, DI
	CMPQ      DI, R11
	JLS       plain512
	JMP       rest512

	PCALIGN $64
looking512:
	VPXORD     (SI), Z3, Z4
	VPXORD     64(SI), Z3, Z5
	VPXORD     128(SI), Z3, Z6
	VPXORD     192(SI), Z3, Z7
	VMOVDQA64  Z4, (DI)
	VMOVDQA64  Z5, 64(DI)
	VMOVDQA64  Z6, 128(DI)
	VMOVDQA64  Z7, 192(DI)
	VPTERNLOGD $0xFE, Z4, Z5, Z2
	VPTERNLOGD $0xFE, Z6, Z7, Z2
	ADDQ       $256, SI
	ADDQ       $256, DI
	CMPQ       DI, R11
	JLS        looking512

rest512:
	CMPQ      DI, R10
	JHS       done512

one512:
	VPXORD    (SI), Z3, Z4
	VMOVDQA64 Z4, (DI)
	VPORD     Z4, Z2, Z2
	ADDQ      $64, SI
	ADDQ      $64, DI
	CMPQ      DI, R10
	JLO       one512

done512:
	VMOVDQU64 Z0, (R9)
	VMOVDQU64 Z1, (R10)
	VPMOVB2M  Z2, K1
	KMOVQ     K1, AX
	VZEROUPPER
	TESTQ     AX, AX
	SETEQ     ascii+32(FP)
	RET

// func cpuid(leaf uint32) (eax, ebx, ecx uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-20
	MOVL leaf+0(FP), AX
	XORL CX, CX
	CPUID
	MOVL AX, eax+8(FP)
	MOVL BX, ebx+12(FP)
	MOVL CX, ecx+16(FP)
	RET

// func xgetbv() (eax uint32)
TEXT ·xgetbv(SB), NOSPLIT, $0-4
	XORL CX, CX
	XGETBV
	MOVL AX, eax+0(FP)
	RET
