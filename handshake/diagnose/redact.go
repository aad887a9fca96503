package diagnose

import (
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// hidden stands for a secret.
const hidden = "[redacted]"

// Redact returns a field's value as it may be shown to anybody: nothing of it
// if the field holds a secret (see handshake.IsSecret), otherwise without the
// userinfo of URLs in it. An empty value stays empty.
func Redact(field, value string) string {
	if handshake.IsSecret(field) {
		return hide(value)
	}
	return hideUserinfo(value)
}

// Redacted returns the change with its values redacted.
func (c Change) Redacted() Change {
	switch {
	case c.Op == Move, c.Op == Spacing, strings.EqualFold(c.From, c.Field): // no values
	case c.Op == Value && strings.EqualFold(c.Field, fieldCookie): // which cookie is it about?
		c.From, c.To = hideCookies(c.From), hideCookies(c.To)
	default:
		c.From, c.To = Redact(c.Field, c.From), Redact(c.Field, c.To)
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
			b.WriteString(hidden)
			rest = rest[at:]
		}
		text = rest
	}
}

// hide keeps only whether there is a secret.
func hide(secret string) string {
	if secret == "" {
		return ""
	}
	return hidden
}
