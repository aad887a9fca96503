package frame

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// key is the masking key of the examples in RFC 6455 §5.7.
var key = MaskKey{0x37, 0xfa, 0x21, 0x3d}

// headers is every way to write a length (F10, F12), with and without a
// masking key (F14), and the flags and opcodes.
var headers = []struct {
	name string
	wire []byte
	h    Header
}{
	{"the shortest", unhex("82 00"), Header{Fin: true, Opcode: Binary}},
	{"F12 one byte of length, its largest", unhex("82 7d"), Header{Fin: true, Opcode: Binary, Length: 125}},
	{"F10 two bytes of length, the smallest", unhex("82 7e 007e"), Header{Fin: true, Opcode: Binary, Length: 126}},
	{"F12 network byte order", unhex("82 7e 0102"), Header{Fin: true, Opcode: Binary, Length: 258}},
	{"F10 two bytes of length, the largest", unhex("82 7e ffff"), Header{Fin: true, Opcode: Binary, Length: 65535}},
	{"F10 eight bytes of length, the smallest", unhex("82 7f 0000000000010000"), Header{Fin: true, Opcode: Binary, Length: 65536}},
	{"F9 the largest length there is", unhex("82 7f 7fffffffffffffff"), Header{Fin: true, Opcode: Binary, Length: math.MaxInt64}},
	{"F14 masked", unhex("81 85 37fa213d"), Header{Fin: true, Opcode: Text, Masked: true, Key: key, Length: 5}},
	{"F14 masked, two bytes of length", unhex("82 fe 0100 37fa213d"), Header{Fin: true, Opcode: Binary, Masked: true, Key: key, Length: 256}},
	{"F14 masked, eight bytes of length", unhex("82 ff 0000000000010000 37fa213d"), Header{Fin: true, Opcode: Binary, Masked: true, Key: key, Length: 65536}},
	{"F20 the first fragment", unhex("01 03"), Header{Opcode: Text, Length: 3}},
	{"F20 the last fragment", unhex("80 02"), Header{Fin: true, Opcode: Continuation, Length: 2}},
	{"F44 ping", unhex("89 05"), Header{Fin: true, Opcode: Ping, Length: 5}},
	{"F31 the longest pong", unhex("8a 7d"), Header{Fin: true, Opcode: Pong, Length: 125}},
	{"close", unhex("88 02"), Header{Fin: true, Opcode: Close, Length: 2}},
	{"P5 RSV1", unhex("c1 07"), Header{Fin: true, RSV: RSV1, Opcode: Text, Length: 7}},
	{"F6 RSV2 and RSV3", unhex("31 07"), Header{RSV: RSV2 | RSV3, Opcode: Text, Length: 7}},
}

// TestHeader parses and appends each header, parses it at every cut, and with
// a payload behind it.
func TestHeader(t *testing.T) {
	for _, tt := range headers {
		t.Run(tt.name, func(t *testing.T) {
			h, n, err := ParseHeader(append(bytes.Clone(tt.wire), "payload"...))
			if err != nil || n != len(tt.wire) {
				t.Fatalf("% x parses to %d bytes and %v, want %d bytes and no error", tt.wire, n, err, len(tt.wire))
			}
			if diff := cmp.Diff(tt.h, h); diff != "" {
				t.Errorf("% x parses to (-want +got)\n%s", tt.wire, diff)
			}
			if got := tt.h.Append([]byte("before")); string(got) != "before"+string(tt.wire) {
				t.Errorf("%+v is appended as\n% x, want\n% x", tt.h, got[6:], tt.wire)
			}
			if got := tt.h.Size(); got != len(tt.wire) {
				t.Errorf("%+v says that it takes %d bytes, want %d", tt.h, got, len(tt.wire))
			}
			for cut := range len(tt.wire) {
				h, n, err := ParseHeader(tt.wire[:cut])
				if h != (Header{}) || n != 0 || err != nil {
					t.Errorf("% x, a part of a header, parses to %+v, %d, %v; want a request for more", tt.wire[:cut], h, n, err)
				}
			}
		})
	}
}

// brokenHeaders each break one rule by themselves.
var brokenHeaders = []struct {
	name string
	wire []byte
	rule Rule
	h    Header // filled all the same
}{
	{"F8 opcode 3", unhex("83 00"), RuleOpcode, Header{Fin: true, Opcode: 3}},
	{"F8 opcode 7", unhex("87 00"), RuleOpcode, Header{Fin: true, Opcode: 7}},
	{"F8 opcode B", unhex("8b 00"), RuleOpcode, Header{Fin: true, Opcode: 0xb}},
	{"F8 opcode F", unhex("8f 80 37fa213d"), RuleOpcode, Header{Fin: true, Opcode: 0xf, Masked: true, Key: key}},
	{"F22 a fragment of a ping", unhex("09 00"), RuleControlFragmented, Header{Opcode: Ping}},
	{"F22 a fragment of a close", unhex("08 02"), RuleControlFragmented, Header{Opcode: Close, Length: 2}},
	{"F31 a ping of 126 bytes", unhex("89 7e 007e"), RuleControlLength, Header{Fin: true, Opcode: Ping, Length: 126}},
	{"F31 a close of 65536 bytes", unhex("88 7f 0000000000010000"), RuleControlLength, Header{Fin: true, Opcode: Close, Length: 65536}},
	{"F9 a length of 2^63", unhex("82 7f 8000000000000000"), RuleLengthRange, Header{Fin: true, Opcode: Binary}},
	{"F9 a length of 2^64-1", unhex("82 ff ffffffffffffffff 37fa213d"), RuleLengthRange, Header{Fin: true, Opcode: Binary, Masked: true, Key: key}},
	{"F9 before F8: there is no length to go by", unhex("37 7f ff30303030303030"), RuleLengthRange, Header{RSV: RSV2 | RSV3, Opcode: 7}},
	{"F11 two bytes for 125", unhex("82 7e 007d"), RuleLengthMinimal, Header{Fin: true, Opcode: Binary, Length: 125}},
	{"F11 two bytes for 0", unhex("82 7e 0000"), RuleLengthMinimal, Header{Fin: true, Opcode: Binary}},
	{"F11 eight bytes for 65535", unhex("82 7f 000000000000ffff"), RuleLengthMinimal, Header{Fin: true, Opcode: Binary, Length: 65535}},
	{"F11 eight bytes for 5", unhex("82 7f 0000000000000005"), RuleLengthMinimal, Header{Fin: true, Opcode: Binary, Length: 5}},
}

func TestHeaderBroken(t *testing.T) {
	for _, tt := range brokenHeaders {
		t.Run(tt.name, func(t *testing.T) {
			h, n, err := ParseHeader(tt.wire)
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, tt.rule) {
				t.Fatalf("% x parses to error %v, want %v", tt.wire, err, tt.rule)
			}
			if n != len(tt.wire) || h != tt.h || e.Header != tt.h || e.Offset != 0 {
				t.Errorf("% x parses to %+v, %d bytes, %+v; want %+v, %d", tt.wire, h, n, e, tt.h, len(tt.wire))
			}
			for cut := range len(tt.wire) {
				if _, n, err := ParseHeader(tt.wire[:cut]); n != 0 || err != nil {
					t.Errorf("% x, a part of a header, parses to %d bytes, %v", tt.wire[:cut], n, err)
				}
			}
		})
	}
}

// TestHeaderAppendDrops says what becomes of values that do not fit.
func TestHeaderAppendDrops(t *testing.T) {
	h := Header{RSV: 0xff, Opcode: 0xff, Length: -1}
	if got, want := h.Append(nil), unhex("7f 00"); !bytes.Equal(got, want) {
		t.Errorf("%+v is appended as % x, want % x", h, got, want)
	}
	if got := h.Size(); got != 2 {
		t.Errorf("%+v takes %d bytes, want 2", h, got)
	}
}

// TestFramesOfTheRFC is the examples of RFC 6455 §5.7.
func TestFramesOfTheRFC(t *testing.T) {
	for _, tt := range []struct {
		name, payload string
		h             Header
		wire          []byte
	}{
		{"F19 an unmasked text message in one frame", "Hello", Header{Fin: true, Opcode: Text}, unhex("81 05 48656c6c6f")},
		{"F14 F18 a masked text message in one frame", "Hello", Header{Fin: true, Opcode: Text, Masked: true, Key: key}, unhex("81 85 37fa213d 7f9f4d5158")},
		{"F20 the first of two fragments", "Hel", Header{Opcode: Text}, unhex("01 03 48656c")},
		{"F20 the second", "lo", Header{Fin: true}, unhex("80 02 6c6f")},
		{"F44 a ping", "Hello", Header{Fin: true, Opcode: Ping}, unhex("89 05 48656c6c6f")},
		{"F47 a masked pong", "Hello", Header{Fin: true, Opcode: Pong, Masked: true, Key: key}, unhex("8a 85 37fa213d 7f9f4d5158")},
		{"F51 256 bytes of binary", string(make([]byte, 256)), Header{Fin: true, Opcode: Binary}, append(unhex("82 7e 0100"), make([]byte, 256)...)},
		{"F51 64 KiB of binary", string(make([]byte, 65536)), Header{Fin: true, Opcode: Binary}, append(unhex("82 7f 0000000000010000"), make([]byte, 65536)...)},
	} {
		tt.h.Length = int64(len(tt.payload))
		got := append(tt.h.Append(nil), tt.payload...)
		if tt.h.Masked {
			Mask(got[tt.h.Size():], tt.h.Key, 0)
		}
		if !bytes.Equal(got, tt.wire) {
			t.Errorf("%s is\n% x, want\n% x", tt.name, got, tt.wire)
		}
	}
}
