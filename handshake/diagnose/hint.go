package diagnose

import (
	"errors"
	"strconv"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// Hints says in sentences what a refusal means and what to try next, without
// any further attempt. It is what the errors of a dialer can show.
func Hints(e *handshake.RefusedError) []string {
	return outcomeHints(Outcome{Phase: e.Phase, Response: e.Response, Received: e.Received, Err: e.Err})
}

// outcomeHints explains one outcome by its phase, its error and its answer.
func outcomeHints(o Outcome) []string {
	var broken *handshake.Error
	errors.As(o.Err, &broken)
	switch {
	case o.Err == nil:
		return nil
	case o.Response == nil:
		return silenceHints(o, broken)
	case o.Response.Status == 101:
		return []string{answerHint(broken)}
	}
	return statusHints(o.Response)
}

// silenceHints explains an attempt that got no HTTP answer.
func silenceHints(o Outcome, broken *handshake.Error) []string {
	var hints []string
	if o.Phase < handshake.PhaseWrite {
		hints = append(hints, "It failed in phase "+o.Phase.String()+": "+o.Err.Error()+".")
	}
	switch o.Phase {
	case handshake.PhaseResolve:
		return append(hints, "No request was sent. Check the host name of the URL, or give an address with -connect.")
	case handshake.PhaseConnect:
		return append(hints, "No request was sent. Check that the server runs and listens on this port, and that no firewall drops the connection.")
	case handshake.PhaseProxy:
		return append(hints, "No request reached the server. Check the proxy's address and credentials, and that it lets CONNECT through to this port.")
	case handshake.PhaseTLS:
		return append(hints, "No request was sent. A certificate that is not trusted needs -root, one for another name -sni or a correct URL. "+
			"An alert sent before any HTTP is the server's or a firewall's judgment of the ClientHello, which no field of the head can change.")
	}
	var requirement handshake.Requirement
	if broken != nil {
		requirement = broken.Requirement
	}
	switch requirement {
	case handshake.NotHTTP, handshake.MalformedStartLine:
		return append(hints, "The server does not speak HTTP on this port (its first bytes: "+printable(o.Received)+"). "+
			"Check the port; behind a TLS port use wss://, behind a plain one ws://.")
	case handshake.Silent:
		return append(hints, "The server took the request and said nothing until the time ran out. "+
			"It waits for something it did not get (some servers wait so for a User-Agent), or a proxy waits for its origin. A longer -timeout tells the two apart.")
	case handshake.NoAnswer:
		return append(hints, "The server closed the connection without a byte. libwebsockets does so when it does not know the subprotocol; "+
			"firewalls do so when they dislike a client.")
	case handshake.CutShort:
		return append(hints, "The server closed the connection in the middle of its answer.")
	case handshake.HeadTooLong, handshake.LineTooLong, handshake.TooManyFields:
		return append(hints, "The answer's head is longer than the limits allow: "+broken.Error()+".")
	}
	return append(hints, "The connection broke in phase "+o.Phase.String()+": "+o.Err.Error()+
		". A reset before any answer usually comes from a firewall or a crashed server process.")
}

// answerHint explains a 101 that breaks a rule.
func answerHint(broken *handshake.Error) string {
	const prefix = "The server answered 101 in a way that RFC 6455 forbids: "
	if broken == nil {
		return prefix + "the connection cannot be used."
	}
	say := prefix + broken.Requirement.String() + " (" + broken.Requirement.Section() + "). "
	switch broken.Requirement {
	case handshake.WrongAccept, handshake.MissingAccept:
		say += "Something that is no WebSocket server answers, or a cache between answers with what it once got for another key."
	case handshake.UnrequestedSubprotocol:
		say += "It insists on a subprotocol: offer the one it names."
	case handshake.UnrequestedExtension:
		say += "It uses an extension that was not offered: offer it, or turn it off there."
	default:
		say += "The server has to be mended; no request changes that."
	}
	return say
}

// statusMeanings says what a status means for an opening handshake: what is
// usually the cause, and what to try next.
var statusMeanings = map[int]string{
	200: "200 means that plain HTTP answered: this path is not a WebSocket, or a proxy dropped Upgrade and Connection on the way. Check the path; in nginx forward both fields (proxy_set_header Upgrade $http_upgrade).",
	301: "A redirect (301) is not followed: a WebSocket client need not (RFC 6455 §4.1).",
	302: "A redirect (302) is not followed: a WebSocket client need not (RFC 6455 §4.1). To a login page it means that credentials are missing.",
	307: "A redirect (307) is not followed: a WebSocket client need not (RFC 6455 §4.1).",
	308: "A redirect (308) is not followed: a WebSocket client need not (RFC 6455 §4.1).",
	400: "400 means that the server looked at the head and found a fault in it. The body often names the field; octet explain says which rules a head breaks.",
	401: "401 means that credentials are missing or wrong: send Authorization or the session's Cookie (-H 'Authorization: …').",
	403: "403 means that the server understood and will not: usually the Origin (give the one the web page has with -origin), else missing credentials, or a firewall that dislikes the client. A firewall that looks at the ClientHello cannot be satisfied by any field.",
	404: "404 means that nothing lives at this path: check it letter by letter, the slash at its end too. Some servers also answer 404 when the Host or the User-Agent is not one they expect, or when a proxy dropped Upgrade.",
	405: "405 means that the path takes another method than GET: it is not a WebSocket, or the server chose HTTP/2, in which this handshake means nothing. Check the path, and offer http/1.1 alone in ALPN.",
	407: "407 comes from a proxy that wants credentials: put them in the URL given to -proxy.",
	421: "421 means that this server does not serve the Host asked for: check Host and SNI.",
	426: "426 means that the request did not arrive as a WebSocket handshake of a version the server speaks: a proxy dropped Upgrade and Connection, or the server wants another Sec-WebSocket-Version than 13.",
	429: "429 means that there were too many requests: wait (Retry-After says how long), or raise -pace. It need not have anything to do with the head.",
	431: "431 means that the head is too long for the server: usually the cookies. Send fewer (-H 'Cookie:' sends none).",
	500: "500 means that the server failed while it dealt with the request: its log knows more. A value it cannot parse may be the reason, so try without optional fields.",
	502: "502 comes from a proxy: the origin behind it dropped the handshake, or is not there. The head is the usual reason, so sending the same again will not help.",
	503: "503 means that the server is overloaded or in maintenance, or that a proxy has no healthy origin. Try again later; Retry-After, if there is one, says when.",
	504: "504 comes from a proxy whose origin did not answer in time: like a 502, it is about what happens behind the proxy.",
}

// statusHints explains an answer with another status than 101.
func statusHints(r *handshake.Response) []string {
	meaning, ok := statusMeanings[r.Status]
	if !ok {
		switch status := strconv.Itoa(r.Status); r.Status / 100 {
		case 2:
			meaning = status + " means that plain HTTP answered: this path is not a WebSocket, or a proxy dropped Upgrade on the way."
		case 3:
			meaning = "A redirect (" + status + ") is not followed: a WebSocket client need not (RFC 6455 §4.1)."
		case 4:
			meaning = status + " means that the server finds fault with the request."
		default:
			meaning = status + " means that a server failed on the way."
		}
	}
	hints := []string{meaning}
	if r.Status/100 == 3 {
		if to := r.Fields.Get("Location"); to != "" {
			hints = append(hints, "It points to "+webSocketURL(handshake.Redact("Location", to))+": if that is the right place, use it as the URL.")
		}
	}
	if versions := r.Fields.Get("Sec-WebSocket-Version"); r.Status == 426 && versions != "" {
		hints = append(hints, "The server says that it speaks Sec-WebSocket-Version "+versions+".")
	}
	if after := r.Fields.Get("Retry-After"); after != "" {
		hints = append(hints, "Retry-After: "+after+".")
	}
	if r.Status == 200 && strings.Contains(strings.ToLower(r.Fields.Get("Content-Type")), "html") {
		hints = append(hints, "The body is a web page, not an error: the path leads to the site itself.")
	}
	if r.Status >= 400 && strings.EqualFold(r.Fields.Get("Server"), "cloudflare") && r.Status != 502 && r.Status != 504 {
		hints = append(hints, "Cloudflare answers here. It tells clients apart by their ClientHello as well as by their head; if no head helps, that is why.")
	}
	return hints
}

// webSocketURL writes a Location the way a WebSocket client wants it.
func webSocketURL(location string) string {
	if rest, ok := strings.CutPrefix(location, "http"); ok && (strings.HasPrefix(rest, "://") || strings.HasPrefix(rest, "s://")) {
		return "ws" + rest
	}
	return location
}

// printable shows the first bytes of something that is not HTTP.
func printable(b []byte) string {
	if len(b) == 0 {
		return "none"
	}
	return string(handshake.AppendEscaped(nil, string(b[:min(len(b), 40)])))
}

// hints fills in Rule, Section, Meaning, Fixes and Hints, which is all of them.
func (s *search) hints(err error) {
	r := s.report
	if r.Verdict == Explained {
		if broken := s.brokenRule(); broken != nil {
			r.Rule, r.Section = ruleText(broken), broken.Requirement.Section()
			about := ""
			if broken.Field != "" {
				about = broken.Field + " " + strconv.Quote(broken.Value) + ": "
			}
			r.Hints = append(r.Hints, about+r.Rule+" ("+r.Section+").")
		}
	}
	r.Meaning = append(outcomeHints(s.refusal.outcome), s.searchHints(err)...)
	if r.Verdict == Explained && s.refusal.outcome.status() == 502 { // so the origin is there
		r.Meaning[0] = "502 comes from a proxy: the origin behind it dropped the handshake without an answer. It is about the head, so sending the same again will not help."
	}
	r.Hints = append(r.Hints, r.Meaning...)
	for _, cause := range r.Causes {
		fix := fixes(s.suspect, cause)
		r.Fixes = append(r.Fixes, fix)
		r.Hints = append(r.Hints, fix...)
	}
}

// searchHints explains how the search itself went.
func (s *search) searchHints(err error) []string {
	var hints []string
	add := func(h string) { hints = append(hints, h) }
	switch {
	case s.mixed && s.opts.Repeat > 1:
		add("The same head was accepted and refused: the server does not always answer alike. The majority of " + strconv.Itoa(s.opts.Repeat) + " decided.")
	case s.mixed:
		add("The same head was refused once and accepted later: the server does not always answer alike. Try -repeat 5, so that the majority decides.")
	}
	if s.hasty {
		add("The server refused or dropped connections that came too fast, whatever they asked for: the attempts were made a second apart from then on.")
	}
	if len(s.causes) > 1 {
		add("Each of the " + strconv.Itoa(len(s.causes)) + " fixes is enough alone.")
	}
	if s.report.Verdict != Unexplained {
		return hints
	}
	switch {
	case errors.Is(err, errBudget):
		add("The budget of " + strconv.Itoa(s.opts.Budget) + " attempts was used up: raise it with -budget.")
	case errors.Is(err, errLimited):
		add("The server limits the rate of requests, and goes on doing so: try again later, with a longer -pace.")
	case err != nil:
		add("The search was interrupted: " + err.Error() + ".")
	case s.control == nil:
		add("None of the " + strconv.Itoa(len(s.tried)) + " attempts was accepted, so the head is probably not the reason: " +
			"look at the path, at credentials, at the proxies between, and, over TLS, at firewalls that judge the ClientHello.")
	}
	if s.control != nil && !s.mixed {
		add("The head " + s.control.Name + " is accepted: compare it with the suspect (octet diff).")
	}
	return hints
}

// brokenRule returns the rule of the RFCs that the suspect's head breaks and
// that the first cause mends, or nil.
func (s *search) brokenRule() *handshake.Error {
	if s.causes[0][0].kind == kindPadding {
		return nil
	}
	broken := checkHead(s.suspect.Request)
	if broken == nil {
		return nil
	}
	after := checkHead(s.attempt(s.causes[0]).Request)
	if after != nil && after.Requirement == broken.Requirement && after.Value == broken.Value {
		return nil
	}
	return broken
}

// ruleText says which rule is broken.
func ruleText(broken *handshake.Error) string {
	if broken.Requirement == handshake.MalformedSubprotocol {
		switch {
		case broken.Value == "":
			return "the value is not a legal list of tokens: it is empty"
		case strings.Contains(broken.Value, " "):
			return "the value is not a legal token: it has a blank"
		}
		return "the value is not a legal token"
	}
	return broken.Requirement.String()
}

// checkHead returns the first rule a request's head breaks.
func checkHead(r *handshake.Request) *handshake.Error {
	parsed, n, err := handshake.ParseRequest(r.AppendRaw(nil), handshake.Limits{HeadBytes: -1, LineBytes: -1, Fields: -1})
	if err == nil && n > 0 {
		_, err = handshake.CheckRequest(parsed)
	}
	var broken *handshake.Error
	errors.As(err, &broken)
	return broken
}

func sentence(s string) string {
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
