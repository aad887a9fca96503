package handshake

// Accept does for the request at the beginning of b all that a server has to: it
// parses and checks it, has c decide, and appends the answer to dst, either the
// 101 or, with an error, the refusal. It returns the length of the request and
// what was agreed. If n is 0 and err is nil, the head is not complete.
//
// The answer and the error are those of ParseRequest, CheckRequest,
// Chooser.Answer, Answer.Append and Refuse, one after the other. For a server
// that has no use for the Request this is the cheap way: an ordinary request is
// answered where it is, without a copy and without an allocation. The room behind
// dst must not be that of b.
func (c *Chooser) Accept(dst, b []byte, lim Limits) (out []byte, n int, a Agreement, err error) {
	if out, n := c.acceptUsual(dst, b, lim); n > 0 {
		return out, n, a, nil
	}
	var r Request
	var offer Offer
	var answer Answer
	if n, err = r.Parse(b, lim); n == 0 && err == nil {
		return dst, 0, a, nil
	}
	if err == nil {
		err = offer.Parse(&r)
	}
	if err == nil {
		answer, err = c.Answer(&r, &offer)
	}
	if err == nil {
		out, err = answer.Append(dst, offer.Key)
	}
	if err != nil {
		return appendRefusal(dst, Refuse(err)), n, a, err
	}
	return out, n, answer.Agreement, nil
}

// appendRefusal appends a refusal, or 500 if the caller's was not a legal one.
func appendRefusal(dst []byte, r *Response) []byte {
	out, err := r.Append(dst)
	if err != nil {
		out, _ = Refuse(nil).Append(dst)
	}
	return out
}

// usualExtensions is what Chromium and Node's ws offer.
const usualExtensions = "permessage-deflate; client_max_window_bits"

// acceptUsual answers a request that is plainly right, on which there is nothing
// to decide. It returns n = 0 for all others: the long way around finds out what
// is wrong with them, or that nothing is. A fuzz test holds the two ways equal.
func (c *Chooser) acceptUsual(dst, b []byte, lim Limits) (out []byte, n int) {
	if c != nil && c.Decide != nil || !isWhole(b, lim) {
		return dst, 0
	}
	_, i := usualRequestLine(b)
	if i == 0 {
		return dst, 0
	}
	var seen requestSeen[[]byte]
	for left := lim.fields(); b[i] != '\r'; left-- {
		colon, from, to := usualField(b, i)
		if to == 0 || left == 0 {
			return dst, 0
		}
		name, value := b[i:colon], b[from:to]
		switch i = to + 2; {
		case isName(name, fieldProtocol):
			return dst, 0
		case isName(name, fieldExtensions):
			if string(value) != usualExtensions && !isExtensions(value) {
				return dst, 0
			}
		case seen.add(name, value) != 0:
			return dst, 0
		}
	}
	if seen.missing() != 0 || b[i+1] != '\n' || len(seen.origin) > 0 && !sameOrigin(seen.origin, seen.host) {
		return dst, 0
	}
	dst = append(dst, switching...)
	dst = appendAcceptKey(dst, seen.key)
	return append(dst, "\r\n\r\n"...), i + 2
}

// isExtensions reports whether value is a list of extensions, each with its
// parameters. (Inlined, the parser would take acceptUsual's registers.)
//
//go:noinline
func isExtensions(value []byte) bool {
	list := listParser[[]byte]{s: value}
	for list.element() {
		for list.param() {
		}
	}
	return list.broken == 0
}
