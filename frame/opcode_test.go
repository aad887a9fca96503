package frame

import "testing"

// TestOpcodes is the table of RFC 6455 §5.2: which opcodes have a meaning
// (F8), and which of them are for control frames (§5.5).
func TestOpcodes(t *testing.T) {
	names := map[Opcode]string{0: "Continuation", 1: "Text", 2: "Binary", 8: "Close", 9: "Ping", 10: "Pong"}
	for op := Opcode(0); op < 16; op++ {
		name, known := names[op]
		if op.IsReserved() == known {
			t.Errorf("opcode %#x is reserved: %v", uint8(op), op.IsReserved())
		}
		if op.IsControl() != (op >= 8) {
			t.Errorf("opcode %#x is a control opcode: %v", uint8(op), op.IsControl())
		}
		if op.IsData() != (op <= 2) {
			t.Errorf("opcode %#x is for data: %v", uint8(op), op.IsData())
		}
		if known && op.String() != name {
			t.Errorf("opcode %#x is called %q, want %q", uint8(op), op, name)
		}
	}
	if got := Opcode(0xb).String(); got != "opcode 0xb" {
		t.Errorf("a reserved opcode is called %q", got)
	}
	if !Opcode(16).IsReserved() {
		t.Errorf("16 does not fit in four bits but is no reserved opcode")
	}
}

func TestRSVString(t *testing.T) {
	for r, want := range map[RSV]string{0: "none", RSV1: "RSV1", RSV2: "RSV2", RSV1 | RSV3: "RSV1+RSV3", 7: "RSV1+RSV2+RSV3"} {
		if got := r.String(); got != want {
			t.Errorf("RSV %03b prints as %q, want %q", uint8(r), got, want)
		}
	}
}
