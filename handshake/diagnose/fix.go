package diagnose

import (
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// fixes says what to do so that the changes of a cause come about: in general,
// in the library the suspect comes from if its head gives it away, in Octet.
func fixes(suspect Head, cause []Change) []string {
	var list []string
	for _, c := range cause {
		for _, say := range fix(suspect, c) {
			known := false
			for _, s := range list {
				known = known || s == say
			}
			if !known {
				list = append(list, say)
			}
		}
	}
	return list
}

func fix(suspect Head, c Change) []string {
	if c.Op == Case && strings.EqualFold(c.From, c.Field) {
		return []string{"Write the name as " + c.To + ". Go's net/http makes Sec-Websocket-Key of every spelling; " +
			"Octet and others that do not use its maps send names as they are given."}
	}
	switch c.Op {
	case Move:
		return []string{"Send " + c.Field + " " + c.To + ". Order has no meaning in HTTP (RFC 9110 §5.3), but this server looks at it."}
	case Duplicate:
		if c.To == "" {
			return []string{"Send " + c.Field + " once."}
		}
	case Spacing:
		return []string{"Write one colon and one blank between " + c.Field + " and its value."}
	case Transport:
		return []string{transportFix(c)}
	}
	switch c.Field {
	case "Sec-WebSocket-Protocol":
		return subprotocolFix(suspect, c)
	case "Origin":
		switch c.Op {
		case Remove:
			return []string{"Send no Origin: only browsers have to (RFC 6455 §4.1). In libwebsockets set origin = NULL; Octet sends none unless asked to."}
		default:
			return []string{"Send Origin: " + c.To + ", as a web page of that site would. In Octet: -origin, or DialOptions.Origin."}
		}
	case "Host":
		if strings.HasPrefix(c.From, c.To+":") {
			return []string{"Send Host: " + c.To + ". RFC 6455 §4.1 has the port there unless it is the default one, but this server wants the bare name. In Octet: -host, or DialOptions.Host."}
		}
		return []string{"Send Host: " + c.To + ". The field has the port unless it is the default one (RFC 6455 §4.1); libwebsockets leaves that to the caller (info.host). In Octet: -host, or DialOptions.Host."}
	case "User-Agent":
		if c.Op == Remove {
			return []string{"Send no User-Agent, or another one. Octet sends none unless asked to."}
		}
		return []string{"Send User-Agent: " + c.To + ". In Octet: -H 'User-Agent: …'."}
	case "Sec-WebSocket-Extensions":
		return []string{extensionFix(c)}
	case "Connection", "Upgrade":
		return []string{"Send " + c.Field + ": " + c.To + ". The server compares letter by letter what RFC 6455 §4.2.1 wants compared without regard to case, or does not read the list."}
	case "Cookie", "Authorization", "Proxy-Authorization":
		if c.Op == Add {
			return []string{"Send " + c.Field + ": the server wants it, and probably the right value too (-H '" + c.Field + ": …')."}
		}
	case FieldVersion:
		return []string{"Speak " + c.To + " (RFC 6455 §4.1)."}
	case FieldMethod:
		return []string{"Use the method " + c.To + " (RFC 6455 §4.1)."}
	case FieldLineEnd:
		return []string{"End every line with CR LF (RFC 9112 §2.2)."}
	case FieldLength:
		return []string{"Make the head shorter: " + c.From + " bytes are refused, " + c.To + " accepted. The largest fields are " + largest(suspect.Request) + "."}
	}
	return []string{sentence(c.String())}
}

// subprotocolFix is for the founding case, among others: a subprotocol that was
// offered although nobody asked for one.
func subprotocolFix(suspect Head, c Change) []string {
	switch c.Op {
	case Remove, Duplicate:
		return []string{
			"In libwebsockets set protocol = NULL in lws_client_connect_info and name the handler in local_protocol_name.",
			"In Octet offer no subprotocol: that is the default.",
		}
	case Add:
		return []string{"Offer the subprotocol " + c.To + ": the server requires one. In Octet: -subprotocol, or DialOptions.Subprotocols."}
	}
	return []string{"Offer the subprotocols " + c.To + " and nothing else. In Octet: -subprotocol, or DialOptions.Subprotocols."}
}

func extensionFix(c Change) string {
	switch c.Op {
	case Remove:
		return "Offer no extension: the server does not take the offer as what it is. In Node's ws set perMessageDeflate: false; Octet offers none unless asked to."
	case Add:
		return "Offer " + c.To + ": the server expects it."
	}
	return "Offer " + c.To + " instead of " + c.From + "."
}

func transportFix(c Change) string {
	to := c.To
	if to == "" {
		to = "none"
	}
	switch c.Field {
	case FieldALPN:
		return "Offer " + to + " in ALPN: the server decides by it before it reads the head."
	case FieldSNI:
		return "Ask for the server name " + to + " (-sni): the server chooses the site, and whether to talk at all, by it."
	}
	return "Offer TLS " + to + " at most: the server or a box before it does not get along with a later version."
}

// largest names the three largest fields of a head.
func largest(r *handshake.Request) string {
	var names []string
	used := map[int]bool{}
	for range min(3, len(r.Fields)) {
		best := -1
		for i, f := range r.Fields {
			if !used[i] && (best < 0 || len(f.Value) > len(r.Fields[best].Value)) {
				best = i
			}
		}
		used[best] = true
		names = append(names, RFCName(r.Fields[best].Name))
	}
	return strings.Join(names, ", ")
}
