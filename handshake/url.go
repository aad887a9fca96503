package handshake

import "strings"

// A URL is a ws or wss URL in the parts a client needs, each kept as written.
type URL struct {
	// Secure says that the scheme is wss.
	Secure bool
	// Userinfo is what stands before the "@", still percent-encoded, or "". It
	// is a secret, and is never sent unless the caller makes an Authorization
	// of it.
	Userinfo string
	// Host is the host without brackets, with the zone of an IPv6 address:
	// "example.com", "192.0.2.1", "fe80::1%eth0".
	Host string
	// Port is the port as written, or "" for the default one, 80 or 443 (U2).
	Port string
	// Target is the path, or "/", with "?" and the query if there is one (U3).
	// Its bytes are those of the URL.
	Target string
}

// ParseURL parses a ws or wss URL (RFC 6455 §3). It refuses rather than repairs:
// another scheme (U4), a fragment (U1), a host that is not ASCII (U6), and
// anything RFC 3986 does not allow (U5), such as a blank or a "%" that begins no
// escape. The error is an [*Error].
func ParseURL(s string) (u URL, err error) {
	if broken, value := u.parse(s); broken != 0 {
		return URL{}, fault(broken, "", value)
	}
	return u, nil
}

// parse reads s into u, and returns the rule it breaks and where, or 0.
func (u *URL) parse(s string) (broken Requirement, value string) {
	scheme, rest, ok := strings.Cut(s, "://")
	u.Secure = equalFold(scheme, "wss")
	switch {
	case !ok: // anything, perhaps with a password in it
		return NotWebSocketURL, ""
	case !u.Secure && !equalFold(scheme, "ws"):
		return NotWebSocketURL, scheme
	}
	if i := strings.IndexByte(rest, '#'); i >= 0 {
		return URLFragment, rest[i:]
	}
	authority, target := rest, "/"
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, target = rest[:i], rest[i:]
		if target[0] == '?' {
			target = "/" + target
		}
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		u.Userinfo, authority = authority[:i], authority[i+1:]
		if !isURIText(u.Userinfo, ":") {
			return MalformedURL, ""
		}
	}
	if broken, value := u.parseHost(authority); broken != 0 {
		return broken, value
	}
	if target == "/?" { // an empty query is none (U3)
		target = "/"
	}
	if !isURIText(target, ":@/?") {
		return MalformedURL, target
	}
	u.Target = target
	return 0, ""
}

// parseHost parses host [ ":" port ].
func (u *URL) parseHost(s string) (broken Requirement, value string) {
	host, port := s, ""
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return MalformedURL, s
		}
		host, port = s[1:end], s[end+1:]
		address, zone, zoned := strings.Cut(host, "%25") // RFC 6874
		if !isIPv6(address) || zoned && !isAll(zone, regName) {
			return MalformedURL, s
		}
		if zoned {
			host = address + "%" + zone
		}
	} else {
		if i := strings.IndexByte(s, ':'); i >= 0 {
			host, port = s[:i], s[i:]
		}
		for i := 0; i < len(host); i++ {
			if host[i] >= 0x80 {
				return NonASCIIHost, host
			}
		}
		// RFC 3986 would allow percent escapes; no resolver understands them.
		if !isAll(host, regName) {
			return MalformedURL, s
		}
	}
	if port != "" {
		if port[0] != ':' || !isPort(port[1:]) {
			return MalformedURL, s
		}
		port = port[1:]
	}
	u.Host, u.Port = host, port
	return 0, ""
}

// HostField returns the value of the Host field for u (C12): the host, an IPv6
// address in brackets and without its zone (U7), and the port unless it is the
// default one.
func (u URL) HostField() string {
	port := u.Port
	if port == defaultPort(u.Secure) {
		port = ""
	}
	return joinHostPort(withoutZone(u.Host), port)
}

// Address returns the address to dial: host and port, as net.Dial takes them.
func (u URL) Address() string {
	port := u.Port
	if port == "" {
		port = defaultPort(u.Secure)
	}
	return joinHostPort(u.Host, port)
}

// joinHostPort puts an IPv6 address in brackets, and leaves out an empty port.
func joinHostPort(host, port string) string {
	if strings.IndexByte(host, ':') >= 0 {
		host = "[" + host + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return host
}

// ServerName returns the host without brackets and zone, as TLS wants it.
func (u URL) ServerName() string { return withoutZone(u.Host) }

func withoutZone(host string) string {
	host, _, _ = strings.Cut(host, "%")
	return host
}

// Origin returns the origin a page on the same host and port would have.
func (u URL) Origin() string {
	if u.Secure {
		return "https://" + u.HostField()
	}
	return "http://" + u.HostField()
}

// String returns the URL without its userinfo, which is a secret.
func (u URL) String() string {
	scheme, host, zone := "ws://", u.HostField(), ""
	if u.Secure {
		scheme = "wss://"
	}
	if _, zone, _ = strings.Cut(u.Host, "%"); zone != "" {
		host = strings.Replace(host, "]", "%25"+zone+"]", 1)
	}
	return scheme + host + u.Target
}

func defaultPort(secure bool) string {
	if secure {
		return "443"
	}
	return "80"
}

// isURIText reports whether s has only unreserved characters, sub-delims, those
// of extra, and whole percent escapes (RFC 3986 §2).
func isURIText[T text](s T, extra string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case isRegName(c) || strings.IndexByte(extra, c) >= 0:
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			i += 2
		default:
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= lower(c) && lower(c) <= 'f'
}

// isIPv6 reports whether s has the characters of an IPv6 address. Whether it is
// one shows when it is dialled.
func isIPv6[T text](s T) bool {
	colons := 0
	for i := 0; i < len(s); i++ {
		if s[i] == ':' {
			colons++
		} else if !isHex(s[i]) && s[i] != '.' {
			return false
		}
	}
	return colons >= 2
}

// isPort reports whether s is "" or a port from 1 to 65535.
func isPort[T text](s T) bool {
	n := 0
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) || len(s) > 5 {
			return false
		}
		n = 10*n + int(s[i]-'0')
	}
	return len(s) == 0 || 1 <= n && n <= 65535
}

// isHostField reports whether s is a legal value of Host: a host with an
// optional port (T4). Percent escapes are legal there.
func isHostField[T text](s T) bool {
	if isAll(s, regName) { // the usual case
		return true
	}
	end := 0
	if len(s) > 0 && s[0] == '[' {
		for end < len(s) && s[end] != ']' {
			end++
		}
		if end == len(s) || !isIPv6(s[1:end]) {
			return false
		}
		end++
	} else {
		for end < len(s) && s[end] != ':' {
			end++
		}
		if end == 0 || !isURIText(s[:end], "") {
			return false
		}
	}
	return end == len(s) || s[end] == ':' && isPort(s[end+1:])
}
