package frame

import (
	"strings"
	"testing"
)

// TestNoAllocs says that nothing on the path of a frame allocates.
func TestNoAllocs(t *testing.T) {
	if raceEnabled {
		return // the race detector allocates
	}
	wire := unhex("82 fe 0100 37fa213d")
	room := make([]byte, 0, 256)
	payload := make([]byte, 70_000)
	other := make([]byte, 70_000)
	text := []byte(strings.Repeat("Grüße, 世界 ", 20))
	closing := unhex("03e8 627965")
	for name, f := range map[string]func(){
		"ParseHeader":   func() { ParseHeader(wire) },
		"Header.Parse":  func() { new(Header).Parse(wire) },
		"Header.Append": func() { (&Header{Masked: true, Length: 256}).Append(room) },
		"Mask":          func() { Mask(payload, key, 1) },
		"MaskCopy":      func() { MaskCopy(other, payload, key, 1) },
		"UTF8": func() {
			var u UTF8
			u.Write(text)
			u.End()
		},
		"UTF8.Unmask": func() {
			var u UTF8
			u.Unmask(payload, MaskKey{}, 0)
		},
		"AppendClose": func() { AppendClose(room, CloseNormal, "bye") },
		"ParseClose":  func() { ParseClose(closing) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
