package diagnose

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/octet-ws/octet/handshake"
)

// A Prober makes one attempt at a handshake.
type Prober interface {
	// Probe opens a connection, sends the head of the attempt with a fresh
	// Sec-WebSocket-Key in the place of the one it has, and reads the answer
	// with a bound on the time it takes. It does not keep the attempt. If ctx
	// ends, the outcome does not matter.
	Probe(ctx context.Context, a Attempt) Outcome
}

// An Attempt is what to send, and over what.
type Attempt struct {
	Request *handshake.Request // send it with AppendRaw: it may be illegal
	TLS     TLS                // of no importance for a ws URL
}

// TLS is what a server sees of a client below the head, as far as it can be
// varied. The zero value is for ws URLs.
type TLS struct {
	ALPN    string // protocols offered, separated by commas; "" offers none
	SNI     string // server name; "" sends none
	Version string // highest version offered, "1.2" or "1.3"
}

// An Outcome is how an attempt ended.
type Outcome struct {
	// Phase is how far it came.
	Phase handshake.Phase
	// Response is the answer, or nil if no complete head came.
	Response *handshake.Response
	// Received is the beginning of what came instead.
	Received []byte
	// Err says why the handshake did not succeed; nil if it did.
	Err error
}

// Refused returns the outcome of an attempt that ended with an error of
// handshake.Client or handshake.ClientRaw.
func Refused(err error) Outcome {
	o := Outcome{Phase: handshake.PhaseWrite, Err: err}
	var refused *handshake.RefusedError
	if errors.As(err, &refused) {
		o.Phase, o.Response, o.Received = refused.Phase, refused.Response, refused.Received
	}
	return o
}

func (o Outcome) status() int {
	if o.Response == nil {
		return 0
	}
	return o.Response.Status
}

// Reasons to end a search early.
var (
	errBudget  = errors.New("the budget of attempts is used up")
	errLimited = errors.New("the server limits the rate of requests")
)

// A prober counts, paces, repeats and records the attempts of one search.
type prober struct {
	Prober
	ctx  context.Context
	opts Options

	next    time.Time // when the next attempt may be made
	tried   []Trial
	known   map[string]result // by what is sent
	mixed   bool              // the same attempt was accepted and refused
	hasty   bool              // the server minded how fast the attempts came
	limited int               // attempts in a row that a rate limit refused however long it was waited for
	answers bool              // the suspect is refused with an answer: to close without one is unlike the server
}

// A result is what several outcomes of the same attempt amount to.
type result struct {
	accepted bool
	outcome  Outcome // the last one that agrees
}

// try makes an attempt, repeats it until the majority is clear, and remembers
// the result. name is that of the head, if it has one; changes is what
// distinguishes it from the suspect.
func (p *prober) try(a Attempt, name string, changes []Change) (result, error) {
	id := string(a.Request.AppendRaw(nil)) + "\x00" + a.TLS.ALPN + "\x00" + a.TLS.SNI + "\x00" + a.TLS.Version
	if r, ok := p.known[id]; ok {
		return r, nil
	}
	var yes, no int
	var accepting, refusing Outcome
	for majority := p.opts.Repeat/2 + 1; yes < majority && no <= p.opts.Repeat-majority; {
		o, err := p.once(a, name, changes)
		if err != nil {
			return result{outcome: o}, err
		}
		if o.Err == nil {
			yes, accepting = yes+1, o
		} else {
			no, refusing = no+1, o
		}
	}
	p.mixed = p.mixed || yes > 0 && no > 0
	r := result{accepted: yes > no, outcome: refusing}
	if r.accepted {
		r.outcome = accepting
	}
	p.known[id] = r
	return r, nil
}

// Bounds on obeying a rate limit.
const (
	patience    = 2               // times that an attempt is put off
	persistent  = 3               // attempts in a row refused so: the limit does not pass
	longestWait = 2 * time.Minute // for one attempt
	firstWait   = time.Second     // without Retry-After; doubled each time
)

// once makes one attempt, and makes it again when the server asks to come back
// later. A limit that stays is taken for a refusal, a few times.
func (p *prober) once(a Attempt, name string, changes []Change) (Outcome, error) {
	for n := 0; ; n++ {
		if len(p.tried) >= p.opts.Budget {
			return Outcome{}, errBudget
		}
		if err := p.wait(); err != nil {
			return Outcome{}, err
		}
		if p.opts.Progress != nil {
			p.opts.Progress(len(p.tried)+1, changes)
		}
		o := p.Probe(p.ctx, a)
		if err := p.ctx.Err(); err != nil {
			return Outcome{}, err
		}
		p.tried = append(p.tried, Trial{name, changes, o.status(), o.Phase.String(), o.Err == nil})
		delay, limited := rateLimit(o, n)
		p.next = time.Now().Add(max(delay, p.opts.Pace))
		switch {
		case !limited && p.answers && dropped(o):
			// It may be that there were too many connections. If it is not, that
			// shows once, and is then known for an answer like any other.
			p.answers, p.next = false, time.Now().Add(firstWait)
			again, err := p.once(a, name, changes)
			if p.answers = err == nil && !dropped(again); p.answers {
				p.slowDown()
			}
			return again, err
		case !limited:
			p.limited = 0
			return o, nil
		case delay > longestWait:
			return o, errLimited
		case n < patience:
			continue
		}
		if p.limited++; p.limited == persistent {
			return o, errLimited
		}
		return o, nil
	}
}

// slowDown raises the pace for a server that counts connections without saying
// so: it closes those that are too many, or refuses them.
func (p *prober) slowDown() {
	p.hasty, p.opts.Pace = true, max(p.opts.Pace, firstWait)
}

// dropped reports whether a connection that had been opened was closed without
// an answer.
func dropped(o Outcome) bool {
	if o.Err == nil || o.Response != nil || o.Phase < handshake.PhaseWrite {
		return false
	}
	var broken *handshake.Error
	return !errors.As(o.Err, &broken) || broken.Requirement != handshake.Silent
}

// wait waits until the next attempt may be made.
func (p *prober) wait() error {
	t := time.NewTimer(time.Until(p.next))
	defer t.Stop()
	select {
	case <-t.C:
	case <-p.ctx.Done():
	}
	return p.ctx.Err()
}

// rateLimit reports whether the server asks to come back later, and when: 429,
// or 503 with Retry-After (RFC 6585 §4, RFC 9110 §10.2.3). n is how often it
// has asked before.
func rateLimit(o Outcome, n int) (delay time.Duration, limited bool) {
	if o.Err == nil || o.Response == nil {
		return 0, false
	}
	after := strings.TrimSpace(o.Response.Fields.Get("Retry-After"))
	if o.Response.Status != 429 && (o.Response.Status != 503 || after == "") {
		return 0, false
	}
	if seconds, err := strconv.Atoi(after); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 1e6)) * time.Second, true
	}
	if date, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", after); err == nil {
		return max(time.Until(date), 0), true
	}
	return firstWait << n, true
}
