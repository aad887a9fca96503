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
	a := new(Agreement)
	if err := o.check(r, o.Key, a); err != nil {
		return nil, err
	}
	return a, nil
}

// check is CheckResponse into a.
func (o *Offer) check(r *Response, key string, a *Agreement) error {
	switch {
	case r.Status != 101:
		return fault(NotSwitching, "", statusLine(r))
	case !isProto(r.Proto) || r.Proto[5] != '1' || r.Proto[7] == '0':
		return fault(MalformedAnswer, "", r.Proto)
	}
	fs := r.Fields.unfolded()
	if f, broken := o.checkFields(fs, key); broken != 0 {
		return fault(broken, f.Name, f.Value)
	}
	f, _ := fs.find(fieldProtocol)
	a.Subprotocol = f.Value
	var params []Param
	for i := range fs { // the field may come several times (X22, E3433)
		if f := &fs[i]; f.Is(fieldExtensions) {
			if err := parseExtensions(&a.Extensions, &params, f.Value); err != nil {
				return err
			}
		}
	}
	for i := range a.Extensions {
		if name := a.Extensions[i].Name; !o.offers(name) {
			return fault(UnrequestedExtension, fieldExtensions, name)
		}
	}
	return nil
}

// checkFields checks the fields that are no extensions, and returns the first one
// that breaks a rule, and which, or 0.
func (o *Offer) checkFields(fs Fields, key string) (f *Field, broken Requirement) {
	if f, _ = fs.find(fieldUpgrade); !equalFold(f.Value, "websocket") {
		return f, AnswerWithoutUpgrade
	}
	if f, _ = fs.find(fieldConnection); !fs.list(fieldConnection, "upgrade") {
		return f, AnswerWithoutConnection
	}
	f, n := fs.find(fieldAccept)
	switch {
	case n == 0:
		return f, MissingAccept
	case n > 1:
		return f, RepeatedAccept
	case f.Value != AcceptKey(key):
		return f, WrongAccept
	}
	f, n = fs.find(fieldProtocol) // C29, C31
	_, rest, _ := nextElement(f.Value)
	_, _, several := nextElement(rest)
	switch {
	case n == 0 && o.RequireSubprotocol && len(o.Subprotocols) > 0:
		return &Field{Name: fieldProtocol}, NoSubprotocol
	case n == 0:
		return nil, 0
	case several || n > 1:
		return f, SeveralSubprotocols
	case !has(o.Subprotocols, f.Value):
		return f, UnrequestedSubprotocol
	}
	return nil, 0
}

// offers reports whether the extension of that name was offered.
func (o *Offer) offers(extension string) bool {
	for i := range o.Extensions {
		if o.Extensions[i].Name == extension {
			return true
		}
	}
	return false
}

// statusLine renders the status for messages: "502 Bad Gateway".
//
//go:noinline
func statusLine(r *Response) string {
	if r.Reason == "" {
		return threeDigits(r.Status)
	}
	return threeDigits(r.Status) + " " + r.Reason
}

func threeDigits(code int) string {
	var b [3]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = '0' + byte(code%10)
		code /= 10
	}
	return string(b[:])
}
