package conn

import (
	"errors"
	"io"
	"os"
	"strconv"

	"github.com/octet-ws/octet/frame"
)

// ErrClosed is returned by every method once this side has closed or aborted
// the connection.
var ErrClosed = errors.New("websocket: closed by this side")

// CloseError reports the peer's Close: the end of the connection, clean as
// far as the peer is concerned (RFC 6455 §7.1.5, K8, K9).
type CloseError struct {
	// Code is the status code the peer gave, CloseNoStatus if it gave none.
	Code frame.CloseCode

	// Reason is valid UTF-8 of at most 123 bytes that the peer chose. It is
	// for logs, not for end users (F34).
	Reason string

	// Answer says that the peer only answered our Close. The error is then
	// ErrClosed as well.
	Answer bool
}

// Error returns one line with code and reason.
func (e *CloseError) Error() string {
	s := "websocket: closed by the peer: "
	if e.Answer {
		s = "websocket: close answered by the peer: "
	}
	s += e.Code.String()
	if e.Reason != "" {
		s += " " + strconv.Quote(e.Reason)
	}
	return s
}

// Is reports whether target is ErrClosed, which an Answer is too.
func (e *CloseError) Is(target error) bool { return e.Answer && target == ErrClosed }

// Kind says what an [Error] is about.
type Kind uint8

const (
	// TimedOut: a deadline passed. Nothing is lost and the call may be
	// repeated.
	TimedOut Kind = iota + 1

	// Lost: the transport ended or broke without a closing handshake, between
	// two messages. Of a write, where it broke is not known and Lost says
	// nothing about the message.
	Lost

	// LostInMessage: as Lost, between two frames of one message.
	LostInMessage

	// LostInFrame: as Lost, inside a frame.
	LostInFrame

	// Failed: the peer broke the protocol. Err is a *frame.Error that says
	// how and where, and the peer was sent a Close with its code
	// (RFC 6455 §7.1.7).
	Failed

	// NoPong: the peer was silent for longer than Keepalive allows.
	NoPong

	// CloseTimedOut: the closing handshake was not over within its bound, and
	// the transport was closed without it.
	CloseTimedOut
)

var kindText = [...]string{
	TimedOut:      "deadline passed",
	Lost:          "connection lost without a closing handshake",
	LostInMessage: "connection lost inside a message",
	LostInFrame:   "connection lost inside a frame",
	Failed:        "peer broke the protocol",
	NoPong:        "no answer to a ping",
	CloseTimedOut: "no closing handshake in time",
}

// String returns what happened in a few words.
func (k Kind) String() string {
	if int(k) < len(kindText) && k != 0 {
		return kindText[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Error reports anything but a peer's Close and our own. Of kind TimedOut the
// connection goes on; of every other it is over, and all later calls return
// the same error.
type Error struct {
	Kind Kind

	// Queued is set when a write timed out after the connection had taken the
	// message: do not send it again, the rest of it leaves before anything
	// else with the next write or Flush.
	Queued bool

	// Err is the cause: what the transport returned, or a *frame.Error. It
	// may be nil.
	Err error
}

// Error returns one line.
func (e *Error) Error() string {
	switch {
	case e.Kind == Failed && e.Err != nil:
		return e.Err.Error() // it says all there is to say
	case e.Err != nil:
		return "websocket: " + e.Kind.String() + ": " + e.Err.Error()
	}
	return "websocket: " + e.Kind.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Timeout reports whether a deadline passed, as net.Error has it.
func (e *Error) Timeout() bool { return e.Kind == TimedOut }

// Temporary is the other method of net.Error.
func (e *Error) Temporary() bool { return e.Kind == TimedOut }

// Is reports whether target is os.ErrDeadlineExceeded and a deadline passed.
func (e *Error) Is(target error) bool {
	return e.Kind == TimedOut && target == os.ErrDeadlineExceeded
}

// CloseCode returns the status code that err stands for (RFC 6455 §7.1.5): the
// peer's if it sent a Close, CloseAbnormal if the connection was lost, and the
// one we sent if the peer broke the protocol. It returns 0 if err is about
// none of these.
func CloseCode(err error) frame.CloseCode {
	var ce *CloseError
	var e *Error
	var fe *frame.Error
	switch {
	case errors.As(err, &ce):
		return ce.Code
	case !errors.As(err, &e):
		return 0
	case e.Kind == Failed && errors.As(e.Err, &fe):
		return fe.Rule.CloseCode()
	case e.Kind == TimedOut:
		return 0
	}
	return frame.CloseAbnormal
}

// isTimeout reports whether a transport's error means that a deadline passed,
// as os.ErrDeadlineExceeded does. It is a loop because errors.As links
// reflection, which a small client has no other use for.
func isTimeout(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if t, ok := err.(interface{ Timeout() bool }); ok {
			return t.Timeout()
		}
	}
	return false
}

// ending says why a connection is over.
type ending struct {
	err error
	own Error // what err points to, if it is an *Error: one piece of memory
}

// over is the ending with an *Error. The cause may be what a transport ended with.
func over(kind Kind, cause error) *ending {
	if cause == io.EOF && kind != Lost {
		cause = io.ErrUnexpectedEOF
	}
	e := &ending{own: Error{Kind: kind, Err: cause}}
	e.err = &e.own
	return e
}
