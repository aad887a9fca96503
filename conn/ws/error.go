package ws

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// Error is a connection that Dial could not open, or one of the steps before
// the opening handshake in Open.
//
// What went wrong is found with errors.As and errors.Is in Err:
//
//	PhaseResolve   *net.DNSError, whose IsNotFound tells an unknown host
//	PhaseConnect   syscall.ECONNREFUSED for a closed port, *net.OpError
//	PhaseProxy     *ProxyError, *SOCKSError, or any of the others
//	PhaseTLS       *tls.Error of this module, with a Cause
//	PhaseWrite     *handshake.RefusedError, in these three
//	PhaseAnswer
//	PhaseCheck
//
// If time ran out, in whichever phase, errors.Is(err, os.ErrDeadlineExceeded)
// and errors.Is(err, context.DeadlineExceeded) hold.
type Error struct {
	Phase   handshake.Phase
	URL     string  // the URL that was dialled last, without userinfo
	Timings Timings // up to the failure
	Err     error
}

// Error is one line: the URL, the phase and what is wrong.
func (e *Error) Error() string {
	return "ws: " + e.URL + ": " + e.Phase.String() + ": " + describe(e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Timeout reports whether time ran out, as net.Error does.
func (e *Error) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.As(e.Err, &t) && t.Timeout()
}

// Is makes a timeout, whoever noticed it, both of the errors it goes by.
func (e *Error) Is(target error) bool {
	return (target == os.ErrDeadlineExceeded || target == context.DeadlineExceeded) && e.Timeout()
}

// describe says what the standard library says, less what the line has said
// before, and handshake without its name.
func describe(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "unknown host " + dns.Name
	case errors.As(err, &dns):
		return "looking up " + dns.Name + ": " + dns.Err
	case errors.As(err, &op) && op.Op == "dial" && op.Addr != nil:
		cause := op.Err
		if sys := (*os.SyscallError)(nil); errors.As(cause, &sys) {
			cause = sys.Err
		}
		return op.Addr.String() + ": " + cause.Error()
	}
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), "handshake: "), "ws: ")
}

// ErrExtension is wrapped by the error for a server that agreed to an extension
// which was offered by a head of the caller's, but which nothing here speaks.
var ErrExtension = errors.New("ws: server agreed to an extension that is offered but not implemented")
