package inprocess

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
)

// stream is a connection in memory. What is read from it is the same frame
// again and again, each Read stopping at the end of a frame as a socket does
// whose peer waits for an answer; what is written to it is counted and gone.
// A client finds a server behind it that answers its handshake first.
type stream struct {
	frame []byte
	at    int // bytes of the frame that have been read
	left  int // frames until io.EOF

	head     []byte        // the request as far as written; nil when there is none to come
	upgraded chan struct{} // closed when answer is there, for a client
	answer   []byte        // as far as not read; nil before it is there

	written int64
	sink    func([]byte) // if not nil, sees what is written
}

// serverStream is for a server: frames are masked and no handshake is due.
func serverStream(m message) *stream { return &stream{frame: m.frame(true), answer: []byte{}} }

// clientStream is for a client that has yet to send its request.
func clientStream(m message) *stream {
	return &stream{frame: m.frame(false), head: []byte{}, upgraded: make(chan struct{})}
}

// upgrade takes the handshake as done, for endpoints that start behind it.
func (s *stream) upgrade() { s.head, s.answer = nil, []byte{} }

func (s *stream) Read(p []byte) (int, error) {
	if s.answer == nil {
		<-s.upgraded
	}
	if len(s.answer) > 0 {
		n := copy(p, s.answer)
		s.answer = s.answer[n:]
		return n, nil
	}
	if s.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.frame[s.at:])
	s.at += n
	if s.at == len(s.frame) {
		s.at = 0
		s.left--
	}
	return n, nil
}

func (s *stream) Write(p []byte) (int, error) {
	if s.head != nil {
		return s.handshake(p)
	}
	s.written += int64(len(p))
	if s.sink != nil {
		s.sink(p)
	}
	return len(p), nil
}

func (s *stream) handshake(p []byte) (int, error) {
	s.head = append(s.head, p...)
	if !bytes.Contains(s.head, []byte("\r\n\r\n")) {
		return len(p), nil
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(s.head)))
	if err != nil {
		return 0, err
	}
	s.answer = floor.AppendAnswer(nil, []byte(r.Header.Get("Sec-WebSocket-Key")))
	s.head = nil
	close(s.upgraded)
	return len(p), nil
}

func (s *stream) Close() error                     { return nil }
func (s *stream) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }
func (s *stream) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 50000} }
func (s *stream) SetDeadline(time.Time) error      { return nil }
func (s *stream) SetReadDeadline(time.Time) error  { return nil }
func (s *stream) SetWriteDeadline(time.Time) error { return nil }

// message is what the streams carry.
type message struct {
	payload []byte
	text    bool
}

func newMessage(n int, text bool) message {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte('!' + i%90)
	}
	return message{p, text}
}

func (m message) frame(masked bool) []byte {
	h := floor.Header{First: 0x82, Length: len(m.payload)}
	if m.text {
		h.First = 0x81
	}
	p := bytes.Clone(m.payload)
	if masked {
		h.Masked, h.Key = true, [4]byte{0x12, 0x34, 0x56, 0x78}
		floor.Mask(p, h.Key)
	}
	return append(h.Append(nil), p...)
}

// hijack is a request inside net/http whose connection is s, for libraries
// that upgrade there.
func hijack(s *stream) (http.ResponseWriter, *http.Request) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &responseWriter{s, http.Header{}}, r
}

// request is the opening handshake that every server gets.
var request = []byte("GET /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://127.0.0.1\r\n\r\n")

type responseWriter struct {
	s *stream
	h http.Header
}

func (w *responseWriter) Header() http.Header         { return w.h }
func (w *responseWriter) Write(p []byte) (int, error) { return w.s.Write(p) }
func (w *responseWriter) WriteHeader(int)             {}

// Hijack gives buffers of the size that net/http's server has.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.s, bufio.NewReadWriter(bufio.NewReaderSize(w.s, 4096), bufio.NewWriterSize(w.s, 4096)), nil
}
