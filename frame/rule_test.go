package frame

import (
	"errors"
	"strings"
	"testing"
)

// TestRules says that every rule has a section, a code that may be sent and a
// text that fits into the reason of a Close.
func TestRules(t *testing.T) {
	for r := Rule(1); r <= lastRule; r++ {
		if !strings.HasPrefix(r.Section(), "RFC ") || !strings.Contains(r.Section(), "§") {
			t.Errorf("rule %d stands in %q", r, r.Section())
		}
		if !r.CloseCode().MaySend() {
			t.Errorf("%v: code %d must not be sent", r, r.CloseCode())
		}
		if _, err := AppendClose(nil, r.CloseCode(), r.String()); err != nil || r.String() == "" {
			t.Errorf("%v cannot be the reason of a Close: %v", r, err)
		}
		if !strings.Contains(r.Error(), r.Section()) {
			t.Errorf("%v does not name its section", r.Error())
		}
	}
	for _, r := range []Rule{0, lastRule + 1} {
		if r.Section() != "" || r.CloseCode() != 0 || !strings.HasPrefix(r.String(), "rule ") {
			t.Errorf("%d is no rule but has section %q, code %d, text %q", r, r.Section(), r.CloseCode(), r)
		}
	}
}

func TestError(t *testing.T) {
	var err error = &Error{Rule: RuleRSV, Header: Header{Opcode: Text, Length: 7}, Offset: 42}
	want := "websocket: reserved bit set without an extension that defines it, in a Text frame of 7 bytes from the peer, at byte 42 (RFC 6455 §5.2)"
	if got := err.Error(); got != want {
		t.Errorf("an error prints as\n%s, want\n%s", got, want)
	}
	if !errors.Is(err, RuleRSV) || errors.Is(err, RuleOpcode) {
		t.Errorf("errors.Is does not find the rule in %v, or another one", err)
	}
}
