package ws

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

// Timeouts bound the phases of Dial one by one; the context given to Dial
// bounds them all. For each, zero means the default and a negative value no
// bound.
type Timeouts struct {
	DNS       time.Duration // to resolve the host; 10 s
	Connect   time.Duration // to connect, however many addresses there are; 15 s
	Proxy     time.Duration // to be given a tunnel; 15 s
	TLS       time.Duration // for the TLS handshake with the target; 15 s
	Handshake time.Duration // from the request to the end of the answer; 15 s
}

const (
	defaultDNSTimeout = 10 * time.Second
	defaultTimeout    = 15 * time.Second
	never             = 1 << 62
)

func timeout(d, byDefault time.Duration) time.Duration {
	if d < 0 {
		return never
	}
	return orDefault(d, byDefault)
}

// Timings says how long the phases took. A phase that was not reached, or was
// not needed, took none.
type Timings struct {
	DNS, Connect, Proxy, TLS, Handshake time.Duration
}

// Total is the sum of all phases.
func (t Timings) Total() time.Duration { return t.DNS + t.Connect + t.Proxy + t.TLS + t.Handshake }

// of returns the time of one phase; the last three are one.
func (t *Timings) of(p handshake.Phase) time.Duration {
	switch p {
	case handshake.PhaseResolve:
		return t.DNS
	case handshake.PhaseConnect:
		return t.Connect
	case handshake.PhaseProxy:
		return t.Proxy
	case handshake.PhaseTLS:
		return t.TLS
	}
	return t.Handshake
}

// Open does what comes before the opening handshake (RFC 6455 §4.1): it connects
// to the host of u, or where o says, directly (C4) or by way of a proxy (C3), and
// does the TLS handshake if u is a wss URL (C6), after which everything goes
// through TLS (C7). It may be called on nil. The error is an *Error, and nothing
// is left open then (C5).
func (o *DialOptions) Open(ctx context.Context, u handshake.URL) (net.Conn, Timings, error) {
	if o == nil {
		o = &DialOptions{}
	}
	var t Timings
	fail := func(p handshake.Phase, err error) (net.Conn, Timings, error) {
		o.ended(p, &t, err)
		return nil, t, &Error{Phase: p, URL: u.String(), Timings: t, Err: err}
	}
	network, address := "tcp", u.Address()
	if o.Network != "" {
		network = o.Network
	}
	if o.Address != "" {
		address = o.Address
	}
	var proxy *Proxy
	if o.Proxy != nil {
		var err error
		if proxy, err = o.Proxy(u); err != nil {
			return fail(handshake.PhaseProxy, err)
		}
	}
	var host, port string // what the proxy is asked for
	if proxy != nil {
		var err error
		if host, port, err = net.SplitHostPort(address); err != nil {
			return fail(handshake.PhaseProxy, err)
		}
		network, address = "tcp", proxy.Address
	}

	nc, phase, err := o.connect(ctx, network, address, &t)
	if phase == handshake.PhaseConnect && o.NetDial == nil {
		o.ended(handshake.PhaseResolve, &t, nil)
	}
	if err != nil {
		return fail(phase, err)
	}
	o.ended(handshake.PhaseConnect, &t, nil)
	if proxy != nil {
		// The name is taken as it is: the proxy knows more hosts than we do.
		nc, err = timed(ctx, o.Timeouts.Proxy, &t.Proxy, func(ctx context.Context) (net.Conn, error) {
			return proxy.tunnel(ctx, nc, host, port)
		})
		if err != nil {
			return fail(handshake.PhaseProxy, err)
		}
		o.ended(handshake.PhaseProxy, &t, nil)
	}
	if u.Secure {
		tc, err := timed(ctx, o.Timeouts.TLS, &t.TLS, func(ctx context.Context) (*tls.Conn, error) {
			return wstls.Client(ctx, nc, u.ServerName(), o.TLS)
		})
		if err != nil {
			return fail(handshake.PhaseTLS, err)
		}
		o.ended(handshake.PhaseTLS, &t, nil)
		nc = tc
	}
	return nc, t, nil
}

// timed runs one phase within its bound and books its time.
func timed[T any](ctx context.Context, limit time.Duration, took *time.Duration, run func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout(limit, defaultTimeout))
	defer cancel()
	began := time.Now()
	v, err := run(ctx)
	*took = time.Since(began)
	return v, err
}

// errSlow is why a context ends when a phase within net.Dialer takes too long.
var errSlow error = slowError{}

type slowError struct{}

func (slowError) Error() string   { return "no answer in time" }
func (slowError) Timeout() bool   { return true }
func (slowError) Temporary() bool { return true }

// connect resolves and connects. net.Dialer does both, and races the addresses
// of a host (RFC 8305); that it is done resolving shows when it asks for the
// control of its first socket. A dial function of the caller's is one phase.
func (o *DialOptions) connect(ctx context.Context, network, address string, t *Timings) (net.Conn, handshake.Phase, error) {
	if o.NetDial != nil {
		nc, err := timed(ctx, o.Timeouts.Connect, &t.Connect, func(ctx context.Context) (net.Conn, error) {
			return o.NetDial(ctx, network, address)
		})
		phase := phaseOf(err, true)
		if phase == handshake.PhaseResolve {
			t.DNS, t.Connect = t.Connect, 0
		}
		return nc, phase, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(timeout(o.Timeouts.DNS, defaultDNSTimeout), func() { cancel(errSlow) })
	defer timer.Stop()

	began := time.Now()
	var resolved atomic.Int64 // since began; 0 until then
	d := net.Dialer{ControlContext: func(context.Context, string, string, syscall.RawConn) error {
		if resolved.CompareAndSwap(0, int64(max(time.Since(began), 1))) {
			timer.Reset(timeout(o.Timeouts.Connect, defaultTimeout))
		}
		return nil
	}}
	nc, err := d.DialContext(ctx, network, address)
	took, dns := time.Since(began), time.Duration(resolved.Load())
	if dns == 0 {
		t.DNS = took
	} else {
		t.DNS, t.Connect = dns, took-dns
	}
	if err == nil {
		return nc, handshake.PhaseConnect, nil
	}
	if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
		return nil, phaseOf(err, dns != 0), cause
	}
	return nil, phaseOf(err, dns != 0), err
}

// phaseOf tells a failure to resolve from a failure to connect.
func phaseOf(err error, resolved bool) handshake.Phase {
	var dns *net.DNSError
	var addr *net.AddrError
	switch {
	case errors.As(err, &dns):
		return handshake.PhaseResolve
	case resolved, errors.As(err, &addr):
		return handshake.PhaseConnect
	}
	return handshake.PhaseResolve
}

// bind makes the end of ctx interrupt reading from and writing to nc until
// release is called with the error of what was done meanwhile. If the error is
// that ctx was canceled, release returns that instead.
func bind(ctx context.Context, nc net.Conn) (release func(error) error) {
	if ctx.Done() == nil {
		return func(err error) error { return err }
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		nc.SetDeadline(time.Unix(1, 0))
		close(done)
	})
	return func(err error) error {
		if !stop() {
			<-done // or the deadline could be set after it is taken back
			nc.SetDeadline(time.Time{})
			if err == nil || context.Cause(ctx) == context.Canceled {
				err = context.Cause(ctx)
			}
		}
		return err
	}
}
