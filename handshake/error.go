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
	s := "handshake: " + requirements[e.Requirement].text
	between := ": "
	if e.Field != "" {
		s += between + clipped(e.Field, false)
		between = " "
	}
	switch {
	case IsSecret(e.Field):
		s += between + redacted
	case e.Value != "":
		s += between + clipped(e.Value, true)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
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

// clipped returns at most shownBytes of s, quoted if asked or needed.
func clipped(s string, quote bool) string {
	rest := ""
	if len(s) > shownBytes {
		s, rest = s[:shownBytes], "..."
	}
	if quote || s != "" && !IsToken(s) {
		s = strconv.QuoteToASCII(s)
	}
	return s + rest
}

// fault makes an *Error of a requirement, and the field and the value that break
// it. There are many places that do and none is hot: inlined, they would take a
// tenth of the package.
//
//go:noinline
func fault(r Requirement, field, value string) *Error {
	return &Error{Requirement: r, Field: field, Value: value}
}
