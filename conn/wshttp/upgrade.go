// Package wshttp turns a request that net/http has read into a WebSocket
// connection.
//
//	http.HandleFunc("/feed", func(w http.ResponseWriter, r *http.Request) {
//		c, err := wshttp.Upgrade(w, r, nil)
//		if err != nil {
//			return // answered already
//		}
//		go serve(c)
//	})
//
// net/http keeps its buffers and the request for as long as the handler runs.
// A handler that starts a goroutine for the connection and returns, as above,
// gives that memory back, and leaves the stack that the handshake has grown.
//
// # In a server that has more to do
//
// The timeouts of http.Server are for requests: Upgrade takes its deadlines off
// the connection, so what is to bound a connection is set in Options.Conn, whose
// Keepalive is off by default, or by the deadlines of the Conn.
//
// Middleware is no obstacle as long as its ResponseWriter has a method Unwrap
// or Hijack. http.TimeoutHandler has neither, and buffers what a handler writes:
// keep it away from this one.
//
// http.Server.Shutdown and Close do not know connections that were taken over:
// [Conns] does, sends to all of them, and tells them when the server goes away.
package wshttp

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/handshake"
)

// Options shapes the server's side. The zero value, and nil, agree on no
// subprotocol, and accept requests from the same origin and from clients that
// send none. Options may be used by many goroutines as long as nobody changes
// them.
type Options struct {
	// Chooser decides on subprotocols, origins and all the rest. The fields of
	// the request it sees are in no particular order: net/http does not keep it.
	// That request must not be kept: the next Upgrade uses it again.
	Chooser *handshake.Chooser
	// WriteTimeout bounds the writing of the 101. If zero, 10 s. If negative,
	// there is no bound.
	WriteTimeout time.Duration
	// Conn configures the connection. Subprotocol, Buffered and Socket are
	// filled in. A server does well to give all its connections one conn.Group.
	Conn *conn.Options
}

const defaultWriteTimeout = 10 * time.Second

// ErrHTTP2 is returned for a request that came over HTTP/2 or later, where there
// is no Upgrade and the connection cannot be taken over (RFC 9113 §8.6). WebSocket
// over HTTP/2 is another protocol (RFC 8441), which is not spoken here; clients
// use HTTP/1.1 for wss unless they are sure of it.
var ErrHTTP2 = errors.New("wshttp: request came over HTTP/2 or later, which has no Upgrade")

// HijackError is a ResponseWriter whose connection cannot be taken over.
type HijackError struct {
	// Writer is the type of the innermost http.ResponseWriter that could be
	// reached: the one that hides the others, or the server's own.
	Writer string
	// Err is what http.ResponseController said.
	Err error
}

// Error returns one line that says which writer it is and what it has to do.
func (e *HijackError) Error() string {
	return "wshttp: " + e.Writer + " does not let the connection be taken over (" + e.Err.Error() +
		"): middleware must implement http.Hijacker or have an Unwrap method"
}

// Unwrap returns Err.
func (e *HijackError) Unwrap() error { return e.Err }

// Upgrade does the opening handshake of a server (RFC 6455 §4.2) for a request
// that a handler was called with, and returns the connection. The header that w
// has collected is not part of the answer: fields for the 101 come from
// Chooser.Decide.
//
// If it fails, the request has been answered, as far as that was possible, and
// the handler need only return. The error is the *handshake.Error of what the
// client broke, the one of Chooser.Decide, ErrHTTP2, a *HijackError, or the one
// of the connection.
func Upgrade(w http.ResponseWriter, r *http.Request, opts *Options) (*conn.Conn, error) {
	if opts == nil {
		opts = &Options{}
	}
	if r.ProtoMajor > 1 {
		refuse(w, &handshake.Refusal{Status: http.StatusHTTPVersionNotSupported, Body: "WebSocket needs HTTP/1.1 here\n"})
		return nil, ErrHTTP2
	}
	d := desks.Get().(*desk)
	defer d.putBack()
	request := d.requestOf(r)
	var answer handshake.Answer
	err := d.offer.Parse(request)
	if err == nil {
		answer, err = opts.Chooser.Answer(request, &d.offer)
	}
	head := d.head[:0]
	if err == nil {
		head, err = answer.Append(head, d.offer.Key)
	}
	if err != nil {
		refuse(w, err)
		return nil, err
	}

	nc, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		refuse(w, err)
		return nil, &HijackError{Writer: innermost(w), Err: err}
	}
	socket := socketOf(nc)
	if err := d.answer(nc, socket, head, opts.WriteTimeout); err != nil {
		nc.Close()
		return nil, fmt.Errorf("wshttp: answering: %w", err)
	}

	var o conn.Options
	if opts.Conn != nil {
		o = *opts.Conn
	}
	o.Subprotocol, o.Socket = answer.Subprotocol, conn.NewSocket(socket)
	// What a client sent behind its head, perhaps too early, is in the server's
	// buffer. The bytes are copied by conn, and the buffer is let go.
	if buffered != nil {
		o.Buffered, _ = buffered.Reader.Peek(buffered.Reader.Buffered())
	}
	return conn.Server(nc, &o), nil
}

// desk is what an Upgrade works on, used again by the next.
type desk struct {
	request handshake.Request
	offer   handshake.Offer
	fields  [24]handshake.Field
	head    [512]byte
	left    []byte                // of the head, to be written
	write   func(fd uintptr) bool // desk.onWritable, once
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// putBack forgets the request, which may be large and holds secrets. What is
// left of the offer may be part of the answer given.
func (d *desk) putBack() {
	clear(d.fields[:min(len(d.request.Fields), len(d.fields))])
	d.request, d.offer = handshake.Request{}, handshake.Offer{}
	desks.Put(d)
}

// answer writes the head, and ends the server's own deadlines, which are for a
// request and its response. A socket as good as always has room for it at once:
// only if not is there something to bound, and a timer to pay for.
func (d *desk) answer(nc net.Conn, socket syscall.RawConn, head []byte, timeout time.Duration) error {
	if err := nc.SetDeadline(time.Time{}); err != nil {
		return err
	}
	if head = head[d.writeNow(socket, head):]; len(head) == 0 {
		return nil
	}
	if timeout == 0 {
		timeout = defaultWriteTimeout
	}
	if timeout > 0 {
		if err := nc.SetDeadline(time.Now().Add(timeout)); err != nil {
			return err
		}
	}
	if _, err := nc.Write(head); err != nil {
		return err
	}
	return nc.SetDeadline(time.Time{})
}

// requestOf is r as package handshake knows it.
func (d *desk) requestOf(r *http.Request) *handshake.Request {
	fields := handshake.Fields(d.fields[:0])
	if r.Host != "" {
		fields = append(fields, handshake.Field{Name: "Host", Value: r.Host})
	}
	for name, values := range r.Header {
		for _, value := range values {
			fields = append(fields, handshake.Field{Name: name, Value: value})
		}
	}
	for _, coding := range r.TransferEncoding { // which net/http takes out of Header
		fields = append(fields, handshake.Field{Name: "Transfer-Encoding", Value: coding})
	}
	d.request = handshake.Request{Method: r.Method, Target: r.RequestURI, Proto: r.Proto, Fields: fields}
	return &d.request
}

// refuse answers with what err demands. Names keep their case, which
// Header.Set would change. Where Connection has to name Upgrade, whether to
// close is left to the server, which would not notice it in a list.
func refuse(w http.ResponseWriter, err error) {
	answer := handshake.Refuse(err)
	header := w.Header()
	for _, f := range answer.Fields {
		header.Del(f.Name) // what middleware may have set
	}
	for _, f := range answer.Fields {
		header[f.Name] = append(header[f.Name], strings.TrimSuffix(f.Value, ", close"))
	}
	w.WriteHeader(answer.Status)
	w.Write(answer.Body)
}

// innermost names the ResponseWriter at the end of the chain of wrappers.
func innermost(w http.ResponseWriter) string {
	for {
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return fmt.Sprintf("%T", w)
		}
		w = u.Unwrap()
	}
}

// socketOf returns the descriptor of nc if nc is a socket and nothing else. It
// must be of exactly these types: a type that embeds one of them has its
// SyscallConn, too, but reading through that would go past the type's own Read.
func socketOf(nc net.Conn) syscall.RawConn {
	var raw syscall.RawConn
	var err error
	switch nc := nc.(type) {
	case *net.TCPConn:
		raw, err = nc.SyscallConn()
	case *net.UnixConn:
		raw, err = nc.SyscallConn()
	}
	if err != nil {
		return nil
	}
	return raw
}
