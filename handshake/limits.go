package handshake

import "time"

// Limits bound what a peer can make this side hold and how long it can make it
// wait (X14, RFC 6455 §10.4). The zero value has safe defaults.
type Limits struct {
	// HeadBytes is the size of a head, empty line included.
	// If zero, the default of 32 KiB is used. If negative, no limit.
	HeadBytes int
	// LineBytes is the size of one line of a head, line end included.
	// If zero, the default of 16 KiB is used. If negative, no limit.
	LineBytes int
	// Fields is the number of field lines of a head.
	// If zero, the default of 128 is used. If negative, no limit.
	Fields int
	// BodyBytes is how much is kept of the body of an answer that is not 101;
	// the rest is not read. If zero, the default of 64 KiB is used.
	// If negative, no body is read.
	BodyBytes int
	// Timeout is the time for a whole handshake. If zero or negative, this
	// package sets no deadline: the one the caller has set on the stream holds
	// (net.Conn.SetDeadline), or none. If positive, [Client] and [Server] set
	// it through the stream's method SetDeadline(time.Time) error and remove it
	// afterwards; without such a method it is an error.
	Timeout time.Duration
}

const (
	defaultHeadBytes = 32 << 10
	defaultLineBytes = 16 << 10
	defaultFields    = 128
	defaultBodyBytes = 64 << 10

	unlimited = int(^uint(0) >> 1)
)

func (l Limits) headBytes() int { return limit(l.HeadBytes, defaultHeadBytes) }
func (l Limits) lineBytes() int { return limit(l.LineBytes, defaultLineBytes) }
func (l Limits) fields() int    { return limit(l.Fields, defaultFields) }

func (l Limits) bodyBytes() int {
	if l.BodyBytes < 0 {
		return 0
	}
	return limit(l.BodyBytes, defaultBodyBytes)
}

func limit(n, byDefault int) int {
	switch {
	case n == 0:
		return byDefault
	case n < 0:
		return unlimited
	}
	return n
}
