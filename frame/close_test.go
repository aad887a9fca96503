package frame

import (
	"bytes"
	"strings"
	"testing"
)

// TestCloseCodes is RFC 6455 §7.4 with the codes IANA added (K21, K22, K23,
// K25, K26): what may be in a Close frame, at the edges of every range.
func TestCloseCodes(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to CloseCode
		may      bool
	}{
		{"K25 0 to 999 are not used", 0, 999, false},
		{"K21 normal closure to unsupported data", 1000, 1003, true},
		{"K23 1004 is reserved", 1004, 1004, false},
		{"K22 no status, abnormal closure", 1005, 1006, false},
		{"K21 K26 invalid payload to bad gateway", 1007, 1014, true},
		{"K22 TLS handshake", 1015, 1015, false},
		{"K25 reserved for the protocol", 1016, 2999, false},
		{"K25 registered", 3000, 3999, true},
		{"K25 private", 4000, 4999, true},
		{"K25 beyond", 5000, 65535, false},
	} {
		for c := int(tt.from); c <= int(tt.to); c++ {
			if got := CloseCode(c).MaySend(); got != tt.may {
				t.Errorf("%s: may send %d is %v", tt.name, c, got)
			}
			if got := CloseCode(c).MayReceive(); got != tt.may {
				t.Errorf("%s: may receive %d is %v", tt.name, c, got)
			}
		}
	}
}

func TestCloseCodeString(t *testing.T) {
	for c := CloseCode(1000); c <= 1015; c++ {
		if s := c.String(); c != 1004 && len(s) <= len("1000 ") || !strings.HasPrefix(s, "10") {
			t.Errorf("%d prints as %q", uint16(c), s)
		}
	}
	if got := CloseCode(4321).String(); got != "4321" {
		t.Errorf("a private code prints as %q", got)
	}
}

// closePayloads are payloads of Close frames. A row without a rule is right
// both ways: what parses is what AppendClose makes.
var closePayloads = []struct {
	name   string
	wire   []byte
	code   CloseCode
	reason string
	rule   Rule
}{
	{"K8 empty", nil, CloseNoStatus, "", 0},
	{"F32 one octet", unhex("03"), 0, "", RuleCloseLength},
	{"F32 network byte order", unhex("03e8"), CloseNormal, "", 0},
	{"K9 a reason", unhex("03e9 627965"), CloseGoingAway, "bye", 0},
	{"F33 a reason beyond ASCII", unhex("0fa0 e29c93"), 4000, "✓", 0},
	{"F33 the longest reason", append(unhex("0bb8"), strings.Repeat("x", 123)...), 3000, strings.Repeat("x", 123), 0},
	{"F33 a reason that is not UTF-8", unhex("03e8 ff"), CloseNormal, "\xff", RuleCloseReason},
	{"F33 a reason that stops inside a character", unhex("03e8 e29c"), CloseNormal, "\xe2\x9c", RuleCloseReason},
	{"K25 code 0", unhex("0000"), 0, "", RuleCloseCode},
	{"K25 code 999", unhex("03e7"), 999, "", RuleCloseCode},
	{"K23 code 1004", unhex("03ec"), 1004, "", RuleCloseCode},
	{"K22 code 1005 on the wire", unhex("03ed"), 1005, "", RuleCloseCode},
	{"K22 code 1006", unhex("03ee"), 1006, "", RuleCloseCode},
	{"K22 code 1015", unhex("03f7"), 1015, "", RuleCloseCode},
	{"K25 code 2999", unhex("0bb7"), 2999, "", RuleCloseCode},
	{"K25 code 5000", unhex("1388"), 5000, "", RuleCloseCode},
	{"K25 code 65535", unhex("ffff"), 65535, "", RuleCloseCode},
}

func TestClosePayload(t *testing.T) {
	for _, tt := range closePayloads {
		t.Run(tt.name, func(t *testing.T) {
			code, reason, err := ParseClose(tt.wire)
			if code != tt.code || string(reason) != tt.reason {
				t.Errorf("% x parses to %d %q, want %d %q", tt.wire, code, reason, tt.code, tt.reason)
			}
			if tt.rule == 0 && err != nil || tt.rule != 0 && err != tt.rule {
				t.Errorf("% x parses to error %v, want %v", tt.wire, err, tt.rule)
			}
			if tt.rule != 0 {
				return
			}
			got, err := AppendClose([]byte("x"), tt.code, tt.reason)
			if err != nil || string(got) != "x"+string(tt.wire) {
				t.Errorf("%d %q is appended as % x, %v; want % x", tt.code, tt.reason, got, err, tt.wire)
			}
		})
	}
}

// TestAppendCloseRefuses says what is not sent, and that dst stays as it was.
func TestAppendCloseRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		code   CloseCode
		reason string
		rule   Rule
	}{
		{"K22 no status with a reason", CloseNoStatus, "why", RuleCloseCode},
		{"K22 abnormal closure", CloseAbnormal, "", RuleCloseCode},
		{"K22 TLS handshake", CloseTLSHandshake, "", RuleCloseCode},
		{"K23 1004", 1004, "", RuleCloseCode},
		{"K25 zero", 0, "", RuleCloseCode},
		{"F31 a reason of 124 octets", CloseNormal, strings.Repeat("x", 124), RuleControlLength},
		{"F33 a reason that is not UTF-8", CloseNormal, "\xc0\x80", RuleCloseReason},
	} {
		if got, err := AppendClose([]byte("x"), tt.code, tt.reason); err != tt.rule || !bytes.Equal(got, []byte("x")) {
			t.Errorf("%s: appended % x, %v; want an untouched slice and %v", tt.name, got, err, tt.rule)
		}
	}
}
