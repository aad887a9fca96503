package ws

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

// AcceptOptions shapes the server's side of connections. The zero value, and
// nil, speak no TLS, agree on no subprotocol, and accept requests from the same
// origin and from clients that send none. AcceptOptions may be used by many
// goroutines as long as nobody changes them.
type AcceptOptions struct {
	// TLS, if not nil, is spoken before the opening handshake (S12).
	TLS *tls.Config
	// Timeout is how long a client may take for the TLS handshake and its
	// head. If zero, 10 s. If negative, there is no bound but the context.
	Timeout time.Duration
	// Chooser decides on subprotocols, origins and all the rest.
	Chooser *handshake.Chooser
	// Limits bound the head. Its Timeout is not used.
	Limits handshake.Limits
	// Conn configures the connection. Subprotocol, Buffered and Socket are
	// filled in.
	Conn *conn.Options
	// Tap, if not nil, is called for each connection that has passed TLS and
	// returns the Tap to put on it, or nil.
	Tap func(net.Conn) wstls.Tap
	// Trace, if not nil, is called for each connection that is open, with the
	// request that opened it, and returns the one to use in place of
	// Conn.Trace, or nil for none.
	Trace func(net.Conn, *handshake.Request) *conn.Trace
}

const defaultAcceptTimeout = 10 * time.Second

// Accept does the opening handshake of a server on nc and returns the
// connection with the request that opened it. The context, which may be
// without an end, bounds and interrupts the handshake alone.
//
// If it fails, nc has been answered, where there was something to answer, and
// closed (K16). The error is a *tls.Error of this module or the one of
// handshake.Server; the request is what could be read of it, or nil.
func Accept(ctx context.Context, nc net.Conn, opts *AcceptOptions) (*conn.Conn, *handshake.Request, error) {
	if opts == nil {
		opts = &AcceptOptions{}
	}
	opts.setDeadline(nc)
	release := bind(ctx, nc) // after which no deadline may be set that would undo it
	c, r, err := opts.accept(ctx, nc)
	if err = release(err); err != nil {
		if c != nil {
			c.Abort()
		}
		nc.Close()
		return nil, r, err
	}
	return c, r, nil
}

// setDeadline gives a client its time.
func (o *AcceptOptions) setDeadline(nc net.Conn) {
	if limit := orDefault(o.Timeout, defaultAcceptTimeout); limit > 0 {
		nc.SetDeadline(time.Now().Add(limit))
	}
}

// accept is Accept within the deadline that is set on nc, which it closes
// when it fails.
func (o *AcceptOptions) accept(ctx context.Context, nc net.Conn) (*conn.Conn, *handshake.Request, error) {
	if o.TLS != nil {
		tc, err := wstls.Server(ctx, nc, o.TLS)
		if err != nil {
			return nil, nil, err
		}
		nc = tc
	}
	stream, tapped := nc, (*wstls.TappedConn)(nil)
	if o.Tap != nil {
		stream, tapped = tap(nc, o.Tap(nc))
	}
	limits := o.Limits
	limits.Timeout = 0
	res, err := handshake.Server(stream, o.Chooser, limits)
	if err != nil {
		if answered := res.Request.Raw != "" && !lost(err); answered {
			drain(nc)
		}
		nc.Close()
		return nil, res.Request, err
	}
	if err := nc.SetDeadline(time.Time{}); err != nil {
		nc.Close()
		return nil, res.Request, err
	}
	if tapped != nil {
		tapped.SetPhase(wstls.PhaseFrames)
	}
	var options conn.Options
	if o.Conn != nil {
		options = *o.Conn
	}
	if o.Trace != nil {
		options.Trace = o.Trace(nc, res.Request)
	}
	return conn.Server(stream, complete(&options, nc, tapped != nil, res)), res.Request, nil
}

// drain reads what the client of a refused request is still sending, for a
// while: a socket that is closed with bytes unread is reset, and a reset takes
// the answer with it.
func drain(nc net.Conn) {
	half, ok := nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	nc.SetReadDeadline(time.Now().Add(drainTime))
	io.CopyN(io.Discard, nc, 256<<10)
}

const drainTime = time.Second

// lost reports whether the handshake ended because the stream did.
func lost(err error) bool {
	return errors.Is(err, handshake.NoAnswer) || errors.Is(err, handshake.CutShort) || errors.Is(err, handshake.Transport)
}
