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
	var seen answerSeen
	for i := 0; i < len(r.Fields); {
		var f *Field
		f, i = r.Fields.unfold(i)
		seen.add(f)
	}
	if f, broken := o.checkFields(&seen, key); broken != 0 {
		return fault(broken, f.Name, f.Value)
	}
	if f := seen.protocol; f != nil {
		a.Subprotocol = f.Value
	}
	var params []Param
	for _, value := range seen.extensions {
		if err := parseExtensions(&a.Extensions, &params, value); err != nil {
			return err
		}
	}
	for i := range a.Extensions {
		if name := a.Extensions[i].Name; !o.offers(name) {
			return fault(UnrequestedExtension, fieldExtensions, name)
		}
	}
	return nil
}

// answerSeen is what is known of an answer after some of its fields: the first
// of each name that it must have once, or may.
type answerSeen struct {
	upgrade, connection, accept, protocol *Field
	upgrades                              bool // one of the Connection fields names it
	accepts, protocols                    int
	extensions                            []string // there may be several (X22, E3433)
}

func (s *answerSeen) add(f *Field) {
	first := &s.upgrade
	switch {
	case isNamed(f.Name, fieldUpgrade):
	case isNamed(f.Name, fieldConnection):
		first = &s.connection
		s.upgrades = s.upgrades || hasElement(f.Value, "upgrade")
	case isNamed(f.Name, fieldAccept):
		first = &s.accept
		s.accepts++
	case isNamed(f.Name, fieldProtocol):
		first = &s.protocol
		s.protocols++
	case isNamed(f.Name, fieldExtensions):
		s.extensions = append(s.extensions, f.Value)
		return
	default:
		return
	}
	if *first == nil {
		*first = f
	}
}

// checkFields returns the first rule that is broken, and by which field, or 0.
func (o *Offer) checkFields(s *answerSeen, key string) (f *Field, broken Requirement) {
	f = new(Field) // where one is missing
	switch {
	case s.upgrade == nil:
		return f, AnswerWithoutUpgrade
	case !equalFold(s.upgrade.Value, "websocket"):
		return s.upgrade, AnswerWithoutUpgrade
	case s.connection == nil:
		return f, AnswerWithoutConnection
	case !s.upgrades:
		return s.connection, AnswerWithoutConnection
	case s.accept == nil:
		return f, MissingAccept
	case s.accepts > 1:
		return s.accept, RepeatedAccept
	case s.accept.Value != AcceptKey(key):
		return s.accept, WrongAccept
	}
	if s.protocol == nil { // C31
		if o.RequireSubprotocol && len(o.Subprotocols) > 0 {
			return &Field{Name: fieldProtocol}, NoSubprotocol
		}
		return nil, 0
	}
	_, rest, _ := nextElement(s.protocol.Value)
	_, _, several := nextElement(rest)
	switch {
	case several || s.protocols > 1:
		return s.protocol, SeveralSubprotocols
	case !has(o.Subprotocols, s.protocol.Value): // C29
		return s.protocol, UnrequestedSubprotocol
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
