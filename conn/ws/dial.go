package ws

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

// DialOptions shapes a connection that is opened. The zero value, and nil,
// connect to where the URL says and send the smallest legal head. DialOptions
// may be used by many goroutines as long as nobody changes them.
type DialOptions struct {
	// Where to connect.

	// Address is dialled in place of the URL's host and port. The Host field
	// and what TLS asks for follow the URL all the same.
	Address string
	// Network is "tcp" if empty; "tcp4", "tcp6", or "unix" with the path of a
	// socket in Address.
	Network string
	// NetDial, if not nil, connects in place of a net.Dialer. With a proxy, it
	// connects to the proxy.
	NetDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Proxy, if not nil, returns the proxy for a URL, or nil for none. See Via
	// and ProxyFromEnvironment.
	Proxy func(handshake.URL) (*Proxy, error)
	// TLS is for wss URLs. If nil, its zero value is used.
	TLS *wstls.ClientConfig
	// Timeouts bound each phase.
	Timeouts Timeouts

	// What to say.

	// Host is the value of the Host field. If empty, the URL's host, with its
	// port unless it is the default one.
	Host string
	// Origin is sent as given, if not empty.
	Origin string
	// Subprotocols are offered in order of preference.
	Subprotocols []string
	// RequireSubprotocol refuses a server that chooses none of them.
	RequireSubprotocol bool
	// Fields are sent as they are behind the fields above. A userinfo in the
	// URL is sent as basic authentication unless they have an Authorization.
	Fields handshake.Fields
	// Cookies, if not nil, gives the Cookie field, unless Fields have one, and
	// is told of Set-Cookie.
	Cookies CookieJar
	// Head, if not nil, has the last word on the request: it is given the one
	// that the options above make, and returns the one to send, which may be
	// the same, changed, or another, such as a profile's. It is called for
	// every connection. What it returns is sent byte for byte and not checked;
	// the answer is checked against what that offers.
	Head func(handshake.URL, *handshake.Request) (*handshake.Request, error)
	// MaxRedirects is how many redirects are followed. If zero, none: the
	// error then holds the answer. None is followed from wss to ws, nor with
	// Head. What was meant for one host and port is not taken to another:
	// Address, Network, Host, the names in TLS and its certificates, userinfo,
	// and the fields Authorization and Cookie. All other fields, and the
	// subprotocols, are.
	MaxRedirects int

	// What to make of the answer.

	// Limits bound the answer. Its Timeout is not used; see Timeouts.
	Limits handshake.Limits
	// Conn configures the connection. Subprotocol, Buffered and Socket are
	// filled in.
	Conn *conn.Options
	// Tap, if not nil, sees the bytes above TLS, from the head on.
	Tap wstls.Tap
	// Trace, if not nil, is told how the dialling goes.
	Trace *DialTrace
}

// DialTrace is told how a Dial goes. Hooks may be nil. They run in Dial's
// goroutine and must not change what they are given.
type DialTrace struct {
	// Phase is called at the end of each phase that was gone through, with the
	// time it took and what it failed with, or nil. Resolving is one phase with
	// connecting by NetDial, and the opening handshake is one: PhaseCheck when
	// it has succeeded, else the one in which it failed.
	Phase func(p handshake.Phase, took time.Duration, err error)
	// Opened is called when the connection stands, before the head is sent.
	Opened func(c net.Conn, t Timings)
	// Answered is called when the opening handshake is over. The request is
	// what was sent; the answers are all that came, interim ones first.
	Answered func(r *handshake.Request, answers []*handshake.Response, t Timings)
	// Redirected is called before a redirect is followed.
	Redirected func(to handshake.URL)
}

// CookieJar keeps cookies. It sees values as they are on the wire: parsing and
// matching are its own business.
type CookieJar interface {
	// Cookies returns the value of the Cookie field for u, or "".
	Cookies(u handshake.URL) string
	// SetCookies is given the values of all Set-Cookie fields of an answer
	// from u, whatever its status.
	SetCookies(u handshake.URL, values []string)
}

// ended tells the trace that a phase is over.
func (o *DialOptions) ended(p handshake.Phase, t *Timings, err error) {
	if o.Trace != nil && o.Trace.Phase != nil {
		o.Trace.Phase(p, t.of(p), err)
	}
}

// Dial opens a connection to a ws or wss URL and returns it with the answer to
// its handshake. The context bounds the dialling alone: it does not end the
// connection.
//
// The error is an *Error, but for a malformed URL or request, which is a
// *handshake.Error and costs no connection (U5). If the server answered, the
// response is returned beside the error too.
func Dial(ctx context.Context, url string, opts *DialOptions) (*conn.Conn, *handshake.Response, error) {
	u, err := handshake.ParseURL(url)
	if err != nil {
		return nil, nil, err
	}
	var o DialOptions // a copy: a redirect changes it
	if opts != nil {
		o = *opts
	}
	for redirects := 0; ; redirects++ {
		c, resp, err := o.dial(ctx, u)
		if err == nil || redirects >= o.MaxRedirects || o.Head != nil || resp == nil {
			return c, resp, err
		}
		to, ok := redirect(u, resp)
		if !ok {
			return nil, resp, err
		}
		if !sameAuthority(u, to) {
			o.leaveBehind()
		} else if to.Userinfo == "" {
			to.Userinfo = u.Userinfo
		}
		if o.Trace != nil && o.Trace.Redirected != nil {
			o.Trace.Redirected(to)
		}
		u = to
	}
}

// dial makes one attempt.
func (o *DialOptions) dial(ctx context.Context, u handshake.URL) (*conn.Conn, *handshake.Response, error) {
	req, offer, err := o.request(u)
	if err != nil {
		return nil, nil, err
	}
	nc, t, err := o.Open(ctx, u)
	if err != nil {
		return nil, nil, err
	}
	if o.Trace != nil && o.Trace.Opened != nil {
		o.Trace.Opened(nc, t)
	}
	stream, tapped := tap(nc, o.Tap)
	limits := o.Limits
	limits.Timeout = 0
	res, err := timed(ctx, o.Timeouts.Handshake, &t.Handshake, func(ctx context.Context) (*handshake.Result, error) {
		release := bind(ctx, stream)
		res, err := handshake.ClientRaw(stream, req.AppendRaw(nil), offer, limits)
		return res, release(err)
	})
	resp := o.answered(u, req, res, err, t)
	if err == nil && len(res.Extensions) > 0 {
		err = &handshake.RefusedError{Request: res.Request, Response: res.Response, Interim: res.Interim,
			Phase: handshake.PhaseCheck, Timings: res.Timings, Err: ErrExtension}
	}
	phase := handshake.PhaseCheck
	if err != nil {
		phase = handshake.PhaseAnswer
		if refused := (*handshake.RefusedError)(nil); errors.As(err, &refused) {
			phase = refused.Phase
		}
	}
	o.ended(phase, &t, err)
	if err != nil {
		nc.Close()
		return nil, resp, &Error{Phase: phase, URL: u.String(), Timings: t, Err: err}
	}
	if tapped != nil {
		tapped.SetPhase(wstls.PhaseFrames)
	}
	var options conn.Options
	if o.Conn != nil {
		options = *o.Conn
	}
	return conn.Client(stream, complete(&options, nc, tapped != nil, res)), resp, nil
}

// request makes the head, and the offer the answer is checked against.
func (o *DialOptions) request(u handshake.URL) (*handshake.Request, *handshake.Offer, error) {
	offer := &handshake.Offer{
		Host:               o.Host,
		Target:             u.Target,
		Origin:             o.Origin,
		Subprotocols:       o.Subprotocols,
		RequireSubprotocol: o.RequireSubprotocol,
		Key:                handshake.NewKey(),
		Fields:             o.Fields.Clone(),
	}
	if offer.Host == "" {
		offer.Host = u.HostField()
	}
	if u.Userinfo != "" && !offer.Fields.Has("Authorization") {
		username, password, _ := strings.Cut(u.Userinfo, ":")
		offer.Fields.Add("Authorization", basic(unescape(username), unescape(password)))
	}
	if o.Cookies != nil && !offer.Fields.Has("Cookie") { // RFC 6265 §5.4 allows one field
		if cookies := o.Cookies.Cookies(u); cookies != "" {
			offer.Fields.Add("Cookie", cookies)
		}
	}
	r, err := offer.Request()
	if err != nil || o.Head == nil {
		return r, offer, err
	}
	if r, err = o.Head(u, r); err != nil {
		return nil, nil, err
	}
	if r == nil {
		return nil, nil, errors.New("ws: DialOptions.Head returned no request")
	}
	offer = handshake.OfferOf(r)
	offer.RequireSubprotocol = o.RequireSubprotocol
	return r, offer, nil
}

// unescape takes percent escapes, which ParseURL has found to be whole, out of
// a part of the userinfo.
func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// answered tells the jar and the trace how the handshake went, and returns the
// final answer, if there was one.
func (o *DialOptions) answered(u handshake.URL, req *handshake.Request, res *handshake.Result, err error, t Timings) *handshake.Response {
	var interim []*handshake.Response
	var resp *handshake.Response
	var refused *handshake.RefusedError
	switch {
	case res != nil && err == nil:
		req, interim, resp = res.Request, res.Interim, res.Response
	case errors.As(err, &refused):
		req, interim, resp = refused.Request, refused.Interim, refused.Response
	}
	if resp != nil && o.Cookies != nil {
		if values := resp.Fields.Values("Set-Cookie"); len(values) > 0 {
			o.Cookies.SetCookies(u, values)
		}
	}
	if o.Trace != nil && o.Trace.Answered != nil {
		answers := interim
		if resp != nil {
			answers = append(answers[:len(answers):len(answers)], resp)
		}
		o.Trace.Answered(req, answers, t)
	}
	return resp
}
