package museum

import (
	"slices"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// This file has what rules are made of: conditions on a request, and servers
// that react in one way when a condition holds and accept otherwise.

type condition func(r *handshake.Request) bool

// answer is a server that answers with a status and a body if c holds.
func answer(status int, body string, c condition) func(Visit) Reaction {
	return when(c, Reaction{Deed: Answer, Status: status, Body: body})
}

// when is a server that reacts so if c holds.
func when(c condition, reaction Reaction) func(Visit) Reaction {
	return func(v Visit) Reaction {
		if c(v.Request) {
			return reaction
		}
		return Reaction{}
	}
}

func has(name string) condition {
	return func(r *handshake.Request) bool { return r.Fields.Has(name) }
}

func lacks(name string) condition {
	return func(r *handshake.Request) bool { return !r.Fields.Has(name) }
}

func not(c condition) condition {
	return func(r *handshake.Request) bool { return !c(r) }
}

func both(c, d condition) condition {
	return func(r *handshake.Request) bool { return c(r) && d(r) }
}

// spelt holds if a name is written exactly so.
func spelt(name string) condition {
	return func(r *handshake.Request) bool {
		return slices.ContainsFunc(r.Fields, func(f handshake.Field) bool { return f.Name == name })
	}
}

// value holds if the first field of that name has the value, to the letter.
func value(name, want string) condition {
	return func(r *handshake.Request) bool { return r.Fields.Get(name) == want }
}

// mentions holds if a value of that name contains s, in any case.
func mentions(name, s string) condition {
	return func(r *handshake.Request) bool {
		return slices.ContainsFunc(r.Fields.Values(name), func(v string) bool {
			return strings.Contains(strings.ToLower(v), s)
		})
	}
}

// repeated holds if there is more than one field of that name.
func repeated(name string) condition {
	return func(r *handshake.Request) bool { return r.Fields.Count(name) > 1 }
}

// subprotocols returns what is offered, whether legal or not.
func subprotocols(r *handshake.Request) []string {
	var list []string
	for _, v := range r.Fields.Values("Sec-WebSocket-Protocol") {
		for p := range strings.SplitSeq(v, ",") {
			list = append(list, strings.Trim(p, " \t"))
		}
	}
	return list
}

// offers holds if one of the subprotocols offered is as wanted.
func offers(wanted func(subprotocol string) bool) condition {
	return func(r *handshake.Request) bool { return slices.ContainsFunc(subprotocols(r), wanted) }
}

// origin holds if there is an Origin and it is as wanted. host is what the Host
// field says.
func origin(wanted func(origin, host string) bool) condition {
	return func(r *handshake.Request) bool {
		return r.Fields.Has("Origin") && wanted(r.Fields.Get("Origin"), r.Fields.Get("Host"))
	}
}

// authority returns an origin without its scheme.
func authority(origin string) string {
	_, rest, _ := strings.Cut(origin, "://")
	return rest
}

// hasPort reports whether a Host value has a port.
func hasPort(host string) bool {
	i := strings.LastIndexByte(host, ':')
	return i >= 0 && !strings.Contains(host[i:], "]")
}

// length returns the size of a head in bytes.
func length(r *handshake.Request) int { return len(r.AppendRaw(nil)) }

// ofLibrary holds if the User-Agent names an HTTP library.
func ofLibrary(r *handshake.Request) bool {
	agent := strings.ToLower(r.Fields.Get("User-Agent"))
	return slices.ContainsFunc([]string{"go-http-client", "python", "websockets/", "aiohttp", "curl/", "node", "undici", "okhttp"},
		func(library string) bool { return strings.Contains(agent, library) })
}

// alert is a server that fails the TLS handshake if c holds.
func alert(c func(TLS) bool) func(Visit) Reaction {
	return func(v Visit) Reaction {
		if c(v.TLS) {
			return Reaction{Deed: Alert}
		}
		return Reaction{}
	}
}
