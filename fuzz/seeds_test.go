package fuzz

import (
	"encoding/hex"
	"strings"
)

// unhex decodes hex in which spaces mark the borders of fields.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic("BUG: bad hex in a seed: " + s)
	}
	return b
}

// wires are frames to start from, as a server sends them: at least one for
// each way to be right and for each rule that can be broken.
var wires = []string{
	"81 05 48656c6c6f  82 00  8a 00",
	"01 03 48656c  89 04 70696e67  00 00  80 02 6c6f  88 05 03e8 627965",
	"82 7e 0080 " + strings.Repeat("c3", 128) + " 82 01 00",
	"82 7f 0000000000010000 00",
	"01 02 61e2  89 00  80 02 9c93",
	"41 02 f248  80 05 cdc9c90700  c1 01 00",
	"81 04 f09d849e  81 03 eda080",
	"c1 00", "a1 00", "91 00", "c9 00", "41 01 61 c0 01 62",
	"83 00", "8b 00", "09 00", "89 7e 007e", "81 7e 0005 48656c6c6f",
	"82 7f 8000000000000000", "82 7f 7fffffffffffffff 00",
	"80 00", "01 00 81 00", "01 00 02 00", "02 00 00 00 00 00 80 00",
	"88 01 03", "88 02 03ec", "88 02 03ed", "88 02 0fa0", "88 03 03e8 ff", "88 00 ff",
	"81 85 37fa213d 7f9f4d5158", "88 80 37fa213d",
}
