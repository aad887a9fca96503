package handshake

import "strconv"

// An Error says that a requirement of the handshake is broken, and by what.
// errors.Is(err, handshake.WrongAccept) holds for the one it names; it wraps
// Cause as well, so that os.ErrDeadlineExceeded or io.EOF are found.
type Error struct {
	Requirement Requirement
	// Field is the name of the field concerned as it stands in the head, or "".
	Field string
	// Value is what is wrong: the field's value, the start line, the status.
	Value string
	// Offset is the place of the fault, in bytes from the start of the head (of
	// the value, for values that were never in a head). Zero if it has none.
	Offset int
	// Cause is the error of the stream below, or nil.
	Cause error
}

// shownBytes bounds what messages quote of a peer's bytes.
const shownBytes = 120

// Error returns one line: what is wrong, the requirement, and the value,
// quoted and clipped. Values of fields that are secrets are left out.
func (e *Error) Error() string {
	b := make([]byte, 0, 160)
	b = append(b, "handshake: "...)
	b = append(b, e.Requirement.String()...)
	b = append(b, " ("...)
	b = append(b, e.Requirement.ID()...)
	b = append(b, ", "...)
	b = append(b, e.Requirement.Section()...)
	b = append(b, ')')
	if e.Field != "" || e.Value != "" {
		b = append(b, ": "...)
		b = appendClipped(b, e.Field, false)
		if e.Field != "" && e.Value != "" {
			b = append(b, ' ')
		}
		if IsSecret(e.Field) {
			b = append(b, redacted...)
		} else if e.Value != "" {
			b = appendClipped(b, e.Value, true)
		}
	}
	if e.Cause != nil {
		b = append(b, ": "...)
		b = append(b, e.Cause.Error()...)
	}
	return string(b)
}

// Unwrap returns the requirement and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Requirement}
	}
	return []error{e.Requirement, e.Cause}
}

// Timeout reports whether the time ran out, as net.Error has it.
func (e *Error) Timeout() bool { return e.Requirement == Silent }

// appendClipped appends at most shownBytes of s, quoted if asked or needed.
func appendClipped(dst []byte, s string, quote bool) []byte {
	clipped := len(s) > shownBytes
	if clipped {
		s = s[:shownBytes]
	}
	if quote || s != "" && !IsToken(s) {
		dst = strconv.AppendQuoteToASCII(dst, s)
	} else {
		dst = append(dst, s...)
	}
	if clipped {
		dst = append(dst, "..."...)
	}
	return dst
}

// fault makes an *Error of a requirement and the field that breaks it.
func fault(r Requirement, f Field) *Error {
	return &Error{Requirement: r, Field: f.Name, Value: f.Value}
}
