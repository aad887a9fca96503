package ws

import (
	"net/url"

	"github.com/octet-ws/octet/handshake"
)

// redirect returns where the answer sends a client of u, if it is a redirect
// that may be followed: to a ws or wss URL, or the http or https URL of one,
// but never from TLS to plain text.
func redirect(u handshake.URL, r *handshake.Response) (to handshake.URL, ok bool) {
	switch r.Status {
	case 301, 302, 303, 307, 308:
	default:
		return to, false
	}
	base, err := url.Parse(u.String())
	if err != nil || !r.Fields.Has("Location") {
		return to, false
	}
	next, err := base.Parse(r.Fields.Get("Location"))
	if err != nil {
		return to, false
	}
	switch next.Scheme {
	case "http":
		next.Scheme = "ws"
	case "https":
		next.Scheme = "wss"
	}
	next.Fragment = ""
	to, err = handshake.ParseURL(next.String())
	if err != nil || u.Secure && !to.Secure {
		return to, false
	}
	return to, true
}

// sameAuthority reports whether credentials for u are meant for v, too.
func sameAuthority(u, v handshake.URL) bool {
	return u.Secure == v.Secure && u.Address() == v.Address()
}

// leaveBehind takes out of o what was meant for the host that was left.
func (o *DialOptions) leaveBehind() {
	o.Address, o.Network, o.Host = "", "", ""
	o.Fields = o.Fields.Clone()
	for _, name := range []string{"Authorization", "Cookie", "Proxy-Authorization"} {
		o.Fields.Del(name)
	}
	if o.TLS != nil {
		plain := *o.TLS
		plain.Certificates, plain.ServerName, plain.VerifyName = nil, "", ""
		o.TLS = &plain
	}
}
