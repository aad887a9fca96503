package handshake

// AppendRaw appends the head as the struct describes it, unchecked: it will send
// anything, legal or not. Use Append unless that is what you want.
func (r *Request) AppendRaw(dst []byte) []byte {
	if r.StartLine != "" {
		dst = append(dst, r.StartLine...)
	} else {
		dst = append(dst, r.Method...)
		dst = append(dst, ' ')
		dst = append(dst, r.Target...)
		dst = append(dst, ' ')
		dst = append(dst, r.Proto...)
	}
	return appendFields(dst, r.LineEnd, r.Fields, r.Blank)
}

// AppendRaw appends the head as the struct describes it, unchecked, without the
// body.
func (r *Response) AppendRaw(dst []byte) []byte {
	if r.StartLine != "" {
		dst = append(dst, r.StartLine...)
	} else {
		dst = append(dst, r.Proto...)
		dst = append(dst, ' ', '0'+byte(r.Status/100%10), '0'+byte(r.Status/10%10), '0'+byte(r.Status%10), ' ')
		dst = append(dst, r.Reason...)
	}
	return appendFields(dst, r.LineEnd, r.Fields, r.Blank)
}

func appendFields(dst []byte, lineEnd string, fs Fields, blank string) []byte {
	dst = appendEnd(dst, lineEnd)
	for _, f := range fs {
		dst = f.AppendRaw(dst)
	}
	return appendEnd(dst, blank)
}

// Append appends the head, or returns what makes it no legal opening handshake:
// the syntax of every line (T1, T5), and all that CheckRequest asks of a request.
// Nothing is appended then.
func (r *Request) Append(dst []byte) ([]byte, error) {
	if r.StartLine != "" || r.LineEnd != "" && r.LineEnd != usualEnd || r.Blank != "" && r.Blank != usualEnd {
		return dst, &Error{Requirement: MalformedStartLine, Value: r.StartLine}
	}
	if !isProto(r.Proto) || !IsToken(r.Method) {
		return dst, &Error{Requirement: MalformedStartLine, Value: r.Method + " " + r.Target + " " + r.Proto}
	}
	for _, f := range r.Fields {
		if err := f.check(); err != nil {
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
	if r.StartLine != "" || r.LineEnd != "" && r.LineEnd != usualEnd || r.Blank != "" && r.Blank != usualEnd ||
		!isProto(r.Proto) || r.Status < 100 || r.Status > 999 || badValueChar(r.Reason) >= 0 {
		return dst, &Error{Requirement: MalformedStartLine, Value: r.Proto + " " + r.Reason}
	}
	for _, f := range r.Fields {
		if err := f.check(); err != nil {
			return dst, err
		}
	}
	if r.Fields.Count(fieldAccept) > 1 {
		return dst, &Error{Requirement: RepeatedAccept, Field: fieldAccept}
	}
	if r.Fields.Count(fieldProtocol) > 1 {
		return dst, &Error{Requirement: SeveralSubprotocols, Field: fieldProtocol}
	}
	return append(r.AppendRaw(dst), r.Body...), nil
}
