// Package diagnose finds out why a server refuses an opening handshake: which
// difference between a head that is refused (the suspect) and one that is
// accepted (the control) matters.
//
// # Vocabulary
//
// A [Change] is one difference between two heads, said as what to do to the
// first: add or remove a field, change its value, its case, its place, its
// spacing. [Compare] finds them, and applies any combination of them. A cause
// is a set of changes that makes the suspect accepted, none of which can be
// left out; [Explain] searches for all causes with delta debugging: every test
// is one handshake with a head between suspect and control.
//
// # No input or output
//
// The package decides what to try and reads the outcome. What carries the
// attempts to a server is a [Prober]: a dialer in the octet command, a pure
// function in the tests. It knows neither net nor crypto/tls; the clock is used
// to pace attempts and to obey Retry-After.
package diagnose
