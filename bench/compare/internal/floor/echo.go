package floor

// Echo turns the masked frame at the start of b into its answer, in place: the
// payload is unmasked where it lies and a server's header put in front of it.
// The answer is b[start:end], and the next frame begins at end. If the frame
// is not whole, end is zero, b is as it was, and need is the size of the whole
// (or of the longest header, when even that is cut).
func Echo(b []byte) (start, end, need int) {
	const maxHeader = 14
	h, n := Parse(b)
	if n == 0 {
		return 0, 0, maxHeader
	}
	end = n + h.Length
	if len(b) < end {
		return 0, 0, end
	}
	if h.Masked {
		Mask(b[n:end], h.Key)
	}
	h.Masked = false
	start = n - h.Size()
	h.Append(b[start:start])
	return start, end, 0
}

// EchoAll turns every whole frame at the start of b into its answer. The
// answers lie together in b[start:end]; used bytes of b are done with, and
// need is as for Echo. The first answer stays where it is; later ones move
// down by what the masking keys before them took.
func EchoAll(b []byte) (start, end, used, need int) {
	for {
		s, e, need := Echo(b[used:])
		if e == 0 {
			return start, end, used, need
		}
		if used == 0 {
			start, end = s, e
		} else {
			end += copy(b[end:], b[used+s:used+e])
		}
		used += e
	}
}
