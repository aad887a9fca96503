package handshake

// AppendRaw appends the head as the struct describes it, unchecked: it will send
// anything, legal or not. Use Append unless that is what you want.
func (r *Request) AppendRaw(dst []byte) []byte {
	start := r.StartLine
	if start == "" {
		start = r.Method + " " + r.Target + " " + r.Proto
	}
	return appendHead(dst, start, r.LineEnd, r.Fields, r.Blank)
}

// AppendRaw appends the head as the struct describes it, unchecked, without the
// body.
func (r *Response) AppendRaw(dst []byte) []byte {
	start := r.StartLine
	if start == "" {
		start = r.Proto + " " + threeDigits(r.Status) + " " + r.Reason
	}
	return appendHead(dst, start, r.LineEnd, r.Fields, r.Blank)
}

func appendHead(dst []byte, start, lineEnd string, fs Fields, blank string) []byte {
	dst = append(dst, start...)
	dst = append(dst, orUsual(lineEnd, usualEnd)...)
	for i := range fs {
		dst = fs[i].AppendRaw(dst)
	}
	return append(dst, orUsual(blank, usualEnd)...)
}

// Append appends the head, or returns what makes it no legal opening handshake:
// the syntax of every line (T1, T5), and all that CheckRequest asks of a request.
// Nothing is appended then.
func (r *Request) Append(dst []byte) ([]byte, error) {
	if r.StartLine != "" || orUsual(r.LineEnd, usualEnd) != usualEnd || orUsual(r.Blank, usualEnd) != usualEnd {
		return dst, fault(MalformedStartLine, "", r.StartLine)
	}
	if !isProto(r.Proto) || !IsToken(r.Method) {
		return dst, fault(MalformedStartLine, "", r.Method+" "+r.Target+" "+r.Proto)
	}
	for i := range r.Fields {
		if err := r.Fields[i].check(); err != nil {
			return dst, err
		}
	}
	if _, err := CheckRequest(r); err != nil {
		return dst, err
	}
	return r.AppendRaw(dst), nil
}

// Append appends the head and the body, or returns what makes them no legal
// answer to an opening handshake. Nothing is appended then.
func (r *Response) Append(dst []byte) ([]byte, error) {
	if r.StartLine != "" || orUsual(r.LineEnd, usualEnd) != usualEnd || orUsual(r.Blank, usualEnd) != usualEnd ||
		!isProto(r.Proto) || r.Status < 100 || r.Status > 999 || badValueChar(r.Reason) >= 0 {
		return dst, fault(MalformedStartLine, "", r.Proto+" "+r.Reason)
	}
	for i := range r.Fields {
		if err := r.Fields[i].check(); err != nil {
			return dst, err
		}
	}
	if r.Fields.Count(fieldAccept) > 1 {
		return dst, fault(RepeatedAccept, fieldAccept, "")
	}
	if r.Fields.Count(fieldProtocol) > 1 {
		return dst, fault(SeveralSubprotocols, fieldProtocol, "")
	}
	return append(r.AppendRaw(dst), r.Body...), nil
}
