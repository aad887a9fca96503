package diagnose

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/octet-ws/octet/handshake"
)

// A Head is a head to send, with a name to call it by.
type Head struct {
	Name    string
	Request *handshake.Request
	TLS     TLS

	with string // what a control was dressed with
}

// label is the name, with what distinguishes the head from others of that name.
func (h Head) label() string {
	if h.with == "" {
		return h.Name
	}
	return h.Name + " with " + h.with
}

// Options say how Explain goes about it. The zero value is usable, but without
// controls it can only vary the suspect itself.
type Options struct {
	// URL is what the attempts are made for.
	URL handshake.URL
	// Controls are heads that the server may accept, in the order in which to
	// try them. Their transport is the suspect's.
	Controls []Head
	// Budget is the number of connections that may be made. If zero, 60.
	Budget int
	// Repeat is how often each attempt is made; the majority decides. If zero, 1.
	Repeat int
	// Pace is the least time between two attempts.
	Pace time.Duration
	// Secrets leaves secrets in the report.
	Secrets bool
	// Progress, if not nil, is called before each attempt, with its number from
	// 1 and what distinguishes it from the suspect.
	Progress func(attempt int, changes []Change)
}

const (
	defaultBudget = 60
	// maxCauses bounds the alternatives searched for.
	maxCauses = 4
	// singleCause bounds the attempts after the control for a single cause of a
	// single change: alternatives and confirmation have to fit in.
	singleCause = 8
)

// Explain finds out why the server behind the prober refuses the suspect.
//
// It tries the suspect, then controls until one is accepted, and minimises the
// difference between the two to the sets of changes that matter. Every
// Sec-WebSocket-Key is the suspect's, so that it makes no difference: the prober
// replaces it. The request target is the suspect's everywhere.
//
// The error is ctx's if that ends; the report then says what was found so far.
func Explain(ctx context.Context, p Prober, suspect Head, opts Options) (*Report, error) {
	opts.Budget = cmp.Or(opts.Budget, defaultBudget)
	opts.Repeat = max(opts.Repeat, 1)
	s := &search{
		prober:  prober{Prober: p, ctx: ctx, opts: opts, known: map[string]result{}},
		suspect: suspect,
		report: &Report{
			URL:     opts.URL.String(),
			Verdict: Unexplained,
			Suspect: Baseline{Profile: suspect.Name},
			Causes:  [][]Change{},
			Hints:   []string{},
		},
	}
	s.report.Heads.Suspect = suspect.Request
	err := s.run()
	s.finish(err)
	if errors.Is(err, errBudget) || errors.Is(err, errLimited) {
		err = nil
	}
	return s.report, err
}

// A search is one run of Explain.
type search struct {
	prober
	suspect Head
	refusal result // of the suspect
	report  *Report
	causes  [][]edit

	control   *Head  // that was accepted, or is being tried
	delta     *Delta // from the suspect to it
	baselines int    // attempts made until it was accepted
}

func (s *search) run() error {
	r, err := s.try(Attempt{s.suspect.Request, s.suspect.TLS}, s.suspect.Name, []Change{})
	s.refusal = r
	s.report.Suspect.Status = r.outcome.status()
	if err != nil {
		return err
	}
	if r.accepted {
		s.report.Verdict = Accepted
		return nil
	}
	s.answers = r.outcome.Response != nil
	edits, err := s.findControl()
	if err != nil || s.control == nil {
		return err
	}
	return s.findCauses(edits)
}

// findCauses minimises the edits between suspect and control, and looks for
// alternatives: what else is sufficient when, of each cause found, one change
// is left undone. A set of such changes that hits every cause is tried once.
// What takes more changes than another cause explains nothing.
func (s *search) findCauses(edits []edit) error {
	first, err := s.minimal(edits, len(edits))
	if err == nil && len(first) > 1 {
		first, err = s.unhurried(first, edits)
	}
	if err != nil || first == nil {
		return err
	}
	s.causes = [][]edit{first}
	// Anything that shortens a head that is too long is an alternative, and
	// among many changes that are all needed there is hardly one.
	if first[0].kind == kindPadding || len(first) > maxCauses {
		return nil
	}
	hits := map[string]bool{}
	for len(s.causes) < maxCauses {
		if len(s.causes) == 1 && len(first) == 1 && len(s.tried) >= s.baselines+singleCause {
			break
		}
		undone, ok := nextHit(s.causes, hits)
		if !ok {
			break
		}
		others := slices.DeleteFunc(slices.Clone(edits), func(e edit) bool {
			return slices.ContainsFunc(undone, func(u edit) bool { return sameLine(e, u) })
		})
		if len(others) == 0 {
			continue
		}
		accepted, err := s.accepts(others)
		if err == nil && accepted {
			var next []edit
			if next, err = s.minimal(others, len(first)); err == nil {
				s.causes = append(s.causes, next)
			}
		}
		if errors.Is(err, errBudget) || errors.Is(err, errLimited) || errors.Is(err, errTooMany) { // one explanation is enough
			break
		}
		if err != nil {
			return err
		}
	}
	least := slices.MinFunc(s.causes, func(c, d []edit) int { return len(c) - len(d) })
	s.causes = slices.DeleteFunc(s.causes, func(c []edit) bool { return len(c) > len(least) })
	return s.confirm()
}

// unhurried tries the control again when more than one change was found to be
// necessary: a server that counts connections makes everything look necessary.
// If the control is refused now, the search is made anew, slowly.
func (s *search) unhurried(found, edits []edit) ([]edit, error) {
	if s.opts.Repeat > 1 || s.hasty {
		return found, nil
	}
	o, err := s.once(Attempt{s.control.Request, s.control.TLS}, s.control.label()+", once more", s.changes(edits))
	if err != nil || o.Err == nil {
		return found, err
	}
	s.slowDown()
	clear(s.known)
	s.next = time.Now().Add(firstWait)
	if accepted, err := s.accepts(edits); err != nil || !accepted {
		s.mixed = true
		return nil, err
	}
	return s.minimal(edits, len(edits))
}

// nextHit returns a set of edits, one of each cause, that is not among those
// returned before, which hits remembers.
func nextHit(causes [][]edit, hits map[string]bool) (hit []edit, ok bool) {
	var pick func(hit []edit, rest [][]edit) bool
	var found []edit
	pick = func(hit []edit, rest [][]edit) bool {
		if len(rest) == 0 {
			id := ""
			for _, e := range hit {
				id += strconv.Itoa(int(e.kind)) + "," + strconv.Itoa(e.a) + "," + strconv.Itoa(e.b) + ";"
			}
			if hits[id] {
				return false
			}
			hits[id], found = true, hit
			return true
		}
		for _, e := range rest[0] {
			if pick(append(slices.Clone(hit), e), rest[1:]) {
				return true
			}
		}
		return false
	}
	ok = pick(nil, causes)
	return found, ok
}

// sameLine reports whether two edits concern the same line of a head, or the
// same property of something that is no line. The order is one property.
func sameLine(e, f edit) bool {
	if e.kind == kindMove && f.kind == kindMove {
		return true
	}
	if e.a >= 0 || e.b >= 0 {
		return e.a >= 0 && e.a == f.a || e.b >= 0 && e.b == f.b
	}
	return f.a < 0 && f.b < 0 && e.kind == f.kind && e.Field == f.Field
}

// confirm tries the suspect once more: a server that refuses at random has
// misled the search, and usually shows it now. When several fixes were found,
// which is what such a server looks like, that is worth an attempt in any case.
func (s *search) confirm() error {
	if s.opts.Repeat > 1 || len(s.causes) == 1 && len(s.tried) >= s.baselines+singleCause {
		return nil
	}
	o, err := s.once(Attempt{s.suspect.Request, s.suspect.TLS}, s.suspect.Name+", once more", []Change{})
	if err == nil && o.Err == nil {
		s.mixed = true
		s.causes = nil
	}
	if errors.Is(err, errBudget) || errors.Is(err, errLimited) {
		err = nil
	}
	return err
}

// accepts reports whether the server accepts the suspect with the edits.
func (s *search) accepts(edits []edit) (bool, error) {
	r, err := s.try(s.attempt(edits), "", s.changes(edits))
	return r.accepted, err
}

// attempt makes the attempt with the edits.
func (s *search) attempt(edits []edit) Attempt {
	r, _ := s.delta.apply(edits)
	a := Attempt{r, s.suspect.TLS}
	for _, e := range edits {
		switch e.Field {
		case FieldALPN:
			a.TLS.ALPN = s.control.TLS.ALPN
		case FieldSNI:
			a.TLS.SNI = s.control.TLS.SNI
		case FieldTLS:
			a.TLS.Version = s.control.TLS.Version
		}
	}
	return a
}

// changes returns the edits as changes to report. Where a line goes depends on
// which others are there.
func (s *search) changes(edits []edit) []Change {
	edits = merge(edits)
	slices.SortStableFunc(edits, func(e, f edit) int { return cmp.Compare(uint(e.a), uint(f.a)) }) // -1 is last
	head, places := s.delta.apply(edits)
	list := make([]Change, 0, len(edits))
	for _, e := range edits {
		c := e.Change
		if e.kind == kindMove {
			c.To = place(head.Fields, places[e.b])
			if c.To == c.From && !s.delta.moved[e.b] { // what it had to pass is gone
				continue
			}
		}
		if !s.opts.Secrets {
			c = c.Redacted()
		}
		list = append(list, c)
	}
	return list
}

// minimal reduces edits to a 1-minimal set that is still accepted: first whole
// groups of edits that are of one kind, then edits, then the elements of lists.
func (s *search) minimal(edits []edit, most int) ([]edit, error) {
	groups, err := minimize(groupEdits(edits), most, 1, func(groups [][]edit) (bool, error) {
		return s.accepts(slices.Concat(groups...))
	})
	if err != nil {
		return nil, err
	}
	if edits = slices.Concat(groups...); len(edits) > len(groups) {
		if edits, err = minimize(edits, most, 0, s.accepts); err != nil {
			return nil, err
		}
	}
	if long, err := s.isLength(edits); long != nil || err != nil {
		return long, err
	}
	var parts []edit
	for _, e := range edits {
		if split := s.delta.split(e); split != nil {
			parts = append(parts, split...)
		} else {
			parts = append(parts, e)
		}
	}
	if len(parts) > len(edits) {
		if parts, err = minimize(parts, len(parts), 0, s.accepts); err != nil {
			return nil, err
		}
	}
	return merge(parts), nil
}

// considerable is by how many bytes edits have to shorten a head for its length
// to be suspected. It is more than most fields have.
const considerable = 128

// isLength finds out whether edits are accepted only since they shorten the
// head: if so, the control is refused when a field of padding makes it as long
// as the suspect, while a short field of the same name does no harm. It returns
// the edit that says so, or nil.
func (s *search) isLength(edits []edit) ([]edit, error) {
	size := func(r *handshake.Request) int { return len(r.AppendRaw(nil)) }
	suspect, mended, control := size(s.suspect.Request), size(s.attempt(edits).Request), size(s.control.Request)
	if suspect-mended < considerable {
		return nil, nil
	}
	pad := func(n int) (bool, error) {
		f := handshake.Field{Name: "X-Padding", Value: strings.Repeat("x", n)}
		padded := clone(s.control.Request)
		padded.Fields = append(padded.Fields, f)
		changes := append(s.changes(s.delta.edits), Change{Add, f.Name, "", "padding of " + strconv.Itoa(n)})
		r, err := s.try(Attempt{padded, s.control.TLS}, "", changes)
		return r.accepted, err
	}
	if harmless, err := pad(max(suspect-control, 1)); err != nil || harmless {
		return nil, err
	}
	if harmless, err := pad(1); err != nil || !harmless {
		return nil, err
	}
	length := edit{Change: Change{Value, FieldLength, strconv.Itoa(suspect), strconv.Itoa(mended)}, kind: kindPadding, a: -1, b: -1}
	return []edit{length}, nil
}

// finish turns what was found into the report.
func (s *search) finish(err error) {
	r := s.report
	r.Attempts, r.Tried = len(s.tried), s.tried
	if r.Tried == nil {
		r.Tried = []Trial{}
	}
	r.Response = newAnswer(s.refusal.outcome.Response, s.opts.Secrets)
	if s.control != nil {
		r.Heads.Control = s.control.Request
	}
	for _, cause := range s.causes {
		if cause[0].kind == kindPadding {
			r.Causes = append(r.Causes, []Change{cause[0].Change})
			continue
		}
		r.Causes = append(r.Causes, s.changes(cause))
	}
	answered := slices.ContainsFunc(s.tried, func(t Trial) bool { return t.Status != 0 })
	switch {
	case r.Verdict == Accepted:
	case len(r.Causes) > 0:
		r.Verdict = Explained
		if s.causes[0][0].kind != kindPadding {
			r.Heads.Fixed = s.attempt(s.causes[0]).Request
		}
	case !answered && len(s.tried) > 0:
		r.Verdict = Unreachable
	}
	s.hints(err)
}
