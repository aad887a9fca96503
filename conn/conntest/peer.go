package conntest

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn/proto"
)

// Stream is a transport with deadlines, as an [End] or a net.Conn is.
type Stream interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
}

// patience is how long a Peer waits for what it wants.
const patience = time.Minute

// Peer is the other side of a conversation with a connection under test: it
// says any frames and checks what comes back. Its sentences say what the
// connection is expected to do, and are what a failing test prints.
type Peer struct {
	t    testing.TB
	role proto.Role // the peer's own
	s    Stream
	in   []byte // read and not yet wanted
}

// NewPeer returns a Peer that talks over s, as a client or a server.
func NewPeer(t testing.TB, role proto.Role, s Stream) *Peer {
	return &Peer{t: t, role: role, s: s}
}

// Say sends frames in one write.
func (p *Peer) Say(frames ...Frame) {
	p.t.Helper()
	var b []byte
	for _, f := range frames {
		b = f.Append(b, p.role == proto.Client)
	}
	p.SayBytes(b)
}

// SayBytes sends any bytes in one write.
func (p *Peer) SayBytes(b []byte) {
	p.t.Helper()
	if _, err := p.s.Write(b); err != nil {
		p.t.Fatalf("peer cannot write: %v", err)
	}
}

// Want waits for frames, and fails the test with sentence if other ones come.
func (p *Peer) Want(sentence string, frames ...Frame) {
	p.t.Helper()
	for _, want := range frames {
		got, err := p.Next()
		if err != nil {
			p.t.Fatalf("%s: want %v, got %v", sentence, want, err)
		}
		if got != want {
			p.t.Fatalf("%s: want %v, got %v", sentence, want, got)
		}
	}
}

// WantEnd waits for the connection to be closed with nothing said before.
func (p *Peer) WantEnd(sentence string) {
	p.t.Helper()
	if f, err := p.Next(); err != io.EOF {
		p.t.Fatalf("%s: want the end, got %v, %v", sentence, f, err)
	}
}

// WantSilence fails the test if anything comes within d.
func (p *Peer) WantSilence(sentence string, d time.Duration) {
	p.t.Helper()
	p.s.SetReadDeadline(time.Now().Add(d))
	defer p.s.SetReadDeadline(time.Time{})
	if f, err := p.next(); !errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Fatalf("%s: want nothing, got %v, %v", sentence, f, err)
	}
}

// Next returns the next frame the connection sends. It fails the test if the
// frame is not masked as its sender must mask it (F1, F3).
func (p *Peer) Next() (Frame, error) {
	p.t.Helper()
	p.s.SetReadDeadline(time.Now().Add(patience))
	defer p.s.SetReadDeadline(time.Time{})
	return p.next()
}

func (p *Peer) next() (Frame, error) {
	p.t.Helper()
	for {
		if f, masked, n := parse(p.in); n > 0 {
			if masked == (p.role == proto.Client) {
				p.t.Fatalf("masked = %v in a frame from a %v: %v", masked, 1-p.role, f)
			}
			p.in = p.in[n:]
			return f, nil
		}
		var b [4096]byte
		n, err := p.s.Read(b[:])
		p.in = append(p.in, b[:n]...)
		if n == 0 && err != nil {
			if err == io.EOF && len(p.in) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return Frame{}, err
		}
	}
}

// Close ends the peer's transport.
func (p *Peer) Close() { p.s.Close() }
