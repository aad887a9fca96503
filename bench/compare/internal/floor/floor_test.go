package floor

import (
	"bytes"
	"strings"
	"testing"
)

func TestHeader(t *testing.T) {
	for _, length := range []int{0, 1, 125, 126, 65535, 65536, 128 << 10} {
		for _, masked := range []bool{false, true} {
			want := Header{First: 0x82, Masked: masked, Length: length}
			if masked {
				want.Key = [4]byte{1, 2, 3, 4}
			}
			wire := want.Append(nil)
			if len(wire) != want.Size() {
				t.Errorf("%+v: Size is %d, but Append wrote %d bytes", want, want.Size(), len(wire))
			}
			got, n := Parse(wire)
			if got != want || n != len(wire) {
				t.Errorf("Parse(% x) = %+v, %d; want %+v, %d", wire, got, n, want, len(wire))
			}
			for cut := range wire {
				if _, n := Parse(wire[:cut]); n != 0 {
					t.Errorf("Parse(% x), a part of a header, took %d bytes for a whole one", wire[:cut], n)
				}
			}
		}
	}
}

func TestMask(t *testing.T) {
	key := [4]byte{0x11, 0x22, 0x33, 0x44}
	for n := range 100 {
		b := bytes.Repeat([]byte{0xa5}, n)
		Mask(b, key)
		for i, c := range b {
			if want := 0xa5 ^ key[i%4]; c != want {
				t.Fatalf("%d bytes: byte %d is %#x, want %#x", n, i, c, want)
			}
		}
	}
}

// The key and the accept value of RFC 6455 §1.3.
func TestAnswer(t *testing.T) {
	head := "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUpgrade: websocket\r\n\r\n"
	out, n := Answer(nil, []byte(head+"behind"))
	if n != len(head) {
		t.Errorf("the head is said to be %d bytes, want %d", n, len(head))
	}
	if !strings.Contains(string(out), "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n") {
		t.Errorf("answer is %q", out)
	}
	if _, n := Answer(nil, []byte(head[:len(head)-1])); n != 0 {
		t.Errorf("a part of a head was taken for a whole one of %d bytes", n)
	}
}
