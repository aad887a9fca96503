package handshake

import "strings"

// A Request is the head of a request. The zero values of StartLine, LineEnd and
// Blank stand for what almost every head has.
type Request struct {
	// Method, Target and Proto are the three parts of the request line. The
	// target is never decoded, encoded or otherwise rewritten.
	Method, Target, Proto string
	// Fields are the field lines, in their order.
	Fields Fields

	// StartLine is the request line as it stands where it is not Method, Target
	// and Proto with single spaces between them. Empty lines received before
	// it (RFC 9112 §2.2) are part of it.
	StartLine string
	// LineEnd ends the request line. If empty, CRLF.
	LineEnd string
	// Blank is the empty line that ends the head. If empty, CRLF.
	Blank string

	// Raw is the head as it was received, or "" for one that was built. It is
	// a record: it does not follow changes, and nothing is sent from it.
	Raw string
}

// A Response is the head of a response, and what was kept of the body behind it.
type Response struct {
	// Proto, Status and Reason are the parts of the status line. Reason may be
	// empty: the phrase is optional and means nothing.
	Proto  string
	Status int
	Reason string
	// Fields are the field lines, in their order.
	Fields Fields

	// StartLine, LineEnd and Blank are as in Request.
	StartLine, LineEnd, Blank string

	// Raw is the head as it was received, or "" for one that was built.
	Raw string
	// Body is the beginning of the body, decoded if it was chunked, at most
	// Limits.BodyBytes of it.
	Body []byte
	// BodyCut says that there was, or may have been, more of it.
	BodyCut bool
}

// ParseRequest parses the head at the beginning of b and returns its length.
// If n is 0 and err is nil, the head is not complete; callers that read in
// pieces find its end with a [Scanner] first, so that the time stays linear.
//
// It is lossless: AppendRaw gives back b[:n]. If the head breaks a rule of
// HTTP's syntax, the request is returned with the [*Error] of the first broken
// one; a server must not go on with it, a tool that shows heads may. Beyond a
// limit there is no request.
//
// The result shares no memory with b.
func ParseRequest(b []byte, lim Limits) (r *Request, n int, err error) {
	if n, err = headLength(b, lim); n == 0 {
		return nil, 0, err
	}
	box := new(requestBox)
	box.Fields = box.room[:0]
	if n, err = box.parse(string(b[:n]), lim); n == 0 {
		return nil, 0, err
	}
	return &box.Request, n, err
}

// requestBox is a Request with room for the fields of an ordinary one.
type requestBox struct {
	Request
	room [inlineFields]Field
}

// inlineFields is how many fields have room beside their Request. The heads of
// all clients captured have fewer, so that parsing one costs two allocations:
// the head's string, of which all others are parts, and this.
const inlineFields = 15

// Parse is ParseRequest into r, of which only the room for Fields is used again:
// a server that handles one request after the other saves an allocation. What
// was parsed into r before remains valid, but for Fields.
func (r *Request) Parse(b []byte, lim Limits) (n int, err error) {
	if n, err = headLength(b, lim); n == 0 {
		return 0, err
	}
	return r.parse(string(b[:n]), lim)
}

// headLength returns the length of a part of b that has a complete head, or 0.
func headLength(b []byte, lim Limits) (int, error) {
	if isWhole(b, lim) {
		return len(b), nil
	}
	s := Scanner{Limits: lim}
	return s.Scan(b)
}

// isWhole reports whether b has a complete head within the limits, but for the
// number of fields, that begins at once. It need not look at every byte: the
// usual head, behind which the client waits, is alone in b and ends it.
func isWhole(b []byte, lim Limits) bool {
	n := len(b)
	return n > 4 && n <= lim.headBytes() && n <= lim.lineBytes() && isTokenChar(b[0]) &&
		b[n-4] == '\r' && b[n-3] == '\n' && b[n-2] == '\r' && b[n-1] == '\n'
}

// ParseResponse is as ParseRequest, for a response. White space before a colon
// and folded lines are no errors here: a client must read them (RFC 9112 §5).
func ParseResponse(b []byte, lim Limits) (r *Response, n int, err error) {
	s := Scanner{Limits: lim, Response: true}
	if n, err = s.Scan(b); n == 0 {
		return nil, 0, err
	}
	r, err = parseResponse(string(b[:n]))
	return r, n, err
}

// parse parses the head at the beginning of s, which has a complete one within
// the limits but for the number of fields, and returns its length.
func (r *Request) parse(s string, lim Limits) (int, error) {
	fs := r.Fields[:0]
	*r = Request{}
	p := headParser{head: s}
	for s[p.i] == '\r' || s[p.i] == '\n' { // empty lines, which Scan lets through (RFC 9112 §2.2)
		p.i++
	}
	p.requestLine(r)
	r.Fields, r.Blank = p.requestFields(fs)
	r.Raw = s[:p.i]
	if len(r.Fields) > lim.fields() {
		return 0, fault(TooManyFields, "", "")
	}
	return p.i, p.error()
}

// requestLine parses
//
//	request-line = method SP request-target SP HTTP-version
//
// (RFC 9112 §3). What is in p.head[:p.i], empty lines, is kept with a line that
// has to be kept whole.
func (p *headParser) requestLine(r *Request) {
	start := p.i
	if start == 0 {
		if target, next := usualRequestLine(p.head); next > 0 {
			r.Method, r.Target, r.Proto, p.i = "GET", target, "HTTP/1.1", next
			return
		}
	}
	line, end := p.cutLine()
	r.LineEnd = end
	var ok bool
	var rest string
	r.Method, rest, _ = strings.Cut(line, " ")
	r.Target, r.Proto, ok = strings.Cut(rest, " ")
	whole := start > 0
	switch {
	case !ok || !IsToken(r.Method) || r.Target == "" || !isProto(r.Proto):
		p.fail(MalformedStartLine, Field{Value: line}, start)
		r.Method, r.Target, r.Proto = looseRequestLine(line)
		whole = true
	case !isTarget(r.Target):
		p.fail(MalformedTarget, Field{Value: r.Target}, start)
	}
	if whole {
		r.StartLine = p.head[:start+len(line)]
	}
}

// usualRequestLine parses the request line of nearly every head: GET, a path, and
// HTTP/1.1. It returns where the next line begins, or 0 if the line is another,
// which may be as good.
func usualRequestLine[T text](s T) (target T, next int) {
	const method, proto = "GET /", " HTTP/1.1\r\n"
	if len(s) < len(method) || string(s[:len(method)]) != method {
		return target, 0
	}
	from := len(method) - 1
	to := span(s, from, visible)
	if next = to + len(proto); next > len(s) || string(s[to:next]) != proto {
		return target, 0
	}
	return s[from:to], next
}

// looseRequestLine reads what it can of a line that is not a request line: some
// clients send several blanks, or tabs.
func looseRequestLine(line string) (method, target, proto string) {
	parts := strings.Fields(line)
	switch len(parts) {
	case 0:
	case 1:
		method = parts[0]
	case 2:
		method, target = parts[0], parts[1]
	default:
		last := len(parts) - 1
		method, proto = parts[0], parts[last]
		target = strings.Join(parts[1:last], " ")
	}
	return method, target, proto
}

// parseResponse parses a complete head.
func parseResponse(head string) (*Response, error) {
	r := &Response{Raw: head}
	p := headParser{head: head}
	line, end := p.cutLine()
	r.LineEnd = end

	// status-line = HTTP-version SP status-code SP [ reason-phrase ]
	// Too many servers leave out the reason together with the space before it.
	proto, rest, _ := strings.Cut(line, " ")
	code, reason, spaced := strings.Cut(rest, " ")
	r.Proto, r.Reason = proto, reason
	if !spaced {
		r.StartLine = line
	}
	if isProto(proto) && len(code) == 3 && isDigit(code[0]) && isDigit(code[1]) && isDigit(code[2]) && code[0] != '0' {
		r.Status = int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	} else {
		p.fail(MalformedStartLine, Field{Value: line}, 0)
		r.StartLine = line
	}
	if i := badValueChar(reason); i >= 0 {
		p.fail(controlChar(reason[i]), Field{Value: line}, 0)
	}
	r.Fields, r.Blank = p.responseFields()
	return r, p.error()
}

// isProto reports whether s is an HTTP-version (RFC 9112 §2.3).
func isProto(s string) bool {
	return s == "HTTP/1.1" || len(s) == 8 && s[:5] == "HTTP/" && isDigit(s[5]) && s[6] == '.' && isDigit(s[7])
}

// headParser walks over a complete head, one that a Scanner has found the end
// of: the last byte is the LF of the empty line, so that no search for a line's
// end can fail.
type headParser struct {
	head string
	i    int    // head[:i] is done
	err  *Error // the first fault
}

func (p *headParser) error() error {
	if p.err == nil {
		return nil
	}
	return p.err
}

func (p *headParser) fail(r Requirement, f Field, at int) {
	if p.err == nil {
		p.err = fault(r, f.Name, f.Value)
		p.err.Offset = at
	}
}

// cutLine takes the next line off. End is "" for CRLF.
func (p *headParser) cutLine() (line, end string) {
	n := strings.IndexByte(p.head[p.i:], '\n')
	line, end = p.head[p.i:p.i+n], "\n"
	if n > 0 && line[n-1] == '\r' {
		line, end = line[:n-1], ""
	}
	p.i += n + 1
	return line, end
}

// requestFields parses all lines up to the empty one, whose form it returns.
func (p *headParser) requestFields(fs Fields) (_ Fields, blank string) {
	for done := false; !done; {
		colon, from, to := usualField(p.head, p.i)
		if to == 0 {
			fs, blank, done = p.field(fs, true)
			continue
		}
		if cap(fs) == 0 {
			fs = make(Fields, 0, inlineFields)
		}
		fs = append(fs, Field{})
		f := &fs[len(fs)-1]
		f.Name, f.Value = p.head[p.i:colon], p.head[from:to]
		if from != colon+2 || p.head[colon+1] != ' ' {
			f.Sep = p.head[colon:from]
		}
		p.i = to + 2
	}
	return fs, blank
}

// responseFields is as requestFields, but lets through what a client tolerates (T1,
// T2), and does without the fast way: a client parses one head and is to be small.
func (p *headParser) responseFields() (fs Fields, blank string) {
	fs = make(Fields, 0, 8)
	for done := false; !done; {
		fs, blank, done = p.field(fs, false)
	}
	return fs, blank
}

// field parses the next line, and appends it to fs unless it is the empty one,
// whose form it returns.
func (p *headParser) field(fs Fields, strict bool) (_ Fields, blank string, done bool) {
	start := p.i
	line, end := p.cutLine()
	if line == "" {
		return fs, end, true
	}
	var f Field
	broken := parseField(&f, line, end)
	if broken != 0 && (strict || broken != SpaceBeforeColon && broken != ObsoleteFold) {
		p.fail(broken, f, start)
	}
	return append(fs, f), "", false
}

// usualField parses a line of a complete head that breaks no rule and has no
// blanks at its end, in one pass over its bytes: nearly every line. The name is
// s[i:colon], the value s[from:to], and CRLF follows. to is 0 for all other lines,
// which are parseField's; a test compares the two.
func usualField[T text](s T, i int) (colon, from, to int) {
	colon = nameEnd(s, i)
	if s[colon] != ':' || colon == i {
		return 0, 0, 0
	}
	from = colon + 1
	for isBlank(s[from]) {
		from++
	}
	to = nextControl(s, from)
	for s[to] == '\t' {
		to = nextControl(s, to+1)
	}
	if s[to] != '\r' || s[to+1] != '\n' || to > from && isBlank(s[to-1]) {
		return 0, 0, 0
	}
	return colon, from, to
}

// parseField reads one line into f and returns the first rule it breaks, or 0.
func parseField(f *Field, line, end string) (broken Requirement) {
	colon := strings.IndexByte(line, ':')
	if colon <= 0 || isBlank(line[0]) {
		f.Value, f.End = line, end
		if isBlank(line[0]) {
			return ObsoleteFold
		}
		return MalformedField
	}
	name := line[:colon]
	if !IsToken(name) {
		for len(name) > 0 && isBlank(name[len(name)-1]) {
			name = name[:len(name)-1]
		}
		broken = SpaceBeforeColon
		if !IsToken(name) {
			broken = MalformedField
		}
	}
	from, to := colon+1, len(line)
	for from < to && isBlank(line[from]) {
		from++
	}
	for to > from && isBlank(line[to-1]) {
		to--
	}
	f.Name, f.Value = name, line[from:to]
	if sep := line[len(name):from]; sep != usualSep {
		f.Sep = sep
	}
	f.End = end
	if to < len(line) {
		f.End = line[to:] + orUsual(end, usualEnd)
	}
	if broken == 0 {
		if i := badValueChar(f.Value); i >= 0 {
			broken = controlChar(f.Value[i])
		}
	}
	return broken
}

// controlChar names the rule that a control character in a head breaks.
func controlChar(c byte) Requirement {
	if c == '\r' {
		return BareCR
	}
	return ControlInValue
}
