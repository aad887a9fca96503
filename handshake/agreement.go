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
func (o *Offer) check(r *Response, key string, a *Agreement) (err error) {
	fs := r.Fields.unfolded()
	upgrade, connection, accept := fs.find(fieldUpgrade), fs.find(fieldConnection), fs.find(fieldAccept)
	switch {
	case r.Status != 101:
		return fault(NotSwitching, "", statusLine(r))
	case !isProto(r.Proto) || r.Proto[5] != '1' || r.Proto[7] == '0':
		return fault(MalformedAnswer, "", r.Proto)
	case !equalFold(upgrade.Value, "websocket"):
		return fault(AnswerWithoutUpgrade, upgrade.Name, upgrade.Value)
	case !fs.list(fieldConnection, "upgrade"):
		return fault(AnswerWithoutConnection, connection.Name, connection.Value)
	case accept.Name == "":
		return fault(MissingAccept, "", "")
	case fs.Count(fieldAccept) > 1:
		return fault(RepeatedAccept, accept.Name, accept.Value)
	case accept.Value != AcceptKey(key):
		return fault(WrongAccept, accept.Name, accept.Value)
	}
	if a.Subprotocol, err = o.chosen(fs); err != nil {
		return err
	}
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

// chosen returns the subprotocol that a server chose (C29, C31), or "".
func (o *Offer) chosen(fs Fields) (string, error) {
	f := fs.find(fieldProtocol)
	_, rest, _ := nextElement(f.Value)
	_, _, several := nextElement(rest)
	switch {
	case f.Name == "" && o.RequireSubprotocol && len(o.Subprotocols) > 0:
		return "", fault(NoSubprotocol, fieldProtocol, "")
	case f.Name == "":
		return "", nil
	case several || fs.Count(fieldProtocol) > 1:
		return "", fault(SeveralSubprotocols, f.Name, f.Value)
	case !has(o.Subprotocols, f.Value):
		return "", fault(UnrequestedSubprotocol, f.Name, f.Value)
	}
	return f.Value, nil
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
func statusLine(r *Response) string {
	if r.Reason == "" {
		return threeDigits(r.Status)
	}
	return threeDigits(r.Status) + " " + r.Reason
}

func threeDigits(code int) string {
	return string([]byte{'0' + byte(code/100%10), '0' + byte(code/10%10), '0' + byte(code%10)})
}
