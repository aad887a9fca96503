package handshake

import "strings"

// sameOrigin reports whether origin names the host and port of the Host field.
// The scheme cannot be compared: a server behind a proxy that ends TLS does not
// know its own. Default ports are left out of either side.
func sameOrigin[T text](origin, host T) bool {
	end := span(origin, 0, tchar)
	if len(origin) < end+3 || string(origin[end:end+3]) != "://" {
		return false // "null", for one
	}
	scheme, authority := origin[:end], origin[end+3:]
	if string(authority) == string(host) { // the usual case
		return true
	}
	port := ""
	switch {
	case isName(scheme, "http"):
		port = ":80"
	case isName(scheme, "https"):
		port = ":443"
	}
	return equalFold(cutPort(authority, port), cutPort(host, port))
}

func cutPort[T text](host T, port string) T {
	if n := len(host) - len(port); port != "" && n > 0 && string(host[n:]) == port {
		return host[:n]
	}
	return host
}

// allowsOrigin matches origin with the patterns of c.Origins.
func (c *Chooser) allowsOrigin(origin string) bool {
	_, authority, _ := strings.Cut(origin, "://")
	for _, pattern := range c.Origins {
		subject := authority
		if pattern == "*" || strings.Contains(pattern, "://") {
			subject = origin
		}
		if matches(pattern, subject) {
			return true
		}
	}
	return false
}

// matches reports whether s fits pattern, in which "*" stands for any
// characters. It goes back only to the last star, so its time is at most the
// product of both lengths.
func matches(pattern, s string) bool {
	p, i := 0, 0
	star, from := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && lower(pattern[p]) == lower(s[i]):
			p, i = p+1, i+1
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
