package handshake

// An Agreement is what both sides have agreed on.
type Agreement struct {
	// Subprotocol is the one chosen, or "". Its case counts (R1, RFC 7936 §2).
	Subprotocol string
	// Extensions are those in use, in the order in which they apply (X9). No other
	// that was offered may be used (X8).
	Extensions []Extension
}

// CheckResponse checks an answer against all that RFC 6455 §4.1 demands of it and
// against the offer, and returns what was agreed. It is tolerant where the RFC
// tells it to be: of the case of "websocket" and "upgrade" (C25, C26), of other
// tokens beside "upgrade", of blanks around the Accept (C27) and of a missing
// reason phrase. Whether the parameters of an extension are acceptable is for
// the extension to say.
//
// The error is an [*Error], for NotSwitching if the status is not 101.
func (o *Offer) CheckResponse(r *Response) (*Agreement, error) {
	if r.Status != 101 {
		return nil, &Error{Requirement: NotSwitching, Value: statusLine(r)}
	}
	if !isProto(r.Proto) || r.Proto[5] != '1' || r.Proto[7] == '0' {
		return nil, &Error{Requirement: MalformedAnswer, Value: r.Proto}
	}
	a := &Agreement{}
	var upgrade, connection, accept Field
	var accepts, protocols int
	var params []Param
	for _, f := range r.Fields.unfolded() {
		switch {
		case f.Is(fieldUpgrade):
			upgrade = f
		case f.Is(fieldConnection):
			if connection.Name == "" || hasElement(f.Value, "upgrade") {
				connection = f
			}
		case f.Is(fieldAccept):
			accept = f
			accepts++
		case f.Is(fieldProtocol):
			protocols++
			a.Subprotocol = f.Value
			if err := o.checkSubprotocol(f); err != nil {
				return nil, err
			}
		case f.Is(fieldExtensions): // may come several times (X22, E3433)
			if err := parseExtensions(&a.Extensions, &params, f.Value); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case !equalFold(upgrade.Value, "websocket"):
		return nil, fault(AnswerWithoutUpgrade, upgrade)
	case !hasElement(connection.Value, "upgrade"):
		return nil, fault(AnswerWithoutConnection, connection)
	case accepts == 0:
		return nil, &Error{Requirement: MissingAccept}
	case accepts > 1:
		return nil, fault(RepeatedAccept, accept)
	case accept.Value != AcceptKey(o.Key):
		return nil, fault(WrongAccept, accept)
	case protocols > 1:
		return nil, &Error{Requirement: SeveralSubprotocols, Field: fieldProtocol}
	case protocols == 0 && o.RequireSubprotocol && len(o.Subprotocols) > 0:
		return nil, &Error{Requirement: NoSubprotocol, Field: fieldProtocol}
	}
	for _, e := range a.Extensions {
		if !o.offers(e.Name) {
			return nil, &Error{Requirement: UnrequestedExtension, Field: fieldExtensions, Value: e.Name}
		}
	}
	return a, nil
}

// checkSubprotocol judges the subprotocol a server chose (C29).
func (o *Offer) checkSubprotocol(f Field) error {
	for _, p := range o.Subprotocols {
		if p == f.Value {
			return nil
		}
	}
	if _, rest, ok := nextElement(f.Value); ok {
		if _, _, more := nextElement(rest); more {
			return fault(SeveralSubprotocols, f)
		}
	}
	return fault(UnrequestedSubprotocol, f)
}

// offers reports whether the extension of that name was offered.
func (o *Offer) offers(extension string) bool {
	for _, e := range o.Extensions {
		if e.Name == extension {
			return true
		}
	}
	return false
}

// statusLine renders the status for messages: "502 Bad Gateway".
func statusLine(r *Response) string {
	b := appendStatus(nil, r.Status)
	if r.Reason != "" {
		b = append(append(b, ' '), r.Reason...)
	}
	return string(b)
}

func appendStatus(dst []byte, status int) []byte {
	return append(dst, '0'+byte(status/100%10), '0'+byte(status/10%10), '0'+byte(status%10))
}
