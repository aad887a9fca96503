package handshake

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"
)

// A Result is an opening handshake that succeeded.
type Result struct {
	// Request is the request: as sent by a client, as received by a server.
	Request *Request
	// Response is the 101 a client received. It is nil on a server.
	Response *Response
	// Interim are the 1xx answers a client received before it (T8).
	Interim []*Response
	Agreement
	// Buffered are the bytes that arrived behind the head: the first frames of
	// the peer, which may send them at once (S24). The caller owns them and must
	// read them before the stream.
	Buffered []byte
	Timings  Timings
}

// Timings say how long a client waited, from the call on. Zero: it did not
// happen.
type Timings struct {
	Sent      time.Duration // the request was written
	FirstByte time.Duration // the first byte of the answer came
	Answer    time.Duration // the answer's head was complete
}

// Exchange sends the request of o and checks the answer as Client does, for those
// who have no request of their own and a program that has to be small: what only
// serves to report a refusal is left out. The error is the [*Error] alone, whose
// Value is the status line for NotSwitching; no body is read, Timings are zero, and of
// Request there is Raw.
func (o *Offer) Exchange(rw io.ReadWriter, lim Limits) (*Result, error) {
	key := o.Key
	if key == "" {
		key = NewKey()
	}
	head, err := o.head(key)
	if err != nil {
		return nil, err
	}
	if err := lim.start(rw); err != nil {
		return nil, err
	}
	defer lim.stop(rw)
	if _, err := rw.Write([]byte(head)); err != nil {
		return nil, broken(err)
	}
	res := new(Result)
	res.Request = &Request{Raw: head}
	var in headReader
	in.r = rw
	res.Response, err = in.answer(&lim, &res.Interim)
	if err == nil {
		res.Buffered = in.buf
		err = o.check(res.Response, key, &res.Agreement)
	}
	if err != nil {
		return nil, err
	}
	return res, nil
}

// Client sends the request and reads the answer. Nothing else is sent (C23). It
// fails before the first byte if the request is not legal, with the [*Error] of
// Request.Append; every other failure is a [*RefusedError] that holds both heads.
//
// The answer is checked against offer; if nil, against what the request offers.
// Client does not close rw: after an error the caller must. To bound the time,
// set a deadline on rw or Limits.Timeout; to cancel, close rw or move its deadline.
// For the body of a refusal that does not state its length, Client sets a read
// deadline of its own, one second ahead, if rw has deadlines.
func Client(rw io.ReadWriter, r *Request, offer *Offer, lim Limits) (*Result, error) {
	head, err := r.Append(nil)
	if err != nil {
		return nil, err
	}
	sent := *r
	sent.Raw = string(head)
	if offer == nil {
		offer = OfferOf(r)
	}
	return client(rw, &sent, head, offer, lim)
}

// ClientRaw is as Client, but sends head as it is, unchecked: whatever it is, it
// is what the server gets. Use Client unless that is what you want.
func ClientRaw(rw io.ReadWriter, head []byte, offer *Offer, lim Limits) (*Result, error) {
	r, n, _ := ParseRequest(head, Limits{HeadBytes: -1, LineBytes: -1, Fields: -1})
	if n == 0 {
		r = &Request{}
	}
	r.Raw = string(head)
	if offer == nil {
		offer = OfferOf(r)
	}
	return client(rw, r, head, offer, lim)
}

// client sends head, which r has, and checks the answer against offer.
func client(rw io.ReadWriter, r *Request, head []byte, offer *Offer, lim Limits) (*Result, error) {
	start := time.Now()
	if err := lim.start(rw); err != nil {
		return nil, err
	}
	defer lim.stop(rw)
	e := &RefusedError{Request: r, Phase: PhaseWrite}
	if _, err := rw.Write(head); err != nil {
		e.Err = broken(err)
		// A server may answer and close before it has read everything.
		if !isTimeout(err) {
			e.read(rw, start, lim)
		}
		return nil, e
	}
	e.Timings.Sent = time.Since(start)
	buffered, ok := e.read(rw, start, lim)
	if !ok {
		return nil, e
	}
	e.Phase = PhaseCheck
	key := offer.Key
	if key == "" {
		key = r.Fields.Get(fieldKey)
	}
	res := &Result{Request: r, Response: e.Response, Interim: e.Interim, Buffered: buffered, Timings: e.Timings}
	if e.Err = offer.check(e.Response, key, &res.Agreement); e.Err != nil {
		return nil, e
	}
	return res, nil
}

// broken names an error of the stream. It is not inlined for the reason that fault
// is not.
//
//go:noinline
func broken(err error) *Error { return &Error{Requirement: Transport, Cause: err} }

// read reads the answer, and the body if it is not 101. It fills in e; ok says
// that a 101 has come, with buffered behind it.
func (e *RefusedError) read(rw io.Reader, start time.Time, lim Limits) (buffered []byte, ok bool) {
	in := headReader{r: rw}
	r, err := in.answer(&lim, &e.Interim)
	if !in.first.IsZero() {
		e.Timings.FirstByte = in.first.Sub(start)
	}
	if r == nil {
		if e.Err == nil || len(in.buf) > 0 { // else the error of the write says more
			e.Phase, e.Err = PhaseAnswer, err
			e.Received = in.buf[:min(len(in.buf), max(lim.bodyBytes(), shownBytes))]
		}
		return nil, false
	}
	e.Phase, e.Response = PhaseAnswer, r
	e.Timings.Answer = time.Since(start)
	if err == nil {
		return in.buf, true
	}
	e.Err = err
	if r.Status >= 200 {
		r.Body, r.BodyCut = readBody(r, &in, lim)
	}
	return nil, false
}

// Server reads a request, has c decide on it and answers. A request that is
// refused has been answered when Server returns (X19): the error is an [*Error] for a
// requirement the client broke, the error of Chooser.Decide, or an [*Error] for
// NoAnswer, CutShort, Silent or Transport if no complete head came. The result
// is never nil: after a refusal it holds the request as far as it was read.
//
// Server does not close rw: after an error the caller must, or reads on a broken
// stream. To bound the time, set a deadline on rw or Limits.Timeout. A client
// that was too slow is told so (408): for that, Server sets a write deadline of
// its own, one second ahead, if rw has deadlines.
//
// A program that serves many handshakes should link crypto/sha1, as all do that
// link crypto/tls or net/http: the digest that this package has without it is made
// to be small, and takes 0.3 µs more for each.
func Server(rw io.ReadWriter, c *Chooser, lim Limits) (*Result, error) {
	if err := lim.start(rw); err != nil {
		return new(Result), err
	}
	defer lim.stop(rw)
	buf := headBuffers.Get().(*[]byte)
	in := headReader{r: rw, buf: *buf}
	defer func() {
		if cap(in.buf) <= maxPooledHead {
			*buf = in.buf[:0]
			headBuffers.Put(buf)
		}
	}()
	n, err := in.head(&lim, false)
	if err != nil {
		if e := err.(*Error); len(in.buf) > 0 && e.Requirement != Transport {
			refuse(rw, err)
		}
		return &Result{Request: &Request{Raw: string(in.buf)}}, err
	}
	res := newResult()
	_, err = res.Request.parse(string(in.buf[:n]), lim)
	var offer Offer
	if err == nil {
		err = offer.Parse(res.Request)
	}
	var answer Answer
	if err == nil {
		answer, err = c.Answer(res.Request, &offer)
	}
	if len(in.buf) > n {
		res.Buffered = bytes.Clone(in.buf[n:])
	}
	out := in.buf[:0] // the request is a copy
	if err == nil {
		out, err = answer.Append(out, offer.Key)
	}
	if err != nil {
		refuse(rw, err)
		return res, err
	}
	in.buf = out
	if _, err := rw.Write(out); err != nil {
		return res, broken(err)
	}
	res.Agreement = answer.Agreement
	return res, nil
}

// newResult returns a Result whose Request has room for the fields of an ordinary
// one, all in one allocation.
func newResult() *Result {
	box := new(struct {
		Result
		request requestBox
	})
	box.request.Fields, box.Request = box.request.room[:0], &box.request.Request
	return &box.Result
}

// headBuffers has the buffers that Server reads heads to, and answers from.
var headBuffers = sync.Pool{New: func() any {
	buf := make([]byte, 0, headRoom)
	return &buf
}}

// maxPooledHead is the largest buffer that is kept.
const maxPooledHead = 4 << 10

// refuse writes the answer to a refused request. An error of the write adds
// nothing to the one that is being answered.
func refuse(w io.Writer, err error) {
	r := Refuse(err)
	r.Fields.Add("Date", time.Now().UTC().Format(httpDate))
	if e, ok := err.(*Error); ok && e.Requirement == Silent { // the deadline may have been for both directions
		if d, ok := w.(interface{ SetWriteDeadline(time.Time) error }); ok {
			d.SetWriteDeadline(time.Now().Add(answerPatience))
		}
	}
	w.Write(appendRefusal(nil, r))
}

// answerPatience is how long a client that was too slow may take to be told so.
const answerPatience = time.Second

// httpDate is the IMF-fixdate of RFC 9110 §5.6.7.
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// start sets the deadline that Timeout asks for, and stop removes it.
func (l *Limits) start(rw io.ReadWriter) error {
	if l.Timeout <= 0 {
		return nil
	}
	return setDeadline(rw, time.Now().Add(l.Timeout))
}

func (l *Limits) stop(rw io.ReadWriter) {
	if l.Timeout > 0 {
		setDeadline(rw, time.Time{})
	}
}

// setDeadline sets the deadline of a stream that has one.
func setDeadline(rw io.ReadWriter, t time.Time) error {
	d, ok := rw.(interface{ SetDeadline(time.Time) error })
	if !ok {
		return errNoDeadline
	}
	if err := d.SetDeadline(t); err != nil {
		return broken(err)
	}
	return nil
}

var errNoDeadline = errors.New("handshake: Limits.Timeout is set, but the stream has no SetDeadline method")

// headReader reads heads from a stream, one after the other.
//
//	buf[:scan.seen] has been scanned, buf[scan.seen:] not yet
type headReader struct {
	r     io.Reader
	buf   []byte
	scan  Scanner
	first time.Time // when the first byte of a response came
}

// headRoom is the first size of the buffer: most heads fit, and a server's
// waiting connections hold no more.
const headRoom = 1024

// maxInterim is how many 1xx answers a client skips.
const maxInterim = 16

// answer reads heads until one is final, and appends those before it to interim.
// buf then begins with what is behind it. The error is an *Error, for all but a
// 101; without a response, no complete head has come.
func (in *headReader) answer(lim *Limits, interim *[]*Response) (*Response, error) {
	for {
		n, err := in.head(lim, true)
		if err != nil {
			return nil, err
		}
		r, err := parseResponse(string(in.buf[:n]))
		in.buf = in.buf[n:]
		var broken Requirement
		switch {
		case r.Status >= 200:
			broken = NotSwitching
		case err != nil:
			return r, err
		case r.Status == 101:
			return r, nil
		case len(*interim) == maxInterim:
			broken = TooManyInterim
		}
		if broken != 0 {
			return r, fault(broken, "", statusLine(r))
		}
		*interim = append(*interim, r)
	}
}

// head reads until buf begins with a complete head, and returns its length. The
// error is an *Error.
func (in *headReader) head(lim *Limits, response bool) (int, error) {
	in.scan = Scanner{Limits: *lim, Response: response}
	for empty := 0; ; {
		if len(in.buf) > 0 {
			if n, err := in.scan.Scan(in.buf); n > 0 || err != nil {
				return n, err
			}
		}
		n, err := in.fill()
		switch {
		case n > 0:
			empty = 0
		case err == nil:
			if empty++; empty == maxEmptyReads {
				err = io.ErrNoProgress
			}
		}
		if n == 0 && err != nil {
			return 0, in.lost(err)
		}
	}
}

// maxEmptyReads is as in bufio: so many reads without byte or error are a fault.
const maxEmptyReads = 100

// fill reads once, into room it makes if there is none.
func (in *headReader) fill() (int, error) {
	if len(in.buf) == cap(in.buf) {
		grown := make([]byte, len(in.buf), max(headRoom, 2*cap(in.buf)))
		copy(grown, in.buf)
		in.buf = grown
	}
	n, err := in.r.Read(in.buf[len(in.buf):cap(in.buf)])
	in.buf = in.buf[:len(in.buf)+n]
	if n > 0 && in.scan.Response && in.first.IsZero() {
		in.first = time.Now()
	}
	return n, err
}

// lost names how a stream ended before the head was complete.
func (in *headReader) lost(err error) *Error {
	e := broken(err)
	e.Value = string(in.buf[:min(len(in.buf), shownBytes)])
	switch {
	case isTimeout(err):
		e.Requirement = Silent
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
	case len(in.buf) == 0 && in.first.IsZero():
		e.Requirement = NoAnswer
	default:
		e.Requirement = CutShort
	}
	return e
}

// isTimeout goes by the method that os.ErrDeadlineExceeded and net.Error have. It
// is a loop because errors.As would link reflection into a client that is to be
// small: 24 KB, a hundredth of such a program.
func isTimeout(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if t, ok := err.(interface{ Timeout() bool }); ok {
			return t.Timeout()
		}
	}
	return false
}
