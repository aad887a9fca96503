package frame

import (
	"encoding/hex"
	"strings"
)

// unhex decodes hex in which spaces mark the borders of fields.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic("BUG: bad hex in a test: " + s)
	}
	return b
}
