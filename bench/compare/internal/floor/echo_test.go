package floor

import (
	"bytes"
	"testing"
)

// Three masked frames are answered the same one by one and together, at every
// cut of the input.
func TestEcho(t *testing.T) {
	var in, want []byte
	var ends, wantEnds []int
	for i, length := range []int{5, 300, 70000} {
		payload := bytes.Repeat([]byte{byte('a' + i)}, length)
		h := Header{First: 0x82, Length: length}
		want = append(h.Append(want), payload...)
		h.Masked, h.Key = true, [4]byte{1, 2, 3, byte(i)}
		Mask(payload, h.Key)
		in = append(h.Append(in), payload...)
		ends, wantEnds = append(ends, len(in)), append(wantEnds, len(want))
	}
	cuts := []int{0, 1, 5, 6, 10, 11, 12, 14, 17, 318, 319, 320, 400, 70331, 70332, len(in) - 1, len(in)}
	for _, cut := range cuts {
		whole := 0 // bytes of whole frames before the cut, and of their answers
		answers := 0
		for i, end := range ends {
			if end <= cut {
				whole, answers = end, wantEnds[i]
			}
		}

		b := bytes.Clone(in)
		start, end, used, _ := EchoAll(b[:cut])
		if used != whole || !bytes.Equal(b[start:end], want[:answers]) {
			t.Errorf("cut at %d: EchoAll used %d bytes and answered %d, want %d and %d", cut, used, end-start, whole, answers)
		}
		if !bytes.Equal(b[used:], in[used:]) {
			t.Errorf("cut at %d: EchoAll touched what is behind the frames it used", cut)
		}

		b = bytes.Clone(in)
		var got []byte
		for at := 0; ; {
			start, end, _ := Echo(b[at:cut])
			if end == 0 {
				break
			}
			got = append(got, b[at+start:at+end]...)
			at += end
		}
		if !bytes.Equal(got, want[:answers]) {
			t.Errorf("cut at %d: Echo answered %d bytes, want %d", cut, len(got), answers)
		}
	}
}
