package diagnose

import "strings"

// An Op is a kind of change.
type Op string

const (
	Add       Op = "add"       // send a field that the head does not have
	Remove    Op = "remove"    // leave a field out
	Value     Op = "value"     // send another value
	Case      Op = "case"      // send the name, or the value, in other letters
	Move      Op = "move"      // send the field in another place
	Spacing   Op = "spacing"   // other blanks around the colon or behind the value
	Duplicate Op = "duplicate" // repeat a field, or do not repeat it
	Transport Op = "transport" // something below the head: TLS
)

// A Change is one thing to do to a head.
//
// Field is the name of a field as its RFC spells it, or one of the names in
// parentheses for what is no field, or the name of a property of the transport
// (tls.alpn, tls.sni, tls.version). From and To are what stands there before
// and after: the value, for Op Case the name or value, for Move the place
// ("first", "last", "before Connection"), for Spacing what stands around the
// value. One of them is empty where there is nothing.
type Change struct {
	Op    Op     `json:"op"`
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// Names for what a Change can concern besides fields.
const (
	FieldMethod  = "(method)"
	FieldTarget  = "(target)"
	FieldVersion = "(version)"
	FieldLineEnd = "(line-end)"
	FieldLength  = "(length)"
	FieldLine    = "(line)" // a line that is no field at all
	FieldALPN    = "tls.alpn"
	FieldSNI     = "tls.sni"
	FieldTLS     = "tls.version"
)

// String says the change in one line, in the imperative.
func (c Change) String() string {
	switch c.Op {
	case Add:
		return "add " + c.Field + ": " + c.To
	case Remove:
		return "remove " + c.Field + ": " + c.From
	case Move:
		return "move " + c.Field + " from " + c.From + " to " + c.To
	case Duplicate:
		if c.To == "" {
			return "do not repeat " + c.Field + ": " + c.From
		}
		return "repeat " + c.Field + ": " + c.To
	case Spacing:
		return "write " + c.Field + " with " + quote(c.To) + " instead of " + quote(c.From)
	}
	return "change " + c.Field + " from " + quote(c.From) + " to " + quote(c.To)
}

func quote(s string) string { return `"` + s + `"` }

// RFCName returns a field's name as the RFCs spell it, whatever the case it is
// written in. A name that no RFC knows and that mixes cases stays as it is.
func RFCName(name string) string {
	lower := strings.ToLower(name)
	if name != lower && name != strings.ToUpper(name) && !strings.HasPrefix(lower, "sec-") && !knownNames[lower] {
		return name
	}
	words := strings.Split(lower, "-")
	for i, w := range words {
		switch w {
		case "":
		case "websocket":
			words[i] = "WebSocket"
		case "dnt", "te", "www":
			words[i] = strings.ToUpper(w)
		default:
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "-")
}

// knownNames are the lower-case names of the fields that clients send in
// opening handshakes, besides Sec-*.
var knownNames = map[string]bool{
	"accept": true, "accept-encoding": true, "accept-language": true,
	"authorization": true, "cache-control": true, "connection": true,
	"content-length": true, "cookie": true, "host": true, "origin": true,
	"pragma": true, "proxy-authorization": true, "upgrade": true, "user-agent": true,
}
