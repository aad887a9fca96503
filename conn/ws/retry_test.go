package ws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

// refusedWith is a handshake that was answered with the status.
func refusedWith(status int, fields ...handshake.Field) error {
	return &Error{Phase: handshake.PhaseAnswer, Err: &handshake.RefusedError{
		Phase:    handshake.PhaseAnswer,
		Response: &handshake.Response{Status: status, Fields: fields},
		Err:      &handshake.Error{Requirement: handshake.NotSwitching},
	}}
}

func unanswered(r handshake.Requirement) error {
	return &Error{Phase: handshake.PhaseAnswer, Err: &handshake.RefusedError{Phase: handshake.PhaseAnswer, Err: &handshake.Error{Requirement: r}}}
}

func TestRetryable(t *testing.T) {
	lost := &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	for _, tt := range []struct {
		name string
		err  error
		want bool
	}{
		{"no error", nil, false},
		{"an unknown host", &Error{Phase: handshake.PhaseResolve, Err: &net.DNSError{IsNotFound: true}}, true},
		{"a closed port", &Error{Phase: handshake.PhaseConnect, Err: syscall.ECONNREFUSED}, true},
		{"a proxy that is down", &Error{Phase: handshake.PhaseProxy, Err: &ProxyError{Response: &handshake.Response{Status: 502}}}, true},
		{"a proxy that wants authentication", &Error{Phase: handshake.PhaseProxy, Err: &ProxyError{Response: &handshake.Response{Status: 407}}}, false},
		{"a proxy's connection reset", &Error{Phase: handshake.PhaseProxy, Err: lost}, true},
		{"a wrong root", &Error{Phase: handshake.PhaseTLS, Err: &wstls.Error{Cause: wstls.CauseUntrusted}}, false},
		{"an expired certificate", &Error{Phase: handshake.PhaseTLS, Err: &wstls.Error{Cause: wstls.CauseExpired}}, false},
		{"a TLS handshake cut off", &Error{Phase: handshake.PhaseTLS, Err: &wstls.Error{Cause: wstls.CauseTransport}}, true},
		{"the user's end", &Error{Phase: handshake.PhaseConnect, Err: context.Canceled}, false},
		{"a redirect", refusedWith(302), false},
		{"400", refusedWith(400), false},
		{"401", refusedWith(401), false},
		{"404", refusedWith(404), false},
		{"429", refusedWith(429), true},
		{"500", refusedWith(500), true},
		{"503", refusedWith(503), true},
		{"silence", unanswered(handshake.Silent), true},
		{"a server that hangs up", unanswered(handshake.NoAnswer), true},
		{"a head cut short", unanswered(handshake.CutShort), true},
		{"a reset", unanswered(handshake.Transport), true},
		{"an answer that is not HTTP", unanswered(handshake.NotHTTP), false},
		{"a wrong Accept", unanswered(handshake.WrongAccept), false},
		{"1000", &conn.CloseError{Code: frame.CloseNormal}, false},
		{"1001", &conn.CloseError{Code: frame.CloseGoingAway}, true},
		{"1002", &conn.CloseError{Code: frame.CloseProtocolError}, false},
		{"no code", &conn.CloseError{Code: frame.CloseNoStatus}, false},
		{"1008", &conn.CloseError{Code: frame.ClosePolicyViolation}, false},
		{"1011", &conn.CloseError{Code: frame.CloseInternalError}, true},
		{"1012", &conn.CloseError{Code: frame.CloseServiceRestart}, true},
		{"1013", &conn.CloseError{Code: frame.CloseTryAgainLater}, true},
		{"1014", &conn.CloseError{Code: frame.CloseBadGateway}, true},
		{"4000", &conn.CloseError{Code: 4000}, false},
		{"a connection that was lost", &conn.Error{Kind: conn.Lost, Err: io.EOF}, true},
		{"a peer that is gone", &conn.Error{Kind: conn.NoPong}, true},
		{"a deadline", &conn.Error{Kind: conn.TimedOut, Err: os.ErrDeadlineExceeded}, true},
		{"a broken protocol", &conn.Error{Kind: conn.Failed, Err: &frame.Error{}}, false},
		{"a malformed URL", &handshake.Error{Requirement: handshake.MalformedURL}, false},
		{"an error from elsewhere", io.ErrUnexpectedEOF, false},
		{"one of ours within another", fmt.Errorf("reading: %w", &conn.CloseError{Code: frame.CloseGoingAway}), true},
	} {
		if got := Retryable(tt.err); got != tt.want {
			t.Errorf("%s: Retryable(%v) = %t, want %t", tt.name, tt.err, got, tt.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		field := func(v string) handshake.Field { return handshake.Field{Name: "retry-after", Value: v} }
		in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(httpDate) }
		for _, tt := range []struct {
			name string
			err  error
			want time.Duration
		}{
			{"seconds", refusedWith(503, field("120")), 2 * time.Minute},
			{"a date", refusedWith(429, field(in(90*time.Second))), 90 * time.Second},
			{"a date of the older form", refusedWith(429, field(time.Now().Add(time.Minute).UTC().Format("Monday, 02-Jan-06 15:04:05 GMT"))), time.Minute},
			{"a date of the oldest form", refusedWith(429, field(time.Now().Add(time.Minute).UTC().Format(time.ANSIC))), time.Minute},
			{"a date that has passed", refusedWith(429, field(in(-time.Minute))), 0},
			{"a very long time", refusedWith(503, field("4000000000")), time.Hour},
			{"what is no number", refusedWith(503, field("soon")), 0},
			{"a negative number", refusedWith(503, field("-5")), 0},
			{"a proxy's wish", &Error{Phase: handshake.PhaseProxy, Err: &ProxyError{Response: &handshake.Response{Status: 503, Fields: handshake.Fields{field("7")}}}}, 7 * time.Second},
			{"no such field", refusedWith(503), 0},
			{"no answer", unanswered(handshake.NoAnswer), 0},
			{"another error", errors.New("x"), 0},
		} {
			if got := RetryAfter(tt.err); got != tt.want {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
		}
	})
}

func TestRefusalsInARow(t *testing.T) {
	var r refusals
	var got []int
	for _, err := range []error{
		refusedWith(502), refusedWith(502), refusedWith(502), refusedWith(503), refusedWith(502),
		unanswered(handshake.NoAnswer), unanswered(handshake.NoAnswer), unanswered(handshake.Silent),
		&Error{Phase: handshake.PhaseConnect, Err: syscall.ECONNREFUSED}, refusedWith(502), refusedWith(502),
		&conn.Error{Kind: conn.Lost}, refusedWith(502),
	} {
		got = append(got, r.add(err))
	}
	if d := cmp.Diff([]int{1, 2, 3, 1, 1, 1, 2, 1, 0, 1, 2, 0, 1}, got); d != "" {
		t.Errorf("like refusals in a row (-want +got)\n%s", d)
	}
}
