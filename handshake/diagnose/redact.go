package diagnose

import (
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// Redacted returns the change with its values redacted.
func (c Change) Redacted() Change {
	switch {
	case c.Op == Move, c.Op == Spacing, strings.EqualFold(c.From, c.Field): // no values
	case c.Op == Value && strings.EqualFold(c.Field, fieldCookie): // which cookie is it about?
		c.From, c.To = hideCookies(c.From), hideCookies(c.To)
	default:
		c.From, c.To = handshake.Redact(c.Field, c.From), handshake.Redact(c.Field, c.To)
	}
	return c
}

// hideCookies keeps the names of cookies.
func hideCookies(value string) string {
	cookies := splitOutsideQuotes(value, ';')
	for i, c := range cookies {
		name, _, named := strings.Cut(c, "=")
		if cookies[i] = hide(c); named {
			cookies[i] = name + "=" + cookies[i]
		}
	}
	return strings.Join(cookies, "; ")
}

// hide keeps only whether there is a secret.
func hide(secret string) string { return handshake.Redact(fieldCookie, secret) }
