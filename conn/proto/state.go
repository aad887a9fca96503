package proto

import "github.com/octet-ws/octet/frame"

// Rule 1: every change of protocol state is an entry of the table in this
// file, and the diagram in docs is drawn from it.
//
// Rule 2: this file knows neither roles nor directions. An endpoint runs the
// machine twice, once over the frames it receives and once over those it
// sends; what the peer must not do, this endpoint must not do either.
//
// RFC 6455 §7.1.3 and §7.1.4 speak of one state for the connection. It is
// read off the two: OPEN while neither is closed, CLOSING when one is, CLOSED
// when both are (K6, K7), whichever closed first or if both did at once (F43).
// Then the transport is to be closed (F40). A connection in CONNECTING has no
// Endpoint yet, so nothing can be sent in it (D1).

// State is the state of one direction of a connection.
type State uint8

const (
	StateOpen    State = iota // between two messages
	StateMessage              // inside a fragmented message
	StateClosed               // after the Close
	StateFailed               // after a broken rule; nothing is processed any more (K13)

	numStates
)

// String returns the state's name in lower case.
func (s State) String() string {
	return [...]string{"open", "message", "closed", "failed", "?"}[min(s, numStates)]
}

// event is what can happen in one direction: a frame, or the end of all.
type event uint8

const (
	evWhole   event = iota // Text or Binary with FIN: a whole message (F19)
	evFirst                // Text or Binary without FIN: the first fragment (F20)
	evMiddle               // Continuation without FIN
	evLast                 // Continuation with FIN
	evControl              // Ping or Pong, allowed between fragments (F21, F25)
	evClose                // Close
	evFail                 // a rule was broken (RFC 6455 §7.1.7)

	numEvents
)

// String returns the event's name as the diagram shows it.
func (ev event) String() string {
	return [...]string{"whole message", "first fragment", "middle fragment", "last fragment",
		"ping or pong", "close", "fail", "?"}[min(ev, numEvents)]
}

// transition is an entry of the table: the state that follows, or the rule
// that forbids the event, which leaves the state as it is.
type transition struct {
	next   State
	broken frame.Rule
}

// to allows an event and refuse forbids it.
func to(s State) transition             { return transition{next: s} }
func refuse(rule frame.Rule) transition { return transition{broken: rule} }

var transitions = [numStates][numEvents]transition{
	StateOpen: {
		evWhole:   to(StateOpen),
		evFirst:   to(StateMessage),
		evMiddle:  refuse(frame.RuleOrphan),
		evLast:    refuse(frame.RuleOrphan),
		evControl: to(StateOpen),
		evClose:   to(StateClosed),
		evFail:    to(StateFailed),
	},
	StateMessage: {
		evWhole:   refuse(frame.RuleInterleaved),
		evFirst:   refuse(frame.RuleInterleaved),
		evMiddle:  to(StateMessage),
		evLast:    to(StateOpen),
		evControl: to(StateMessage),
		evClose:   to(StateClosed), // the message is given up
		evFail:    to(StateFailed),
	},
	StateClosed: {
		evWhole:   refuse(frame.RuleAfterClose), // F36
		evFirst:   refuse(frame.RuleAfterClose),
		evMiddle:  refuse(frame.RuleAfterClose),
		evLast:    refuse(frame.RuleAfterClose),
		evControl: refuse(frame.RuleAfterClose),
		evClose:   refuse(frame.RuleAfterClose),
		evFail:    refuse(frame.RuleAfterClose), // a closed direction cannot fail
	},
	StateFailed: {
		evWhole:   refuse(frame.RuleAfterClose),
		evFirst:   refuse(frame.RuleAfterClose),
		evMiddle:  refuse(frame.RuleAfterClose),
		evLast:    refuse(frame.RuleAfterClose),
		evControl: refuse(frame.RuleAfterClose),
		evClose:   refuse(frame.RuleAfterClose),
		evFail:    to(StateFailed),
	},
}

// step moves s over ev, which may come at any time the table allows (F5). A rule other than 0 forbids the event; s is then as
// it was.
func (s *State) step(ev event) frame.Rule {
	t := transitions[*s][ev]
	if t.broken == 0 {
		*s = t.next
	}
	return t.broken
}

// eventOf returns the event that a frame is.
func eventOf(op frame.Opcode, fin bool) event {
	switch {
	case op == frame.Close:
		return evClose
	case op.IsControl():
		return evControl
	case op == frame.Continuation && fin:
		return evLast
	case op == frame.Continuation:
		return evMiddle
	case fin:
		return evWhole
	}
	return evFirst
}
