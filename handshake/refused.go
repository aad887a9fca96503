package handshake

import (
	"strconv"
	"strings"
)

// A Phase is how far a handshake had come when it failed. This package reaches
// the last three; the others are for those who open the connection.
type Phase uint8

const (
	PhaseResolve Phase = iota + 1 // looking up the host
	PhaseConnect                  // opening the connection
	PhaseProxy                    // asking a proxy for a tunnel
	PhaseTLS                      // the TLS handshake
	PhaseWrite                    // sending the request
	PhaseAnswer                   // reading the answer
	PhaseCheck                    // checking a 101
)

// String returns the phase's name: "resolve", "connect", "proxy", "tls",
// "write", "answer" or "check".
func (p Phase) String() string {
	switch p {
	case PhaseResolve:
		return "resolve"
	case PhaseConnect:
		return "connect"
	case PhaseProxy:
		return "proxy"
	case PhaseTLS:
		return "tls"
	case PhaseWrite:
		return "write"
	case PhaseAnswer:
		return "answer"
	case PhaseCheck:
		return "check"
	}
	return "unknown"
}

// A RefusedError is a handshake that a client could not complete, with all that
// is known of it. Error is one line; Report shows both heads. Err, which it
// wraps, tells what was wrong, so that errors.Is(err, handshake.NotSwitching)
// and errors.As work:
//
//	NotSwitching               another status than 101: see Response
//	WrongAccept and the like   a 101 that breaks a rule
//	NotHTTP                    an answer that is not HTTP: see Received
//	NoAnswer                   the server closed without a byte
//	CutShort                   it closed within the head
//	Silent                     the deadline passed
//	Transport                  the stream failed otherwise
//
// Everything in it belongs to the caller. Request, Response and Received may
// hold secrets. A cookie the answer sets (C32) or a version it asks for (S26) are
// for the caller to act on.
type RefusedError struct {
	// Request is the request sent; its Raw is set.
	Request *Request
	// Response is the answer as received, with the beginning of its body, or nil
	// if no complete head came.
	Response *Response
	// Interim are the 1xx answers before it.
	Interim []*Response
	// Received is what came if it was no complete head, at most
	// Limits.BodyBytes of it.
	Received []byte
	Phase    Phase
	Timings  Timings
	// Hints say what the answer usually means and what to try. This package
	// leaves them empty; handshake/diagnose knows them.
	Hints []string
	// Err is what was wrong, usually an [*Error].
	Err error
}

// Error returns one line. For another status than 101 it has the status and the
// server's name, which often tells who answered.
func (e *RefusedError) Error() string {
	s := e.Err.Error()
	if e.Response != nil {
		if server := e.Response.Fields.Get("Server"); server != "" {
			s += ", Server: " + clipped(server, false)
		}
	}
	return s
}

// Unwrap returns Err.
func (e *RefusedError) Unwrap() error { return e.Err }

// Timeout reports whether the time ran out, as net.Error has it.
func (e *RefusedError) Timeout() bool { return isTimeout(e.Err) }

// Report returns several lines: the error, the request ("> ") and the answer
// ("< ") line by line, the body, and the hints. Control characters and bytes
// that are not ASCII are escaped, so that a hostile answer cannot drive a
// terminal. Values of fields that are secrets (see IsSecret) are left out
// unless asked for.
func (e *RefusedError) Report(secrets bool) string {
	b := append([]byte(e.Error()), '\n')
	if e.Request != nil {
		b = append(b, "\nrequest sent:\n"...)
		b = e.Request.AppendText(b, "> ", secrets)
	}
	for _, r := range e.Interim {
		b = append(b, "\ninterim answer:\n"...)
		b = r.AppendText(b, "< ", secrets)
	}
	switch {
	case e.Response != nil:
		b = append(b, "\nanswer received:\n"...)
		b = e.Response.AppendText(b, "< ", secrets)
	case len(e.Received) > 0:
		b = append(b, "\nbytes received:\n"...)
		b = appendText(b, "< ", string(e.Received))
	default:
		b = append(b, "\nno answer received\n"...)
	}
	for _, hint := range e.Hints {
		b = append(b, "\nhint: "...)
		b = append(b, hint...)
	}
	if len(e.Hints) > 0 {
		b = append(b, '\n')
	}
	return string(b)
}

// AppendText appends the head for people to read: each line behind prefix,
// escaped where it is not printable ASCII, secrets left out unless asked for.
func (r *Request) AppendText(dst []byte, prefix string, secrets bool) []byte {
	if len(r.Fields) == 0 && r.Method == "" { // nothing could be parsed
		return appendText(dst, prefix, r.Raw)
	}
	start := r.StartLine
	if start == "" {
		start = r.Method + " " + r.Target + " " + r.Proto
	}
	dst = appendText(dst, prefix, start)
	return appendFieldsText(dst, prefix, r.Fields, secrets)
}

// AppendText is as for a Request; the body kept follows the head.
func (r *Response) AppendText(dst []byte, prefix string, secrets bool) []byte {
	start := r.StartLine
	if start == "" {
		start = r.Proto + " " + statusLine(r)
	}
	dst = appendText(dst, prefix, start)
	dst = appendFieldsText(dst, prefix, r.Fields, secrets)
	if len(r.Body) > 0 {
		dst = appendText(dst, prefix, "\n"+string(r.Body))
	}
	if r.BodyCut {
		dst = append(append(dst, prefix...), "[...]\n"...)
	}
	return dst
}

func appendFieldsText(dst []byte, prefix string, fs Fields, secrets bool) []byte {
	name := "" // of the line before: a folded line belongs to it
	for _, f := range fs {
		if f.Name != "" {
			name = f.Name
		}
		if !secrets {
			f.Value = Redact(name, f.Value)
		}
		f.End = "\n"
		dst = appendText(dst, prefix, string(f.AppendRaw(nil)))
	}
	return dst
}

// appendText appends the lines of s, each behind prefix, escaped.
func appendText(dst []byte, prefix, s string) []byte {
	for s != "" {
		line, rest, _ := strings.Cut(s, "\n")
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			dst = append(dst, strings.TrimRight(prefix, " ")...)
		} else {
			dst = append(dst, prefix...)
		}
		dst = AppendEscaped(dst, line)
		dst = append(dst, '\n')
		s = rest
	}
	return dst
}

// AppendEscaped appends s with everything but printable ASCII and tabs escaped
// as in a Go string, so that it can be shown on a terminal.
func AppendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; ' ' <= c && c < 0x7f || c == '\t' {
			dst = append(dst, c)
		} else {
			quoted := strconv.AppendQuoteToASCII(nil, s[i:i+1])
			dst = append(dst, quoted[1:len(quoted)-1]...)
		}
	}
	return dst
}
