package tls_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	wstls "github.com/octet-ws/octet/tls"
)

// script is a Tap that writes down what it sees.
type script []string

func (s *script) Sent(p wstls.Phase, b []byte)     { *s = append(*s, p.String()+" > "+string(b)) }
func (s *script) Received(p wstls.Phase, b []byte) { *s = append(*s, p.String()+" < "+string(b)) }

// duplex is a stream that is no net.Conn and takes three bytes at most.
type duplex struct {
	io.Reader
	closed bool
}

func (d *duplex) Write(p []byte) (int, error) {
	if len(p) > 3 {
		return 3, io.ErrShortWrite
	}
	return len(p), nil
}
func (d *duplex) Close() error { d.closed = true; return nil }

func TestTapSeesWhatPasses(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		w.Write([]byte("101"))
		w.Write([]byte("frame"))
		w.Close()
	}()
	var seen script
	stream := &duplex{Reader: r}
	s := wstls.TapStream(stream, &seen)
	buf := make([]byte, 16)

	s.Write([]byte("GET"))
	s.Read(buf)
	s.SetPhase(wstls.PhaseFrames)
	if n, err := s.Write([]byte("longer")); n != 3 || err != io.ErrShortWrite {
		t.Errorf("Write = %d, %v; want the stream's own 3 and its error", n, err)
	}
	s.Read(buf)
	if _, err := s.Read(buf); err != io.EOF {
		t.Errorf("Read = %v, want EOF", err)
	}
	s.Close()
	if !stream.closed {
		t.Error("Close did not reach the stream")
	}
	want := script{"handshake > GET", "handshake < 101", "frames > lon", "frames < frame"}
	if d := cmp.Diff(want, seen); d != "" {
		t.Errorf("the tap saw (-want +got)\n%s", d)
	}
	if _, ok := any(s).(interface{ SetReadDeadline(time.Time) error }); ok {
		t.Error("a tapped stream claims deadlines that the stream has not")
	}
}

func TestTapKeepsDeadlines(t *testing.T) {
	client, server := loopback(t)
	var seen script
	var c net.Conn = wstls.TapConn(client, &seen)
	if c.RemoteAddr() != client.RemoteAddr() {
		t.Error("the address is not the connection's")
	}
	c.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read after the deadline = %v", err)
	}
	c.SetReadDeadline(time.Time{})
	go io.WriteString(server, "x")
	if _, err := c.Read(make([]byte, 1)); err != nil {
		t.Errorf("Read after the deadline was taken back = %v", err)
	}
	if d := cmp.Diff(script{"handshake < x"}, seen); d != "" {
		t.Errorf("the tap saw (-want +got)\n%s", d)
	}
	c.Close()
	if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Close did not reach the connection: %v", err)
	}
}
