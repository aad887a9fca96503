package diagnose

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// knownSubprotocols are offered all at once to a server that may require one:
// common ones of IANA's registry and of well-known servers.
const knownSubprotocols = "chat, superchat, echo-protocol, json, binary, mqtt, graphql-transport-ws, graphql-ws, " +
	"wamp.2.json, v12.stomp, ocpp1.6, ocpp2.0.1, soap, xmpp, sip, amqp, actioncable-v1-json, v4.channel.k8s.io"

// alone is how many of the suspect's subprotocols are offered one by one.
const alone = 4

// variations returns edited suspects: one edit each, in the order of their
// likelihood, then the first controls with several things added at once. A head
// that is the suspect unchanged may be among them.
func (s *search) variations() []Head {
	var list []Head
	vary := func(base *handshake.Request, edits ...func(*handshake.Request)) {
		r := clone(base)
		for _, edit := range edits {
			edit(r)
		}
		list = append(list, Head{Name: VariationName, Request: r, TLS: s.suspect.TLS})
	}
	suspect := s.suspect.Request
	single := func(edits ...func(*handshake.Request)) {
		for _, e := range edits {
			vary(suspect, e)
		}
	}
	origin := s.opts.URL.Origin()
	otherOrigin := "https://" + s.opts.URL.HostField()
	if s.opts.URL.Secure {
		otherOrigin = "http://" + s.opts.URL.HostField()
	}
	single(plainSyntax,
		del(fieldProtocol), del(fieldOrigin), set(fieldOrigin, origin), set(fieldOrigin, otherOrigin),
		rfcCase, s.otherHost, del(fieldAgent))
	if agent := s.browser(); agent != "" {
		single(set(fieldAgent, agent))
	}
	single(del(fieldExtensions), set(fieldExtensions, "permessage-deflate"),
		set(fieldConnection, "Upgrade"), set(fieldConnection, "keep-alive, Upgrade"),
		set(fieldUpgrade, "websocket"), set(fieldUpgrade, "WebSocket"), hostFirst, rfcScheme,
		del(fieldCookie), set(fieldCookie, "octet=1"))
	if offered := subprotocols(suspect.Fields); len(offered) > 1 {
		for _, p := range offered[:min(len(offered), alone)] {
			single(set(fieldProtocol, p))
		}
	}
	single(set(fieldProtocol, knownSubprotocols))
	for _, f := range suspect.Fields {
		if !isRequired(f.Name) {
			single(del(f.Name))
		}
	}
	for _, c := range s.opts.Controls[:min(2, len(s.opts.Controls))] {
		more := []func(*handshake.Request){
			set(fieldOrigin, origin), set(fieldCookie, "octet=1"), set(fieldProtocol, knownSubprotocols),
		}
		vary(c.Request, more...)
		vary(c.Request, append(more, s.otherHost)...)
	}
	return list
}

// isRequired reports whether a field is one without which no server accepts,
// or one that has variations of its own.
func isRequired(name string) bool {
	switch strings.ToLower(name) {
	case "host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version",
		"origin", "user-agent", "cookie", "sec-websocket-protocol", "sec-websocket-extensions":
		return true
	}
	return false
}

func del(name string) func(*handshake.Request) {
	return func(r *handshake.Request) { r.Fields.Del(name) }
}

func set(name, value string) func(*handshake.Request) {
	return func(r *handshake.Request) { r.Fields.Set(name, value) }
}

func rfcCase(r *handshake.Request) {
	for i := range r.Fields {
		r.Fields[i].Name = RFCName(r.Fields[i].Name)
	}
}

// rfcScheme writes the scheme of credentials as its RFC does (7617, 6750).
func rfcScheme(r *handshake.Request) {
	scheme, credentials, _ := strings.Cut(r.Fields.Get(fieldAuthorization), " ")
	if scheme != "" {
		r.Fields.Set(fieldAuthorization, strings.ToUpper(scheme[:1])+strings.ToLower(scheme[1:])+" "+credentials)
	}
}

func hostFirst(r *handshake.Request) {
	if i := r.Fields.Index(fieldHost); i > 0 {
		host := r.Fields[i]
		r.Fields = slices.Insert(slices.Delete(r.Fields, i, i+1), 0, host)
	}
}

// plainSyntax writes the head as HTTP/1.1 demands: one line for each field
// that may not repeat, one blank behind each colon, CRLF.
func plainSyntax(r *handshake.Request) {
	r.Method, r.Proto, r.StartLine, r.LineEnd, r.Blank = "GET", "HTTP/1.1", "", "", ""
	var fs handshake.Fields
	for _, f := range r.Fields {
		if f.Name == "" || isRequired(f.Name) && fs.Has(f.Name) {
			continue
		}
		fs.Add(f.Name, f.Value)
	}
	r.Fields = fs
}

// otherHost adds the port to Host, or takes it away.
func (s *search) otherHost(r *handshake.Request) {
	i := r.Fields.Index(fieldHost)
	if i < 0 {
		r.Fields = slices.Insert(r.Fields, 0, handshake.Field{Name: fieldHost, Value: s.opts.URL.HostField()})
		return
	}
	host := &r.Fields[i].Value
	if colon := strings.LastIndexByte(*host, ':'); colon > 0 && !strings.Contains((*host)[colon:], "]") {
		*host = (*host)[:colon]
	} else {
		address := s.opts.URL.Address()
		*host += address[strings.LastIndexByte(address, ':'):]
	}
}

// browser returns the User-Agent of a browser, from the controls.
func (s *search) browser() string {
	for _, c := range s.opts.Controls {
		if agent := c.Request.Fields.Get(fieldAgent); strings.HasPrefix(agent, "Mozilla/") {
			return agent
		}
	}
	return ""
}

// transports returns the suspect over other transports, of a wss URL.
func (s *search) transports() []Head {
	var list []Head
	if s.suspect.TLS == (TLS{}) {
		return nil
	}
	vary := func(edit func(*TLS)) {
		h := s.suspect
		h.Name = VariationName
		edit(&h.TLS)
		list = append(list, h)
	}
	for _, alpn := range []string{"http/1.1", "", "h2,http/1.1"} {
		vary(func(t *TLS) { t.ALPN = alpn })
	}
	if _, err := netip.ParseAddr(s.opts.URL.ServerName()); err != nil { // an address is never sent
		vary(func(t *TLS) { t.SNI = s.opts.URL.ServerName() })
	}
	vary(func(t *TLS) { t.SNI = "" })
	for _, version := range []string{"1.3", "1.2"} {
		vary(func(t *TLS) { t.Version = version })
	}
	return list
}
