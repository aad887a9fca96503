//go:build interop && unix

package interop

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/octet-ws/octet/frame"
)

// fragmenter listens in front of the server at url, a ws URL, and returns the
// URL to use in its place. What passes, either way, is cut: every data frame
// becomes three fragments, as RFC 6455 §5.4 allows an intermediary to do when
// no extension was negotiated. It lets a client take part in a fragmented
// conversation whose interface cannot fragment.
func fragmenter(t *testing.T, url string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		client, err := l.Accept()
		if err != nil {
			return // the test is over
		}
		defer client.Close()
		server, err := net.Dial("tcp", strings.TrimPrefix(url, "ws://"))
		if err != nil {
			t.Errorf("the fragmenter cannot reach %s: %v", url, err)
			return
		}
		defer server.Close()
		done := make(chan error, 1)
		go func() { done <- fragment(client, server) }()
		fragment(server, client)
		<-done
	}()
	return "ws://" + l.Addr().String()
}

// fragment copies one direction of a connection, head first.
func fragment(dst net.Conn, src net.Conn) error {
	defer dst.(*net.TCPConn).CloseWrite()
	r := bufio.NewReader(src)
	for line := ""; line != "\r\n"; {
		var err error
		if line, err = r.ReadString('\n'); err != nil {
			return err
		}
		if _, err = io.WriteString(dst, line); err != nil {
			return err
		}
	}
	for {
		h, payload, err := readFrame(r)
		if err != nil {
			return err
		}
		if _, err = dst.Write(cut(h, payload)); err != nil {
			return err
		}
	}
}

// readFrame reads one frame. The payload stays masked.
func readFrame(r *bufio.Reader) (h frame.Header, payload []byte, err error) {
	for size := 2; ; size++ {
		b, err := r.Peek(size)
		if err != nil {
			return h, nil, err
		}
		h, n, err := frame.ParseHeader(b)
		if err != nil {
			return h, nil, err
		}
		if n > 0 {
			r.Discard(n)
			payload = make([]byte, h.Length)
			_, err = io.ReadFull(r, payload)
			return h, payload, err
		}
	}
}

// cut writes a frame as three. The parts begin at multiples of four octets, so
// that each is masked right by the key of the whole.
func cut(h frame.Header, payload []byte) []byte {
	if h.Opcode.IsControl() {
		return append(h.Append(nil), payload...)
	}
	third := len(payload) / 3 &^ 3
	parts := [][]byte{payload[:third], payload[third : 2*third], payload[2*third:]}
	var out []byte
	for i, part := range parts {
		f := h
		f.Length = int64(len(part))
		f.Fin = h.Fin && i == len(parts)-1
		if i > 0 {
			f.Opcode = frame.Continuation
		}
		out = append(f.Append(out), part...)
	}
	return out
}
