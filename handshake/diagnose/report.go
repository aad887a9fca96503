package diagnose

import "github.com/octet-ws/octet/handshake"

// A Verdict is what Explain comes to.
type Verdict string

const (
	// Accepted: the server accepts the suspect as it is.
	Accepted Verdict = "accepted"
	// Explained: it refuses the suspect, and the causes are known.
	Explained Verdict = "explained"
	// Unexplained: it refuses the suspect, and nothing that was tried within
	// the budget was accepted, or what was accepted could not be minimised.
	Unexplained Verdict = "unexplained"
	// Unreachable: no attempt got an HTTP answer.
	Unreachable Verdict = "unreachable"
)

// A Report is the result of Explain. Encoded as JSON it is what `octet why
// -json` prints. Secrets in it are redacted unless Options.Secrets is set, but
// for the heads, which are not encoded.
type Report struct {
	URL     string  `json:"url"`
	Verdict Verdict `json:"verdict"`
	// Control is the head that was accepted, or nil if none was.
	Control *Baseline `json:"control"`
	Suspect Baseline  `json:"suspect"`
	// Causes lists alternative sufficient fixes: each, alone, makes the suspect
	// accepted, and none of its changes can be left out. Not nil.
	Causes [][]Change `json:"causes"`
	// Attempts is the number of connections made.
	Attempts int `json:"attempts"`
	// Tried has one entry for each of them, in their order. Not nil.
	Tried []Trial `json:"tried"`
	// Hints are sentences: what the answers mean and what to do next. Not nil.
	Hints []string `json:"hints"`
	// Response is the answer to the suspect, or nil if there was none.
	Response *Answer `json:"response"`

	// Heads to show beside each other: the suspect, the control (nil if none
	// was accepted) and the suspect with the first cause mended (nil if there
	// is none).
	Heads struct{ Suspect, Control, Fixed *handshake.Request } `json:"-"`
	// Section is where RFC 6455 demands what the first cause breaks, such as
	// "RFC 6455 §4.1", and Rule what it says, or "" if the suspect's head broke
	// no rule there.
	Section, Rule string `json:"-"`
	// Meaning are the hints on what the answer and the course of the search
	// mean, Fixes those on what to do about each cause.
	Meaning []string   `json:"-"`
	Fixes   [][]string `json:"-"`
}

// VariationName is the name of a control that is an edited suspect.
const VariationName = "variation"

// A Baseline is a head from which the comparison starts.
type Baseline struct {
	Profile string `json:"profile"` // its name
	Status  int    `json:"status"`  // of the answer to it; 0 if there was none
}

// A Trial is one attempt.
type Trial struct {
	Name     string   `json:"-"`       // of the head, if it is the suspect or a control
	Changes  []Change `json:"changes"` // to the suspect; not nil
	Status   int      `json:"status"`  // of the answer; 0 if there was none
	Phase    string   `json:"phase"`   // how far it came; see handshake.Phase
	Accepted bool     `json:"accepted"`
}

// An Answer is a response to be shown.
type Answer struct {
	Status int         `json:"status"`
	Reason string      `json:"reason"`
	Fields [][2]string `json:"fields"` // name and value, as received; not nil
	Body   string      `json:"body"`   // its beginning
}

func newAnswer(r *handshake.Response, secrets bool) *Answer {
	if r == nil {
		return nil
	}
	show := handshake.Redact
	if secrets {
		show = func(_, value string) string { return value }
	}
	a := &Answer{Status: r.Status, Reason: r.Reason, Fields: [][2]string{}, Body: show("", string(r.Body))}
	for _, f := range r.Fields {
		a.Fields = append(a.Fields, [2]string{f.Name, show(f.Name, f.Value)})
	}
	return a
}
