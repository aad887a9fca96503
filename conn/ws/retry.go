package ws

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

// Retryable reports whether connecting again may help after err, an error of
// Dial or the one a connection ended with.
//
// It may after a failure to resolve or connect, a timeout, a connection that
// was lost or closed without an answer, the HTTP statuses 429 and 5xx, and the
// close codes 1001, 1006 and 1011 to 1014. It does not after any other status,
// a TLS handshake that failed for another reason than the network, a 101 that
// breaks a rule, a broken protocol or any other close code: the same will happen
// again. An error from elsewhere is not retryable.
func Retryable(err error) bool {
	var (
		opening *Error
		refused *handshake.RefusedError
		secure  *wstls.Error
		proxy   *ProxyError
		socks   *SOCKSError
	)
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &refused):
		return retryableRefusal(refused)
	case errors.As(err, &secure):
		return secure.Cause == wstls.CauseTransport
	case errors.As(err, &proxy):
		return retryableStatus(proxy.Response.Status)
	case errors.As(err, &socks):
		return socks.temporary()
	case errors.As(err, &opening) && (opening.Phase == handshake.PhaseResolve || opening.Phase == handshake.PhaseConnect):
		return true
	case errors.Is(err, errProxyClosed):
		return true
	}
	switch conn.CloseCode(err) {
	case frame.CloseGoingAway, frame.CloseAbnormal, frame.CloseInternalError,
		frame.CloseServiceRestart, frame.CloseTryAgainLater, frame.CloseBadGateway:
		return true
	}
	var network *net.OpError
	var t interface{ Timeout() bool }
	return errors.As(err, &network) || errors.As(err, &t) && t.Timeout()
}

func retryableRefusal(e *handshake.RefusedError) bool {
	if e.Response != nil {
		return retryableStatus(e.Response.Status)
	}
	for _, r := range []handshake.Requirement{handshake.NoAnswer, handshake.CutShort, handshake.Silent, handshake.Transport} {
		if errors.Is(e, r) {
			return true
		}
	}
	return false
}

func retryableStatus(status int) bool { return status == 429 || status/100 == 5 }

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = time.Hour

// RetryAfter returns how long the server that refused a handshake with err, or
// the proxy that refused the tunnel, asks to be left alone (RFC 9110 §10.2.3),
// at most an hour, or 0.
func RetryAfter(err error) time.Duration {
	var answer *handshake.Response
	var refused *handshake.RefusedError
	var proxy *ProxyError
	switch {
	case errors.As(err, &refused):
		answer = refused.Response
	case errors.As(err, &proxy):
		answer = proxy.Response
	}
	if answer == nil {
		return 0
	}
	value := answer.Fields.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	for _, format := range [...]string{httpDate, time.RFC850, time.ANSIC} {
		if at, err := time.Parse(format, value); err == nil {
			return min(max(time.Until(at), 0), maxRetryAfter)
		}
	}
	return 0
}

// httpDate is the IMF-fixdate of RFC 9110 §5.6.7. The two older forms, which it
// wants read too, are in package time.
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// refusals counts how often the same handshake was refused in the same way.
type refusals struct {
	last  string
	count int
}

// add takes the next failure and returns how many like it came in a row. What
// is no answer of the server's counts as 0: the network may change by itself.
func (r *refusals) add(err error) int {
	var e *handshake.RefusedError
	if !errors.As(err, &e) {
		*r = refusals{}
		return 0
	}
	this := e.Err.Error()
	if e.Response != nil {
		this = strconv.Itoa(e.Response.Status) + " " + e.Response.Reason
	}
	if this != r.last {
		*r = refusals{last: this}
	}
	r.count++
	return r.count
}
