package handshake

// An Extension is one element of Sec-WebSocket-Extensions: a name with
// parameters in their order (RFC 6455 §9.1). Elements are ordered by preference
// in an offer, by operation in an answer (X9).
type Extension struct {
	Name   string
	Params []Param
}

// A Param is a parameter of an extension. Value is "" for one without value. A
// value that was a quoted string is kept without quotes: it must be a token once
// unquoted (X6), so the two forms say the same.
type Param struct {
	Name, Value string
}

// Get returns the value of the first parameter of that name.
func (e Extension) Get(name string) (value string, ok bool) {
	for _, p := range e.Params {
		if equalFold(p.Name, name) {
			return p.Value, true
		}
	}
	return "", false
}

// ParseExtensions parses the value of one Sec-WebSocket-Extensions field. The
// values of several such fields are one list cut at any comma (X5). The error is
// an [*Error] for MalformedExtensions or QuotedNotToken, with the offset in value.
//
// Parameters are not judged: what they mean, and whether they may repeat, is for
// the extension to say (X3, X7).
func ParseExtensions(value string) ([]Extension, error) {
	var list []Extension
	var params []Param
	err := parseExtensions(&list, &params, value)
	return list, err
}

// parseExtensions appends the elements of value to list, which may have those of
// an earlier field, and their parameters to params, of which each element has its
// part.
func parseExtensions(list *[]Extension, params *[]Param, value string) error {
	p := listParser[string]{s: value}
	for p.element() {
		*list = append(*list, Extension{Name: p.name})
		for p.param() {
			*params = append(*params, Param{p.name, p.value})
			e, n := &(*list)[len(*list)-1], len(*params)
			e.Params = (*params)[n-1-len(e.Params) : n : n]
		}
	}
	if p.broken != 0 {
		err := fault(p.broken, fieldExtensions, value)
		err.Offset = p.i
		return err
	}
	return nil
}

// listParser walks over the elements of a list and their parameters. It is
// linear: each byte is looked at once, and an unterminated quoted string ends
// where the value does (CVE-2020-7662 was a parser that backtracked).
//
//	extension-list  = 1#extension
//	extension       = extension-token *( ";" extension-param )
//	extension-param = token [ "=" ( token / quoted-string ) ]
type listParser[T text] struct {
	s           T
	i           int
	name, value T           // of the element or the parameter
	some        bool        // there was an element
	broken      Requirement // at s[i]; 0 as long as all is well
}

// element goes to the next element; all parameters of the one before have been
// seen. It returns false at the end, and where a rule is broken.
func (p *listParser[T]) element() bool {
	if p.broken != 0 {
		return false
	}
	comma := !p.some // none is due before the first
	for p.accept(',') {
		comma = true // several enclose empty elements (T10)
	}
	if p.i == len(p.s) {
		if !p.some {
			p.i, p.broken = 0, MalformedExtensions
		}
		return false
	}
	if comma {
		p.name, p.some = p.token(), true
	}
	if !comma || len(p.name) == 0 {
		p.broken = MalformedExtensions
	}
	return p.broken == 0
}

// param goes to the next parameter of the element, as element does.
func (p *listParser[T]) param() bool {
	if p.broken != 0 || !p.accept(';') {
		return false
	}
	var none T
	p.name, p.value = p.token(), none
	switch {
	case len(p.name) == 0:
		p.broken = MalformedExtensions
	case p.accept('='):
		p.value, p.broken = p.tokenOrQuoted()
	}
	return p.broken == 0
}

// accept skips blanks, and then c if it is there.
func (p *listParser[T]) accept(c byte) bool {
	p.skipBlanks()
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *listParser[T]) skipBlanks() {
	for p.i < len(p.s) && isBlank(p.s[p.i]) {
		p.i++
	}
}

// token skips blanks, and returns the token behind them, which may be missing.
func (p *listParser[T]) token() T {
	p.skipBlanks()
	start := p.i
	p.i = nameEnd(p.s, start)
	return p.s[start:p.i]
}

// tokenOrQuoted reads a token, or a quoted string whose content is one.
func (p *listParser[T]) tokenOrQuoted() (value T, broken Requirement) {
	if !p.accept('"') {
		if value = p.token(); len(value) == 0 {
			return value, MalformedExtensions
		}
		return value, 0
	}
	start, escaped := p.i, false
	for ; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '"':
			value = p.s[start:p.i]
			p.i++
			if escaped {
				value = unescape(value)
			}
			if !isAll(value, tchar) {
				return value, QuotedNotToken
			}
			return value, 0
		case '\\':
			escaped = true
			if p.i++; p.i == len(p.s) {
				return value, MalformedExtensions
			}
		}
	}
	return value, MalformedExtensions
}

// unescape removes the backslash of every quoted-pair.
func unescape[T text](s T) T {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		}
		b = append(b, s[i])
	}
	return T(b)
}

// AppendExtensions appends the value of a Sec-WebSocket-Extensions field.
func AppendExtensions(dst []byte, list []Extension) []byte {
	between := ""
	for _, e := range list {
		dst = appendStrings(dst, between, e.Name)
		for _, p := range e.Params {
			dst = appendStrings(dst, "; ", p.Name)
			if p.Value != "" {
				dst = appendStrings(dst, "=", p.Value)
			}
		}
		between = ", "
	}
	return dst
}

//go:noinline
func appendStrings(dst []byte, list ...string) []byte {
	for _, s := range list {
		dst = append(dst, s...)
	}
	return dst
}

// checkExtensions reports what makes a list impossible to send.
func checkExtensions(list []Extension) error {
	for i, e := range list {
		ok := IsToken(e.Name)
		for _, p := range e.Params {
			ok = ok && IsToken(p.Name) && (p.Value == "" || IsToken(p.Value))
		}
		if !ok {
			return fault(MalformedExtensions, fieldExtensions, string(AppendExtensions(nil, list[i:i+1])))
		}
	}
	return nil
}
