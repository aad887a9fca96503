package handshake

import "bytes"

// A Scanner finds the end of a head in bytes that arrive in pieces of any size,
// and looks at each byte once: a head that comes one byte at a time costs what
// it costs in one piece (CVE-2023-43669 was a parser that began again). It
// holds the Limits, and notices the first bytes of something that is not HTTP
// without waiting for a line end that may never come.
//
// A Scanner holds no bytes. It is for one head; assign a new one for the next.
type Scanner struct {
	// Limits are those of the head.
	Limits Limits
	// Response says that a response is expected, not a request.
	Response bool

	seen  int // buf[:seen] has been looked at
	line  int // where the current line begins
	lines int // complete lines, from the start line on; empty ones before it are not counted
}

// Scan takes all bytes of the head received so far (each call's buf begins
// with the bytes of the call before). It returns the length of the head, empty
// line included, or 0 if more bytes are needed. An error is an [*Error] for
// NotHTTP or for one of the limits.
func (s *Scanner) Scan(buf []byte) (n int, err error) {
	if s.lines == 0 && !s.mayBegin(buf[s.line:]) {
		return 0, s.failed(NotHTTP, buf)
	}
	maxHead, maxLine := s.Limits.headBytes(), s.Limits.lineBytes()
	window := buf[:min(len(buf), maxHead)]
	for {
		i := bytes.IndexByte(window[s.seen:], '\n')
		if i < 0 {
			s.seen = len(window)
			switch {
			case s.seen-s.line >= maxLine:
				return 0, s.lineTooLong(buf)
			case len(window) < len(buf) || len(window) == maxHead:
				return 0, s.failed(HeadTooLong, buf)
			}
			return 0, nil
		}
		end := s.seen + i
		if end+1-s.line > maxLine {
			return 0, s.lineTooLong(buf)
		}
		empty := end == s.line || end == s.line+1 && window[s.line] == '\r'
		s.seen, s.line = end+1, end+1
		switch {
		case !empty:
			s.lines++
		case s.lines > 0:
			return s.seen, nil
		case s.Response || !s.mayBegin(buf[s.line:]):
			return 0, s.failed(NotHTTP, buf)
		}
		if s.lines-1 > s.Limits.fields() {
			return 0, s.failed(TooManyFields, buf)
		}
	}
}

// mayBegin reports whether b, what is known of the start line, can be the
// beginning of a message: "HTTP/" for a response; a character of a method for a
// request, before which empty lines are skipped (RFC 9112 §2.2).
func (s *Scanner) mayBegin(b []byte) bool {
	const version = "HTTP/"
	switch {
	case len(b) == 0:
		return true
	case s.Response:
		return string(b[:min(len(b), len(version))]) == version[:min(len(b), len(version))]
	}
	return isTokenChar(b[0]) || b[0] == '\n' || b[0] == '\r' && (len(b) == 1 || b[1] == '\n')
}

func (s *Scanner) lineTooLong(buf []byte) error {
	if s.lines == 0 && !s.Response {
		return s.failed(TargetTooLong, buf)
	}
	return s.failed(LineTooLong, buf)
}

// failed shows the beginning of the line concerned.
//
//go:noinline
func (s *Scanner) failed(r Requirement, buf []byte) *Error {
	from := s.line
	if r == NotHTTP {
		from = 0
	}
	return &Error{Requirement: r, Value: string(buf[from:min(len(buf), from+shownBytes)]), Offset: from}
}
