// Package museum has the servers that refuse handshakes for reasons of their
// own: rules drawn from public reports, each as a pure function of the request.
// They are there to try clients and diagnoses against. Many of the rules break
// an RFC themselves; those who meet them have to comply all the same.
package museum

import (
	"strconv"

	"github.com/octet-ws/octet/handshake"
)

// A Rule is one picky server.
type Rule struct {
	// Name is how the rule is called: "subprotocol-not-a-token".
	Name string
	// Refuses says in a few words what the server refuses.
	Refuses string
	// Cause says why such servers exist.
	Cause string
	// Fix says what a client can do.
	Fix string
	// Sources are public reports, as OWNER/REPOSITORY#NUMBER, or a measurement
	// in docs/rejections.md. Not empty.
	Sources []string
	// TLS says that the rule concerns the transport and holds over TLS only.
	TLS bool

	react func(v Visit) Reaction
}

// A Visit is one handshake as a server sees it.
type Visit struct {
	Request *handshake.Request
	// Number counts the visits to this server, from 1. A few rules depend on it.
	Number int
	// What the client offered in TLS, for rules that have TLS set.
	TLS TLS
}

// TLS is what a server knows of a client's ClientHello.
type TLS struct {
	ALPN    []string // protocols offered
	SNI     string   // server name asked for, or ""
	Version string   // highest version offered: "1.2", "1.3"
}

// A Deed is what a server does.
type Deed uint8

const (
	Accept Deed = iota // complete the handshake
	Answer             // answer with a status other than 101, and close
	Drop               // close the connection without a byte
	Hang               // keep the connection and say nothing
	Alert              // fail the TLS handshake
)

// A Reaction is what a server does about a visit.
type Reaction struct {
	Deed Deed
	// Status, Fields and Body are the answer's, if Deed is Answer.
	Status int
	Fields handshake.Fields
	Body   string
	// Subprotocol is the one to agree on, if Deed is Accept; "" for none.
	Subprotocol string
}

// React returns what the server does about a visit. It does not check what RFC
// 6455 demands: a server completes the handshake of an acceptable visit with
// the checks it makes anyway.
func (r Rule) React(v Visit) Reaction { return r.react(v) }

// All returns all rules in the order of the exhibition.
func All() []Rule { return append([]Rule(nil), rules...) }

// Lookup returns the rule of that name.
func Lookup(name string) (Rule, bool) {
	for _, r := range rules {
		if r.Name == name {
			return r, true
		}
	}
	return Rule{}, false
}

// URL returns the address of a source, or "" if it is none of a report.
func URL(source string) string {
	for i := range len(source) {
		if source[i] != '#' {
			continue
		}
		if _, err := strconv.Atoi(source[i+1:]); err == nil {
			return "https://github.com/" + source[:i] + "/issues/" + source[i+1:]
		}
	}
	return ""
}
