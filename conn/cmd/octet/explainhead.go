package main

import (
	"errors"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// A headExplainer takes heads apart and remembers the request, which says what
// the answer has to be.
type headExplainer struct {
	offer *handshake.Offer
	body  bool // the last head was a refusal: what follows is its content
}

// A fieldMeaning says what a field of a head is for.
type fieldMeaning struct {
	name              string
	request, response string // "" where the field has no business
	section           string
}

// fieldMeanings are the fields that RFC 6455 gives a part in the handshake,
// and those that are often seen beside them.
var fieldMeanings = [...]fieldMeaning{
	{"Host", "required: the host that is asked for, with its port unless that is the default one", "", "RFC 9112 §3.2"},
	{"Upgrade", "required: asks to leave HTTP for WebSocket on this connection", "required: the protocol that follows this head", "RFC 6455 §4.1"},
	{"Connection", "required: Upgrade is for the next hop only; proxies must not pass it on unread", "required: Upgrade is for the next hop only", "RFC 9110 §7.8"},
	{"Sec-WebSocket-Key", "required: 16 random bytes in base64, which the answer must prove to have read", "", "RFC 6455 §11.3.1"},
	{"Sec-WebSocket-Version", "required: the version of the protocol, 13", "the versions the server speaks", "RFC 6455 §11.3.5"},
	{"Sec-WebSocket-Accept", "", "required: the hash of the key, so of this request", "RFC 6455 §11.3.3"},
	{"Sec-WebSocket-Protocol", "optional: subprotocols the client speaks, the preferred one first; each is a token", "the one subprotocol chosen from the offer", "RFC 6455 §11.3.4"},
	{"Sec-WebSocket-Extensions", "optional: extensions the client can use, the preferred one first", "the extensions in use, in the order in which they apply", "RFC 6455 §11.3.2"},
	{"Origin", "from browsers: the site of the script that connects, for the server to judge", "", "RFC 6455 §10.2"},
	{"User-Agent", "optional: the program that asks; some servers refuse what they do not know", "", "RFC 9110 §10.1.5"},
	{"Cookie", "optional: state from earlier answers; a secret", "", "RFC 6265 §5.4"},
	{"Set-Cookie", "", "state to send back in later requests; a secret", "RFC 6265 §4.1"},
	{"Authorization", "optional: credentials for the server; a secret", "", "RFC 9110 §11.6.2"},
	{"Proxy-Authorization", "optional: credentials for a proxy; a secret", "", "RFC 9110 §11.7.2"},
	{"WWW-Authenticate", "", "how to authenticate", "RFC 9110 §11.6.1"},
	{"Pragma", "optional: no answer from a cache; browsers send it", "", "RFC 9111 §5.4"},
	{"Cache-Control", "optional: no answer from a cache; browsers send it", "how long the answer may be kept", "RFC 9111 §5.2"},
	{"Accept", "optional: means nothing for a handshake", "", "RFC 9110 §12.5.1"},
	{"Accept-Encoding", "optional: for the body of a refusal; has nothing to do with WebSocket's compression", "", "RFC 9110 §12.5.3"},
	{"Accept-Language", "optional: for the body of a refusal", "", "RFC 9110 §12.5.4"},
	{"Date", "", "when the answer was made", "RFC 9110 §6.6.1"},
	{"Server", "", "the program that answers", "RFC 9110 §10.2.4"},
	{"Location", "", "where to ask instead", "RFC 9110 §10.2.2"},
	{"Allow", "", "the methods the resource knows", "RFC 9110 §10.2.1"},
	{"Retry-After", "", "when to ask again", "RFC 9110 §10.2.3"},
	{"Content-Length", "", "the length of the body that follows", "RFC 9110 §8.6"},
	{"Content-Type", "", "what the body is", "RFC 9110 §8.3"},
	{"Transfer-Encoding", "", "how the end of the body is marked", "RFC 9112 §6.1"},
	{"Sec-Fetch-Dest", "from browsers: what the request is for", "", "W3C Fetch Metadata §2.1"},
	{"Sec-Fetch-Mode", "from browsers: how it was made", "", "W3C Fetch Metadata §2.2"},
	{"Sec-Fetch-Site", "from browsers: how the page's site and the server's relate", "", "W3C Fetch Metadata §2.3"},
}

// explain takes apart the head at the beginning of b, and the rest of b with
// it when the head has no end.
func (x *headExplainer) explain(b []byte, secrets bool) explained {
	response := strings.HasPrefix(string(b[:min(len(b), 5)]), "HTTP/")
	scan := handshake.Scanner{Response: response, Limits: handshake.Limits{HeadBytes: -1, LineBytes: -1, Fields: -1}}
	n, _ := scan.Scan(b)
	out := explained{Kind: "request", Length: n}
	if response {
		out.Kind = "response"
	}
	head := b[:n]
	x.body = false
	if n == 0 {
		out.Length = len(b)
		out.Problems = append(out.Problems, problem{Rule: "the head has no empty line at its end", Section: "RFC 9112 §2.1"})
		head = append(append([]byte(nil), b...), "\r\n\r\n"...)
	}
	shown := string(hidden(head, secrets))
	if response {
		x.response(&out, string(head), shown)
	} else {
		x.request(&out, string(head), shown)
	}
	out.Title = out.Kind + " · " + byteCount(int64(out.Length))
	return out
}

// lines cuts a head into its parts, one a line. The real lines are judged, the
// shown ones put in the parts; both are as long.
func (out *explained) lines(head, shown string, judge func(line string, p *part)) {
	at := 0
	for line := range strings.Lines(head) {
		content := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if content == "" && at > 0 {
			break
		}
		p := part{Offset: at, Line: shown[at : at+len(content)]}
		judge(line, &p)
		out.Parts = append(out.Parts, p)
		at += len(line)
	}
}

// lineFault returns what is wrong with the syntax of one field line. It stands
// in a head that is right otherwise, behind a field that it could continue.
func lineFault(line string, response bool) *handshake.Error {
	lim := handshake.Limits{HeadBytes: -1, LineBytes: -1}
	var err error
	if response {
		_, _, err = handshake.ParseResponse([]byte("HTTP/1.1 101 \r\n"+line+"\r\n"), lim)
	} else {
		_, _, err = handshake.ParseRequest([]byte("GET / HTTP/1.1\r\nHost: a\r\n"+line+"\r\n"), lim)
	}
	return asFault(err)
}

func asFault(err error) *handshake.Error {
	var fault *handshake.Error
	errors.As(err, &fault)
	return fault
}

// point adds a fault to a part, with the caret under the value that is wrong
// if the line has it, else under all of the line.
func (p *part) point(fault *handshake.Error) {
	if fault == nil {
		return
	}
	r := fault.Requirement
	pr := problem{Length: len(p.Line), Rule: r.String(), Section: r.Section()}
	value := strings.TrimSpace(fault.Value)
	if i := strings.LastIndex(p.Line, value); value != "" && i > 0 {
		pr.At, pr.Length = i, len(value)
	}
	switch r {
	case handshake.SpaceBeforeColon:
		name := len(strings.TrimRight(p.Line[:strings.IndexByte(p.Line, ':')], " \t"))
		pr.At, pr.Length = name, strings.IndexByte(p.Line, ':')-name
	case handshake.MalformedSubprotocol:
		pr.At, pr.Length = badElement(p.Line, pr.At)
	case handshake.ControlInValue, handshake.BareCR:
		if i := strings.IndexFunc(p.Line, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }); i >= 0 {
			pr.At, pr.Length = i, 1
		}
	}
	for _, have := range p.Problems {
		if have == pr {
			return
		}
	}
	p.Problems = append(p.Problems, pr)
}

// badElement returns where the first element that is no token stands in the
// comma-separated list that begins at from.
func badElement(line string, from int) (at, length int) {
	at = from
	for e := range strings.SplitSeq(line[from:], ",") {
		trimmed := strings.TrimLeft(e, " \t")
		lead := len(e) - len(trimmed)
		trimmed = strings.TrimRight(trimmed, " \t")
		if !handshake.IsToken(trimmed) {
			return at + lead, max(len(trimmed), 1)
		}
		at += len(e) + 1
	}
	return from, len(line) - from
}

// byName groups fields by their names in lower case.
func byName(fs handshake.Fields) map[string]handshake.Fields {
	groups := map[string]handshake.Fields{}
	for _, f := range fs {
		name := strings.ToLower(f.Name)
		groups[name] = append(groups[name], f)
	}
	return groups
}

// sampleRequest is a request in which nothing is wrong. Every field of a head
// is judged alone, in its place there: so one fault does not hide another.
func sampleRequest() *handshake.Request {
	r := &handshake.Request{Method: "GET", Target: "/", Proto: "HTTP/1.1"}
	r.Fields.Add("Host", "example.com")
	r.Fields.Add("Upgrade", "websocket")
	r.Fields.Add("Connection", "Upgrade")
	r.Fields.Add("Sec-WebSocket-Key", sampleKey)
	r.Fields.Add("Sec-WebSocket-Version", "13")
	return r
}

// request explains a request.
func (x *headExplainer) request(out *explained, head, shown string) {
	r, _, err := handshake.ParseRequest([]byte(head), handshake.Limits{HeadBytes: -1, LineBytes: -1, Fields: -1})
	if r == nil {
		out.Problems = append(out.Problems, problem{Rule: err.Error()})
		return
	}
	x.offer = handshake.OfferOf(r)
	judged := map[string]*handshake.Error{}
	for name, fields := range byName(r.Fields) {
		s := sampleRequest()
		s.Fields.Del(name)
		s.Fields = append(s.Fields, fields...)
		_, err := handshake.CheckRequest(s)
		judged[name] = asFault(err)
	}
	out.lines(head, shown, func(line string, p *part) {
		if p.Offset == 0 {
			x.requestLine(r, p)
			return
		}
		out.field(p, line, false, judged)
		if strings.EqualFold(p.Field, "Sec-WebSocket-Key") && len(p.Problems) == 0 {
			p.Meaning += "; it asks for " + handshake.AcceptKey(r.Fields.Get(p.Field))
		}
	})
	for _, f := range sampleRequest().Fields {
		if !r.Fields.Has(f.Name) {
			s := sampleRequest()
			s.Fields.Del(f.Name)
			_, err := handshake.CheckRequest(s)
			out.missing(err)
		}
	}
}

func (out *explained) missing(err error) {
	if fault := asFault(err); fault != nil {
		out.Problems = append(out.Problems, problem{Rule: fault.Requirement.String(), Section: fault.Requirement.Section()})
	}
}

// requestLine explains the request line.
func (x *headExplainer) requestLine(r *handshake.Request, p *part) {
	p.Field, p.Section = "(request line)", "RFC 6455 §4.1"
	p.Meaning = "method GET, the resource's path and query as they are, HTTP/1.1 or later"
	s := sampleRequest()
	s.Method, s.Target, s.Proto, s.StartLine = r.Method, r.Target, r.Proto, r.StartLine
	raw := s.AppendRaw(nil)
	if _, _, err := handshake.ParseRequest(raw, handshake.Limits{HeadBytes: -1, LineBytes: -1}); err != nil {
		p.point(asFault(err))
		return
	}
	_, err := handshake.CheckRequest(s)
	if p.point(asFault(err)); len(p.Problems) > 0 && p.Problems[0].Rule == handshake.MethodNotGET.String() {
		p.Problems[0].At, p.Problems[0].Length = 0, len(r.Method)
	}
}

// field explains a field line.
func (out *explained) field(p *part, line string, response bool, judged map[string]*handshake.Error) {
	name, _, ok := strings.Cut(line, ":")
	name = strings.TrimRight(name, " \t")
	if !ok || name == "" || line[0] == ' ' || line[0] == '\t' {
		p.Field, p.Meaning = "(line)", "no field line"
		if line[0] == ' ' || line[0] == '\t' {
			p.Meaning = "continues the line before it, a form that was given up"
		}
		p.Section = "RFC 9112 §5.2"
		p.point(lineFault(line, response))
		return
	}
	p.Field, p.Meaning, p.Section = name, "unknown to RFC 6455, so ignored", "RFC 6455 §4.2.1"
	for _, m := range fieldMeanings {
		meaning := m.request
		if response {
			meaning = m.response
		}
		if meaning != "" && strings.EqualFold(m.name, name) {
			p.Meaning, p.Section = meaning, m.section
			break
		}
	}
	p.point(lineFault(line, response))
	p.point(judged[strings.ToLower(name)])
}

// sampleAnswer is an answer to offer in which nothing is wrong.
func sampleAnswer(offer *handshake.Offer) *handshake.Response {
	r := &handshake.Response{Proto: "HTTP/1.1", Status: 101}
	r.Fields.Add("Upgrade", "websocket")
	r.Fields.Add("Connection", "Upgrade")
	r.Fields.Add("Sec-WebSocket-Accept", handshake.AcceptKey(offer.Key))
	return r
}

// response explains an answer, against the request if one came before it.
func (x *headExplainer) response(out *explained, head, shown string) {
	r, _, err := handshake.ParseResponse([]byte(head), handshake.Limits{HeadBytes: -1, LineBytes: -1, Fields: -1})
	if r == nil {
		out.Problems = append(out.Problems, problem{Rule: err.Error()})
		return
	}
	x.body = r.Status >= 200
	offer := x.offer
	if offer == nil {
		// Without the request, any choice could have been offered.
		offer = handshake.OfferOf(&handshake.Request{Fields: r.Fields})
	}
	judged := map[string]*handshake.Error{}
	for name, fields := range byName(r.Fields) {
		if r.Status != 101 || x.offer == nil && name == "sec-websocket-accept" {
			continue
		}
		s := sampleAnswer(offer)
		s.Fields.Del(name)
		s.Fields = append(s.Fields, fields...)
		_, err := offer.CheckResponse(s)
		judged[name] = asFault(err)
	}
	out.lines(head, shown, func(line string, p *part) {
		if p.Offset > 0 {
			out.field(p, line, true, judged)
			if x.offer == nil && strings.EqualFold(p.Field, "Sec-WebSocket-Accept") {
				p.Meaning += "; put the request in front to have it checked"
			}
			return
		}
		p.Field, p.Section = "(status line)", "RFC 6455 §4.2.2"
		p.Meaning = "101 and nothing else says that WebSocket follows"
		if r.Status == 0 {
			p.point(asFault(err))
		} else if r.Status != 101 {
			p.Meaning = "no 101: this connection stays HTTP"
		}
	})
	if r.Status == 101 {
		for _, f := range sampleAnswer(offer).Fields {
			if !r.Fields.Has(f.Name) {
				s := sampleAnswer(offer)
				s.Fields.Del(f.Name)
				_, err := offer.CheckResponse(s)
				out.missing(err)
			}
		}
	}
}
