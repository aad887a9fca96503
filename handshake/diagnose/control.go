package diagnose

import (
	"iter"
	"slices"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// findControl tries candidates until one is accepted, and returns the edits
// that make it of the suspect. s.control stays nil if none is.
func (s *search) findControl() ([]edit, error) {
	phase := s.refusal.outcome.Phase
	if phase < handshake.PhaseTLS { // no head came so far that it could matter
		return nil, nil
	}
	candidates := s.candidates()
	if phase == handshake.PhaseTLS {
		candidates = slices.Values(s.transports())
	}
	lost := 0 // attempts in a row that found no server any more
	for c := range candidates {
		c.Request = s.comparable(c.Request)
		s.delta, s.control = Compare(s.suspect.Request, c.Request), &c
		edits := slices.Concat(s.delta.redundant(), s.delta.edits, transportEdits(s.suspect.TLS, c.TLS))
		if len(edits) == 0 {
			continue
		}
		r, err := s.try(Attempt{c.Request, c.TLS}, c.label(), s.changes(edits))
		if err == nil && r.accepted {
			s.report.Control = &Baseline{c.Name, r.outcome.status()}
			s.baselines = len(s.tried)
			return edits, nil
		}
		if r.outcome.Phase < handshake.PhaseTLS { // or 0, beside an error
			lost++
		} else {
			lost = 0
		}
		if err != nil || lost == 3 {
			s.control = nil
			return nil, err
		}
	}
	s.control = nil
	return nil, nil
}

// comparable returns a control's head with the suspect's target and key.
func (s *search) comparable(r *handshake.Request) *handshake.Request {
	c := *r
	c.Fields = r.Fields.Clone()
	if c.StartLine == "" {
		c.Target = s.suspect.Request.Target
	}
	if key := s.suspect.Request.Fields.Index(fieldKey); key >= 0 && c.Fields.Has(fieldKey) {
		for i := range c.Fields {
			if c.Fields[i].Is(fieldKey) {
				c.Fields[i].Value = s.suspect.Request.Fields[key].Value
			}
		}
	}
	return &c
}

const (
	// dressedControls is how many of the first controls are also tried with the
	// application's fields of the suspect.
	dressedControls = 3
	// firstControls is how many controls are tried before edits of the suspect:
	// after so many the server probably wants what no client sends by itself.
	firstControls = 5
)

// candidates yields the heads that may be accepted: the first controls, as they
// are and with the fields that only the application can know (credentials, its
// own fields); then single edits of the suspect, and controls with several
// edits; then the other controls; then other transports.
func (s *search) candidates() iter.Seq[Head] {
	return func(yield func(Head) bool) {
		n := min(firstControls, len(s.opts.Controls))
		for i, c := range s.opts.Controls[:n] {
			c.TLS = s.suspect.TLS
			if !yield(c) || i < dressedControls && !yield(dress(c, s.suspect)) {
				return
			}
		}
		for _, c := range slices.Concat(s.variations(), s.opts.Controls[n:]) {
			c.TLS = s.suspect.TLS
			if !yield(c) {
				return
			}
		}
		for _, t := range s.transports() {
			if !yield(t) {
				return
			}
		}
	}
}

// dress returns the control with the application's fields of the suspect that
// it lacks.
func dress(control, suspect Head) Head {
	r := clone(control.Request)
	var names []string
	for _, f := range suspect.Request.Fields {
		if isApplications(f.Name) && !r.Fields.Has(f.Name) {
			r.Fields = append(r.Fields, f)
			names = append(names, RFCName(f.Name))
		}
	}
	control.Request, control.with = r, strings.Join(names, ", ")
	return control
}

func clone(r *handshake.Request) *handshake.Request {
	c := *r
	c.Fields = r.Fields.Clone()
	return &c
}

// Names of fields, as RFC 6455 and HTTP spell them.
const (
	fieldHost          = "Host"
	fieldOrigin        = "Origin"
	fieldUpgrade       = "Upgrade"
	fieldConnection    = "Connection"
	fieldAgent         = "User-Agent"
	fieldCookie        = "Cookie"
	fieldAuthorization = "Authorization"
	fieldKey           = "Sec-WebSocket-Key"
	fieldProtocol      = "Sec-WebSocket-Protocol"
	fieldExtensions    = "Sec-WebSocket-Extensions"
)
