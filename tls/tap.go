package tls

import (
	"io"
	"net"
	"sync/atomic"
)

// Phase says what a connection was doing when bytes passed a tap.
type Phase uint8

const (
	// PhaseHandshake is the opening handshake: a head in each direction.
	PhaseHandshake Phase = iota
	// PhaseFrames is everything after it.
	PhaseFrames
)

// String returns "handshake" or "frames".
func (p Phase) String() string {
	if p == PhaseHandshake {
		return "handshake"
	}
	return "frames"
}

// A Tap sees the bytes of one connection as the endpoint does: above TLS,
// below frames.
//
// Sent is called with what the transport has accepted, before Write returns;
// Received with what was read, before Read returns. Neither may keep or change
// p. One goroutine reads and one writes at a time, so each method runs once at
// a time, but both may run at once.
//
// The phase is the one at the time of the call. What a peer sends right behind
// its head can be read together with it, and is then part of a call in
// PhaseHandshake.
type Tap interface {
	Sent(phase Phase, p []byte)
	Received(phase Phase, p []byte)
}

// TapStream returns rwc with t on it. What rwc can do besides reading, writing
// and closing is not reachable through the result; for a net.Conn, whose
// deadlines matter, use TapConn.
func TapStream(rwc io.ReadWriteCloser, t Tap) *TappedStream {
	return &TappedStream{rwc: rwc, tap: t}
}

// A TappedStream passes bytes on unchanged and shows them to its Tap.
type TappedStream struct {
	rwc   io.ReadWriteCloser
	tap   Tap
	phase atomic.Uint32
}

// SetPhase sets the phase that the tap is told from now on. It begins as
// PhaseHandshake.
func (s *TappedStream) SetPhase(p Phase) { s.phase.Store(uint32(p)) }

// Read reads from the tapped stream.
func (s *TappedStream) Read(p []byte) (int, error) {
	n, err := s.rwc.Read(p)
	if n > 0 {
		s.tap.Received(Phase(s.phase.Load()), p[:n])
	}
	return n, err
}

// Write writes to the tapped stream.
func (s *TappedStream) Write(p []byte) (int, error) {
	n, err := s.rwc.Write(p)
	if n > 0 {
		s.tap.Sent(Phase(s.phase.Load()), p[:n])
	}
	return n, err
}

// Close closes the tapped stream.
func (s *TappedStream) Close() error { return s.rwc.Close() }

// TapConn returns c with t on it. Deadlines and addresses are c's own.
func TapConn(c net.Conn, t Tap) *TappedConn {
	return &TappedConn{Conn: c, TappedStream: TappedStream{rwc: c, tap: t}}
}

// A TappedConn is a TappedStream that is a net.Conn.
type TappedConn struct {
	net.Conn
	TappedStream
}

// Read reads from the tapped connection.
func (c *TappedConn) Read(p []byte) (int, error) { return c.TappedStream.Read(p) }

// Write writes to the tapped connection.
func (c *TappedConn) Write(p []byte) (int, error) { return c.TappedStream.Write(p) }

// Close closes the tapped connection.
func (c *TappedConn) Close() error { return c.Conn.Close() }
