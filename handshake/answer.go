package handshake

import (
	"errors"
	"strconv"
)

// A Chooser decides what a server answers to a request that keeps all the rules.
// The zero value, and a nil one, accept every such request without Origin or
// with the server's own origin, and agree on no subprotocol and no extension.
// It is not changed by use: one value may serve any number of connections.
type Chooser struct {
	// Subprotocols are those the server speaks. The first one in the client's
	// order is chosen; if there is none, the connection has none (S18).
	Subprotocols []string
	// Origins are patterns of origins that are accepted beside the server's own
	// (S15, X11, RFC 6455 §10.2). A pattern with "://" is compared with the whole
	// origin, another one with its host and port, in any case of their letters;
	// "*" stands for any characters. "*" alone accepts every origin. A request
	// without Origin is not from a browser and is accepted (S9).
	Origins []string
	// Decide, if not nil, has the last word. It gets the answer chosen so far
	// and returns the one to give: with another subprotocol, with extensions,
	// with further fields (S13, S14, S17). To refuse, it returns a [*Refusal];
	// any other error is answered with 500. It must not keep or change the
	// request's fields.
	Decide func(*Request, Offer, Answer) (Answer, error)
}

// An Answer is a 101 to be sent.
type Answer struct {
	Agreement
	// Fields are further fields, sent as they are behind the required ones.
	Fields Fields
}

// Answer returns the answer to a request that CheckRequest has accepted with
// that offer. The error is an [*Error] for ForeignOrigin, SubprotocolNotOffered
// or ExtensionNotOffered, or the one of Decide.
func (c *Chooser) Answer(r *Request, o *Offer) (Answer, error) {
	var a Answer
	if c == nil {
		c = new(Chooser)
	}
	if o.Origin != "" && !sameOrigin(o.Origin, o.Host) && !c.allowsOrigin(o.Origin) {
		return a, fault(ForeignOrigin, fieldOrigin, o.Origin)
	}
	for _, p := range o.Subprotocols {
		if has(c.Subprotocols, p) {
			a.Subprotocol = p
			break
		}
	}
	if c.Decide != nil {
		var err error
		if a, err = c.Decide(r, *o, a); err != nil {
			return a, err
		}
	}
	return a, a.check(o)
}

// check holds the server to what it owes the client (S18, S20, S21, X2).
func (a *Answer) check(o *Offer) error {
	if a.Subprotocol != "" && !has(o.Subprotocols, a.Subprotocol) {
		return fault(SubprotocolNotOffered, fieldProtocol, a.Subprotocol)
	}
	for _, e := range a.Extensions {
		if !o.offers(e.Name) {
			return fault(ExtensionNotOffered, fieldExtensions, e.Name)
		}
	}
	return nil
}

func has(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// switching begins every 101.
const switching = "HTTP/1.1 101 Switching Protocols\r\n" +
	"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "

// Append appends the 101 that accepts a request with that key (S22, RFC 6455
// §4.2.2), or returns what makes the answer illegal. The subprotocol and the
// extensions have their fields only if they were agreed on (S19, S23).
func (a *Answer) Append(dst []byte, key string) ([]byte, error) {
	start := len(dst)
	dst = append(dst, switching...)
	dst = AppendAcceptKey(dst, key)
	dst = append(dst, usualEnd...)
	if a.Subprotocol != "" {
		if !IsToken(a.Subprotocol) {
			return dst[:start], fault(MalformedSubprotocol, fieldProtocol, a.Subprotocol)
		}
		dst = append(dst, fieldProtocol+usualSep...)
		dst = append(dst, a.Subprotocol...)
		dst = append(dst, usualEnd...)
	}
	if len(a.Extensions) > 0 {
		if err := checkExtensions(a.Extensions); err != nil {
			return dst[:start], err
		}
		dst = append(dst, fieldExtensions+usualSep...)
		dst = AppendExtensions(dst, a.Extensions)
		dst = append(dst, usualEnd...)
	}
	for _, f := range a.Fields {
		if err := f.check(); err != nil {
			return dst[:start], err
		}
		if f.Is(fieldUpgrade) || f.Is(fieldConnection) || f.Is(fieldAccept) || f.Is(fieldProtocol) || f.Is(fieldExtensions) {
			return dst[:start], fault(MalformedField, f.Name, f.Value)
		}
		dst = f.AppendRaw(dst)
	}
	return append(dst, usualEnd...), nil
}

// A Refusal is an HTTP answer other than 101, given by a server of its own will:
// 401, 403, 404, 503, or a redirect. It is an error so that Chooser.Decide can
// return it.
type Refusal struct {
	// Status is from 200 to 599.
	Status int
	// Fields are further fields, such as WWW-Authenticate or Location.
	Fields Fields
	// Body is sent as text/plain. If empty, the reason phrase is.
	Body string
}

// Error returns the status.
func (r *Refusal) Error() string {
	return "handshake: refused with " + threeDigits(r.Status) + " " + reasonPhrase(r.Status)
}

// Refuse returns the answer to a request that failed with err: the status and
// fields of a [*Refusal], or those that the requirement of an [*Error] demands:
// 426 with Upgrade (T7) and with all versions spoken (S16, S25), 405 with Allow.
// The body names the requirement and shows nothing of the request. Any other
// error is answered with 500. The connection is to be closed after it.
func Refuse(err error) *Response {
	var refusal *Refusal
	var broken *Error
	code, body := 500, ""
	var fs Fields
	connection := "close"
	switch {
	case errors.As(err, &refusal):
		code, body = refusal.Status, refusal.Body
		fs = append(fs, refusal.Fields...)
	case errors.As(err, &broken) && broken.Requirement.Status() != 0:
		code = broken.Requirement.Status()
		body = broken.Requirement.String() + " (" + broken.Requirement.Section() + ")\n"
		switch code {
		case 405:
			fs.Add("Allow", "GET")
		case 426:
			connection = "Upgrade, close"
			fs.Add(fieldUpgrade, "websocket")
			fs.Add(fieldVersion, "13")
		}
	}
	if code < 200 || code > 599 {
		code, body, fs = 500, "", nil
	}
	reason := reasonPhrase(code)
	if body == "" {
		body = reason + "\n"
	}
	if code == 204 || code == 304 {
		body = ""
	}
	add := func(name, value string) {
		if !fs.Has(name) {
			fs.Add(name, value)
		}
	}
	add(fieldConnection, connection)
	if body != "" {
		add("Content-Type", "text/plain; charset=utf-8")
		add("X-Content-Type-Options", "nosniff")
		fs.Set(fieldLength, strconv.Itoa(len(body)))
	}
	return &Response{Proto: "HTTP/1.1", Status: code, Reason: reason, Fields: fs, Body: []byte(body)}
}

// reasonPhrase returns the phrase of RFC 9110 §15 for the statuses that servers
// give to handshakes, or "".
func reasonPhrase(status int) string {
	switch status {
	case 101:
		return "Switching Protocols"
	case 200:
		return "OK"
	case 204:
		return "No Content"
	case 301:
		return "Moved Permanently"
	case 302:
		return "Found"
	case 303:
		return "See Other"
	case 304:
		return "Not Modified"
	case 307:
		return "Temporary Redirect"
	case 308:
		return "Permanent Redirect"
	case 400:
		return "Bad Request"
	case 401:
		return "Unauthorized"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 408:
		return "Request Timeout"
	case 410:
		return "Gone"
	case 414:
		return "URI Too Long"
	case 426:
		return "Upgrade Required"
	case 429:
		return "Too Many Requests"
	case 431:
		return "Request Header Fields Too Large"
	case 500:
		return "Internal Server Error"
	case 502:
		return "Bad Gateway"
	case 503:
		return "Service Unavailable"
	case 504:
		return "Gateway Timeout"
	case 505:
		return "HTTP Version Not Supported"
	}
	return ""
}
