package tap

import (
	"bytes"
	"slices"

	"github.com/octet-ws/octet/handshake"
)

// Redact overwrites the secrets of a head with asterisks, in place, and
// returns the names of the fields it did that to, as they were spelt, each
// once; "(userinfo)" stands for the userinfo of a URL anywhere in the head.
//
// What is a secret field, [handshake.IsSecret] says. A secret's length stays, so
// no offset changes. A folded value is overwritten
// on all of its lines. A head that is cut short is treated alike, and so is one
// whose lines end in a bare line feed.
func Redact(head []byte) []string {
	var found []string
	note := func(name string) {
		if !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	secret := false // whether the field this line belongs to is one
	for rest := head; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		value := line
		if folded := len(line) > 0 && (line[0] == ' ' || line[0] == '\t'); !folded {
			name, v, ok := bytes.Cut(line, []byte(":"))
			name = bytes.TrimRight(name, " \t")
			secret = ok && handshake.IsSecret(string(name))
			if secret {
				value = v
				note(string(name))
			}
		}
		if secret {
			star(bytes.Trim(value, " \t"))
		} else if starUserinfo(line, rest == nil) {
			note("(userinfo)")
		}
	}
	return found
}

// starUserinfo overwrites what stands between "//" and the last "@" of an
// authority (RFC 3986 §3.2), in every URL of the line. Of a line that may have
// been cut within an authority, all of that could be userinfo.
func starUserinfo(line []byte, cut bool) (found bool) {
	for {
		i := bytes.Index(line, []byte("://"))
		if i < 0 {
			return found
		}
		line = line[i+3:]
		end := bytes.IndexAny(line, "/?# \t\",;<>")
		if end < 0 {
			end = len(line)
		}
		at := bytes.LastIndexByte(line[:end], '@')
		if at < 0 && cut && end == len(line) {
			at = end
		}
		if at > 0 {
			star(line[:at])
			found = true
		}
	}
}

func star(b []byte) {
	for i := range b {
		b[i] = '*'
	}
}
