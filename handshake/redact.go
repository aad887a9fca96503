package handshake

import "strings"

// redacted stands for a secret.
const redacted = "[redacted]"

// Redact returns a field's value as it may be shown to anybody: nothing of it
// if the field holds a secret (see IsSecret), otherwise without the userinfo of
// URLs in it, as a Location may have. An empty value stays empty.
func Redact(field, value string) string {
	switch {
	case value == "":
		return ""
	case IsSecret(field):
		return redacted
	}
	return hideUserinfo(value)
}

// IsSecret reports whether the value of a field of that name is a secret that
// must not be shown unless asked for: Authorization, Proxy-Authorization,
// Cookie and Set-Cookie.
func IsSecret(name string) bool {
	switch len(name) {
	case len("Cookie"):
		return equalFold(name, "Cookie")
	case len("Set-Cookie"):
		return equalFold(name, "Set-Cookie")
	case len("Authorization"):
		return equalFold(name, "Authorization")
	case len("Proxy-Authorization"):
		return equalFold(name, "Proxy-Authorization")
	}
	return false
}

// hideUserinfo hides what stands before the last "@" of an authority, in every
// URL of a text (RFC 3986 §3.2).
func hideUserinfo(text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "://")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString("://")
		authority := rest
		if end := strings.IndexAny(rest, "/?# \t\r\n\"',;<>"); end >= 0 {
			authority = rest[:end]
		}
		if at := strings.LastIndexByte(authority, '@'); at > 0 {
			b.WriteString(redacted)
			rest = rest[at:]
		}
		text = rest
	}
}
