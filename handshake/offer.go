package handshake

// An Offer is what a client proposes: the content of its request as RFC 6455
// sees it. A client fills one and calls Request; a server gets one from
// CheckRequest. The zero values of Origin, Subprotocols, Extensions and Fields
// mean that the field is not sent, and nothing else is sent by default.
type Offer struct {
	// Host is the value of the Host field: the host of the URL, with its port
	// unless it is the default one (C12). See URL.HostField. It is neither the
	// address to dial nor the name TLS asks for.
	Host string
	// Target is the request target, sent as given. See URL.Target.
	Target string
	// Origin is sent by browsers; other clients may leave it out (C17).
	Origin string
	// Subprotocols in order of preference, each a token and unique (C20).
	Subprotocols []string
	// Extensions in order of preference.
	Extensions []Extension
	// Key is the Sec-WebSocket-Key. If empty, Request draws a new one, as every
	// connection must have its own (C16).
	Key string
	// Fields are further fields, sent as they are behind those above. A server
	// finds them in the Request.
	Fields Fields
	// RequireSubprotocol makes an answer that chooses none of Subprotocols an
	// error, as browsers do. RFC 6455 allows such an answer (C31).
	RequireSubprotocol bool

	params []Param // of all Extensions that Parse has read
}

// Request returns the smallest legal request that says what the offer says:
//
//	GET Target HTTP/1.1
//	Host: Host
//	Upgrade: websocket
//	Connection: Upgrade
//	Sec-WebSocket-Key: Key
//	Sec-WebSocket-Version: 13
//
// (C9 to C18) and, if they are not empty, Origin, Sec-WebSocket-Protocol (C19),
// Sec-WebSocket-Extensions (C21) and Fields (C22), in this order. Values are taken
// as given.
//
// The error is an [*Error] for what makes the request no legal opening
// handshake: what Request.Append would refuse, and a subprotocol or an extension
// among Fields.
func (o *Offer) Request() (*Request, error) {
	key := o.Key
	if key == "" {
		key = NewKey()
	}
	head, err := o.head(key)
	if err != nil {
		return nil, err
	}
	r := new(Request)
	r.parse(head, Limits{Fields: -1})
	r.Raw = "" // it was not received
	return r, nil
}

// head returns the head of the request.
func (o *Offer) head(key string) (string, error) {
	if err := o.checkOwn(key); err != nil {
		return "", err
	}
	head := "GET " + o.Target + " HTTP/1.1\r\nHost: " + o.Host +
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key + // C13, C14, T6
		"\r\nSec-WebSocket-Version: 13\r\n" // C18
	if o.Origin != "" {
		head += "Origin: " + o.Origin + usualEnd
	}
	for i, p := range o.Subprotocols {
		switch {
		case !IsToken(p): // before joining: "a, b" is two once it is in the list
			return "", fault(MalformedSubprotocol, fieldProtocol, p)
		case has(o.Subprotocols[:i], p):
			return "", fault(RepeatedSubprotocol, fieldProtocol, p)
		case i == 0:
			head += "Sec-WebSocket-Protocol: " + p
		default:
			head += ", " + p
		}
	}
	if len(o.Subprotocols) > 0 {
		head += usualEnd
	}
	if len(o.Extensions) > 0 {
		if err := checkExtensions(o.Extensions); err != nil {
			return "", err
		}
		head += "Sec-WebSocket-Extensions: " + string(AppendExtensions(nil, o.Extensions)) + usualEnd
	}
	for i := range o.Fields {
		head += o.Fields[i].line()
	}
	return head + usualEnd, nil
}

// once are the fields that Fields may not have beside those of the offer, and
// what is broken by a second one. The answer is checked against the offer, so that
// lists have to be there as a whole; a body would be taken for frames.
var once = [...]struct {
	name   string
	broken Requirement
}{
	{fieldHost, RepeatedHost},
	{fieldKey, RepeatedKey},
	{fieldVersion, RepeatedVersion},
	{fieldOrigin, ForeignOrigin},
	{fieldProtocol, MalformedField},
	{fieldExtensions, MalformedField},
	{fieldLength, RequestBody},
	{fieldEncoding, RequestBody},
}

// checkOwn is the part of CheckRequest that can fail for a request of Request,
// without what only servers need.
func (o *Offer) checkOwn(key string) error {
	if !isTarget(o.Target) {
		return fault(MalformedTarget, "", o.Target)
	}
	if err := checkValue(fieldHost, o.Host); err != nil {
		return err
	}
	if !isHostField(o.Host) {
		return fault(MalformedHost, fieldHost, o.Host)
	}
	if broken := checkKey(key); broken != 0 {
		return fault(broken, fieldKey, key)
	}
	if err := checkValue(fieldOrigin, o.Origin); err != nil {
		return err
	}
	origin := o.Origin != ""
	for i := range o.Fields {
		f := &o.Fields[i]
		if err := f.check(); err != nil {
			return err
		}
		for i := range once {
			switch own := &once[i]; {
			case !isNamed(f.Name, own.name):
			case own.broken == ForeignOrigin && !origin:
				origin = true
			case own.broken == RequestBody && f.Value == "0" && isNamed(f.Name, fieldLength):
			default:
				return fault(own.broken, f.Name, f.Value)
			}
		}
	}
	return nil
}

// OfferOf reads what a request offers without judging it, so that the answer to
// any request, legal or not, can be checked. What cannot be read is left out.
func OfferOf(r *Request) *Offer {
	o := &Offer{
		Host:   r.Fields.Get(fieldHost),
		Target: r.Target,
		Origin: r.Fields.Get(fieldOrigin),
		Key:    r.Fields.Get(fieldKey),
	}
	for _, f := range r.Fields {
		switch {
		case f.Is(fieldProtocol):
			for p, rest, ok := nextElement(f.Value); ok; p, rest, ok = nextElement(rest) {
				o.Subprotocols = append(o.Subprotocols, p)
			}
		case f.Is(fieldExtensions):
			parseExtensions(&o.Extensions, &o.params, f.Value)
		}
	}
	return o
}

// CheckRequest checks a request against all that RFC 6455 §4.2.1 and HTTP demand
// of it, and returns what it offers. The error is an [*Error] whose requirement
// names the status to answer (S2); [Refuse] makes the answer. The syntax of the
// lines is for ParseRequest to check.
//
// The order of fields is of no importance, and unknown ones are ignored (S10, S11).
func CheckRequest(r *Request) (Offer, error) {
	var o Offer
	err := o.Parse(r)
	return o, err
}

// Parse is CheckRequest into o, of which only the room of its lists is used
// again: a server that handles one request after the other saves allocations.
// Lists parsed into o before are overwritten.
func (o *Offer) Parse(r *Request) error {
	o.Host, o.Target, o.Origin, o.Key, o.Fields = "", r.Target, "", "", nil
	o.Subprotocols, o.Extensions, o.params = o.Subprotocols[:0], o.Extensions[:0], o.params[:0]
	if err := checkRequestLine(r); err != nil {
		return err
	}
	var seen requestSeen[string]
	for i := range r.Fields {
		f := &r.Fields[i]
		var err error
		switch {
		case isName(f.Name, fieldProtocol):
			err = o.addSubprotocols(f)
		case isName(f.Name, fieldExtensions):
			err = parseExtensions(&o.Extensions, &o.params, f.Value)
		default:
			if broken := seen.add(f.Name, f.Value); broken != 0 {
				err = fault(broken, f.Name, f.Value)
			}
		}
		if err != nil {
			return err
		}
	}
	if missing := seen.missing(); missing != 0 {
		return fault(missing, "", "")
	}
	o.Host, o.Origin, o.Key = seen.host, seen.origin, seen.key
	if host := targetHost(r.Target); host != "" { // it overrides Host: RFC 9112 §3.2.2
		o.Host = host
	}
	return nil
}

func checkRequestLine(r *Request) error {
	switch {
	case !isProto(r.Proto):
		return fault(MalformedStartLine, "", r.Proto)
	case r.Proto[5] != '1' || r.Proto[7] == '0': // HTTP/1.1 or a later 1.x (C10, S3)
		return fault(UnsupportedHTTP, "", r.Proto)
	case r.Method != "GET":
		return fault(MethodNotGET, "", r.Method)
	case !isTarget(r.Target):
		return fault(MalformedTarget, "", r.Target)
	}
	return nil
}

// isTarget reports whether s can be the target of an opening handshake: a path
// with an optional query, or an absolute http or https URI (C11). Characters
// that RFC 3986 does not list are let through as long as they are visible ASCII:
// real paths have them, and they are never interpreted here.
func isTarget[T text](s T) bool {
	if !isAll(s, visible) {
		return false
	}
	return s[0] == '/' || len(targetHost(s)) > 0
}

// targetHost returns the host and port of a target that is an absolute http or
// https URI, or nothing.
func targetHost[T text](s T) (host T) {
	for _, scheme := range [...]string{"http://", "https://"} {
		n := len(scheme)
		if len(s) < n || !equalFold(s[:n], scheme) {
			continue
		}
		end := n
		for end < len(s) && s[end] != '/' && s[end] != '?' {
			end++
		}
		if isHostField(s[n:end]) {
			return s[n:end]
		}
	}
	return host
}

// requestSeen is what is known of a request after some of its fields.
type requestSeen[T text] struct {
	host, origin, key   T
	upgrade, connection bool
	version             bool
}

// add takes the next field and returns the rule it breaks, or 0. Subprotocols and
// extensions, which are lists, are for the caller. The length of a name decides,
// before its letters do, what the field may be: most are looked at once.
func (s *requestSeen[T]) add(name, value T) Requirement {
	switch len(name) {
	case len(fieldHost):
		if isName(name, fieldHost) {
			switch {
			case len(s.host) > 0:
				return RepeatedHost
			case !isHostField(value):
				return MalformedHost
			}
			s.host = value
		}
	case len(fieldOrigin):
		if isName(name, fieldOrigin) {
			if len(s.origin) > 0 {
				return ForeignOrigin
			}
			s.origin = value
		}
	case len(fieldUpgrade):
		if isName(name, fieldUpgrade) && hasElement(value, "websocket") {
			s.upgrade = true
		}
	case len(fieldConnection):
		if isName(name, fieldConnection) && hasElement(value, "Upgrade") {
			s.connection = true
		}
	case len(fieldLength):
		if isName(name, fieldLength) && string(value) != "0" {
			return RequestBody
		}
	case len(fieldKey): // and Transfer-Encoding
		switch {
		case isName(name, fieldKey):
			if len(s.key) > 0 {
				return RepeatedKey
			}
			s.key = value
			return checkKey(value)
		case isName(name, fieldEncoding):
			return RequestBody
		}
	case len(fieldVersion):
		if isName(name, fieldVersion) {
			if s.version {
				return RepeatedVersion
			}
			s.version = true
			return checkVersion(value)
		}
	}
	return 0
}

// missing returns the first requirement for which no field has come, or 0.
func (s *requestSeen[T]) missing() Requirement {
	switch {
	case len(s.host) == 0:
		return MissingHost
	case !s.upgrade:
		return MissingUpgrade
	case !s.connection:
		return MissingConnection
	case !s.version: // before the key: another version may have another key
		return MissingVersion
	case len(s.key) == 0:
		return MissingKey
	}
	return 0
}

// checkVersion returns the rule that a Sec-WebSocket-Version breaks: it is a
// decimal from 0 to 255 without leading zeros (S27), and 13 (S8).
func checkVersion[T text](v T) Requirement {
	if string(v) == "13" {
		return 0
	}
	n := 0
	for i := 0; i < len(v); i++ {
		if !isDigit(v[i]) || len(v) > 3 {
			return MalformedVersion
		}
		n = 10*n + int(v[i]-'0')
	}
	if len(v) == 0 || n > 255 || v[0] == '0' && len(v) > 1 {
		return MalformedVersion
	}
	return UnsupportedVersion
}

// addSubprotocols reads one Sec-WebSocket-Protocol field; there may be several
// (X24). Elements are tokens and unique (C20); an empty list is not legal.
func (o *Offer) addSubprotocols(f *Field) error {
	before := len(o.Subprotocols)
	for p, rest, ok := nextElement(f.Value); ok; p, rest, ok = nextElement(rest) {
		if !IsToken(p) {
			return fault(MalformedSubprotocol, f.Name, f.Value)
		}
		// Comparing all pairs would be quadratic in a head made of commas; no
		// endpoint speaks this many subprotocols.
		if len(o.Subprotocols) == maxSubprotocols {
			return fault(MalformedSubprotocol, f.Name, f.Value)
		}
		for _, q := range o.Subprotocols {
			if p == q {
				return fault(RepeatedSubprotocol, f.Name, f.Value)
			}
		}
		o.Subprotocols = append(o.Subprotocols, p)
	}
	if len(o.Subprotocols) == before {
		return fault(MalformedSubprotocol, f.Name, f.Value)
	}
	return nil
}

const maxSubprotocols = 128
