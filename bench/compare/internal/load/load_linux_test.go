package load

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
)

// server upgrades each connection and gives it to serve with its reader.
func server(t *testing.T, serve func(net.Conn, *bufio.Reader)) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReaderSize(c, 1<<20)
				req, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				c.Write(floor.AppendAnswer(nil, []byte(req.Header.Get("Sec-WebSocket-Key"))))
				serve(c, r)
			}()
		}
	}()
	return ln.Addr().String()
}

// echo answers frame by frame; spoil may change an answer.
func echo(spoil func(i int, answer []byte) []byte) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, r *bufio.Reader) {
		var b []byte
		for i := 0; ; {
			start, end, _ := floor.Echo(b)
			if end == 0 {
				chunk := make([]byte, 64<<10)
				n, err := r.Read(chunk)
				if err != nil {
					return
				}
				b = append(b, chunk[:n]...)
				continue
			}
			if _, err := c.Write(spoil(i, b[start:end])); err != nil {
				return
			}
			b = b[end:]
			i++
		}
	}
}

func faithful(_ int, answer []byte) []byte { return answer }

func TestRunCountsWhatIsAnswered(t *testing.T) {
	addr := server(t, echo(faithful))
	for _, sh := range []Shape{{Size: 0, Depth: 1}, {Size: 125, Depth: 16}, {Size: 300, Depth: 2, Text: true}, {Size: 1 << 20, Depth: 4}} {
		l, err := Dial(addr, 3, sh)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // what one Run leaves behind must not disturb the next
			n, err := l.Run(time.Minute, 4)
			if want := int64(3 * 4 * sh.Depth); n != want || err != nil {
				t.Errorf("%+v: Run = %d, %v; want %d messages", sh, n, err, want)
			}
		}
		l.Close()
	}
}

func TestRunEndsWithItsTime(t *testing.T) {
	l, err := Dial(server(t, echo(faithful)), 2, Shape{Size: 1, Depth: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// The first answer comes after the deadline: it is awaited, and is the last.
	if n, err := l.Run(0, 0); n != 2 || err != nil {
		t.Errorf("Run = %d, %v; want one message a connection", n, err)
	}
}

func TestWrongAnswersAreErrors(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(int, []byte) []byte
		want  string
	}{
		{"a changed byte", func(_ int, b []byte) []byte { b[len(b)-1] ^= 1; return b }, "differs"},
		{"another opcode", func(_ int, b []byte) []byte { b[0] = 0x81; return b }, "differs"},
		{"an answer twice", func(_ int, b []byte) []byte { return append(b[:len(b):len(b)], b...) }, ""},
		{"a Close", func(int, []byte) []byte { return []byte{0x88, 0} }, "differs"},
	}
	for _, tt := range tests {
		l, err := Dial(server(t, echo(tt.spoil)), 1, Shape{Size: 10, Depth: 3})
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Run(time.Minute, 3)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
		l.Close()
	}
}

func TestRefusedUpgrades(t *testing.T) {
	tests := []struct{ name, answer, want string }{
		{"another status", "HTTP/1.1 400 Bad Request\r\n\r\n", "no upgrade"},
		{"a wrong accept value", "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", "no upgrade"},
		{"no end", "HTTP/1.1 101 Switching Protocols\r\n", "closed within"},
		{"too long", "HTTP/1.1 101 " + strings.Repeat("x", 4000), "longer than"},
		{"bytes behind", string(floor.AppendAnswer(nil, []byte(key))) + "x", "behind the 101"},
	}
	for _, tt := range tests {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			c.Read(make([]byte, 1024))
			io.WriteString(c, tt.answer)
		}()
		err = Upgrades(ln.Addr().String(), 1, 1)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
		ln.Close()
	}
}

func TestReceive(t *testing.T) {
	frame := []byte("\x82\x03abc")
	begin := make(chan struct{})
	addr := server(t, func(c net.Conn, r *bufio.Reader) {
		<-begin
		c.Write(frame)
		c.Write(frame)
		io.Copy(io.Discard, r)
	})
	l, err := Dial(addr, 3, Shape{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	close(begin)
	if err := l.Receive(append(frame, frame...)); err != nil {
		t.Error(err)
	}
}

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{"192.0.2.1:80", "[::1]:80", "localhost:80"} {
		if _, err := Dial(addr, 1, Shape{}); err == nil {
			t.Errorf("load was sent to %s", addr)
		}
	}
}
