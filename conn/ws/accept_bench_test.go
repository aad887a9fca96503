package ws_test

import (
	"io"
	"net"
	"testing"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/handshake"
)

// BenchmarkAccept is one connection of a Listener: accept, opening handshake,
// handler, close; beside a floor that checks nothing. The client's part is in
// the figures of both.
func BenchmarkAccept(b *testing.B) {
	b.Run("listener", func(b *testing.B) {
		l, _ := listen(b, nil, func(c *conn.Conn, _ *handshake.Request) { c.Abort() })
		connect(b, l.Addr().String())
	})
	b.Run("floor", func(b *testing.B) {
		connect(b, tcp(b, func(c net.Conn) {
			c.Read(make([]byte, 1024))
			io.WriteString(c, accepted)
		}))
	})
}

// connect sends the request on one connection after the other and reads until
// the server closes.
func connect(b *testing.B, addr string) {
	head := []byte(request + "\r\n")
	buf := make([]byte, 1024)
	b.ReportAllocs()
	for b.Loop() {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		c.Write(head)
		for err == nil {
			_, err = c.Read(buf)
		}
		c.(*net.TCPConn).SetLinger(0) // no socket is left in TIME_WAIT
		c.Close()
	}
}
