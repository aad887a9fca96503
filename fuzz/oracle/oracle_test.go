package oracle

import (
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestRead is a few inputs worked out by hand, so that the oracle is not only
// judged by what it judges.
func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, wire string
		c          Config
		events     []string
		faults     []Fault
	}{
		{"Hello", "81 05 48656c6c6f", Config{}, []string{`text "Hello"`}, nil},
		{"Hello, masked", "81 85 37fa213d 7f9f4d5158", Config{Server: true}, []string{`text "Hello"`}, nil},
		{"in two fragments around a ping", "01 03 48656c  89 00  80 02 6c6f", Config{}, []string{`ping ""`, `text "Hello"`}, nil},
		{"a close, and what follows it", "88 02 03e8  ff ff", Config{}, []string{`close 1000 ""`}, nil},
		{"a part of a header", "82 7e 01", Config{}, nil, nil},
		{"several faults in one frame", "f3 fe 0001 00000000 00", Config{}, nil, []Fault{{"5.2", 1002}, {"5.2", 1002}, {"5.2", 1002}, {"5.1", 1002}}},
		{"text cut inside a character", "81 02 c3", Config{}, nil, nil},
		{"text that ends inside a character", "81 01 c3", Config{}, nil, []Fault{{"8.1", 1007}}},
		{"too long", "82 7f 7fffffffffffffff", Config{MaxMessage: 100}, nil, []Fault{{"10.4", 1009}}},
	} {
		wire, _ := hex.DecodeString(strings.ReplaceAll(tt.wire, " ", ""))
		events, faults := Read(wire, tt.c)
		if diff := cmp.Diff(tt.events, events); diff != "" {
			t.Errorf("%s: events (-want +got)\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.faults, faults); diff != "" {
			t.Errorf("%s: faults (-want +got)\n%s", tt.name, diff)
		}
	}
}

// TestText compares with unicode/utf8 on every three octets.
func TestText(t *testing.T) {
	p := make([]byte, 3)
	for i := range 1 << 24 {
		p[0], p[1], p[2] = byte(i>>16), byte(i>>8), byte(i)
		if i>>16 < 0x80 && i>>16 != 'a' {
			continue // one ASCII octet stands for all
		}
		if _, complete := Text(p); complete != utf8.Valid(p) {
			t.Fatalf("% x is valid: %v", p, complete)
		}
	}
}
