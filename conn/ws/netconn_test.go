package ws_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
)

// pair returns both ends of a connection; the server's is closed with the test.
func pair(t *testing.T) (client, server *conn.Conn) {
	t.Helper()
	servers, done := make(chan *conn.Conn), make(chan struct{})
	_, url := listen(t, nil, func(c *conn.Conn, _ *handshake.Request) {
		servers <- c
		<-done
	})
	t.Cleanup(func() { close(done) }) // before the listener's own
	client, _, err := ws.Dial(soon(t), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Abort() })
	return client, <-servers
}

// A stream of bytes goes both ways, however messages cut it.
func TestNetConnIsAStream(t *testing.T) {
	a, b := pair(t)
	near, far := ws.NetConn(a, conn.Binary), ws.NetConn(b, conn.Binary)
	sent := make([]byte, 200<<10)
	for i := range sent {
		sent[i] = byte(i * 7)
	}
	go func() {
		for rest := sent; len(rest) > 0; {
			n := min(len(rest), 1+len(rest)/3)
			near.Write(rest[:n])
			near.Write(nil) // an empty message is no end
			rest = rest[n:]
		}
		near.Close()
	}()
	var got bytes.Buffer
	buf := make([]byte, 999)
	for {
		n, err := far.Read(buf)
		got.Write(buf[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			t.Fatal("Read returned nothing and no error")
		}
	}
	if !bytes.Equal(got.Bytes(), sent) {
		t.Errorf("%d bytes arrived of %d, or others", got.Len(), len(sent))
	}
	far.Close()
}

func TestNetConnEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*conn.Conn)
		want func(error) bool
	}{
		{"a normal Close", func(c *conn.Conn) { c.CloseWith(t.Context(), frame.CloseNormal, "") }, func(err error) bool { return err == io.EOF }},
		{"a server going away", func(c *conn.Conn) { c.CloseWith(t.Context(), frame.CloseGoingAway, "") }, func(err error) bool { return err == io.EOF }},
		{"a Close without a code", func(c *conn.Conn) { c.CloseWith(t.Context(), frame.CloseNoStatus, "") }, func(err error) bool { return err == io.EOF }},
		{"a Close with a complaint", func(c *conn.Conn) { c.CloseWith(t.Context(), frame.ClosePolicyViolation, "") }, func(err error) bool { return conn.CloseCode(err) == frame.ClosePolicyViolation }},
		{"a lost connection", func(c *conn.Conn) { c.Abort() }, func(err error) bool { return err != io.EOF && conn.CloseCode(err) == frame.CloseAbnormal }},
	} {
		a, b := pair(t)
		go tt.end(b)
		near := ws.NetConn(a, conn.Binary)
		near.SetDeadline(time.Now().Add(patience))
		if n, err := near.Read(make([]byte, 1)); n != 0 || err == nil || !tt.want(err) {
			t.Errorf("%s: Read = %d, %v", tt.name, n, err)
		}
		near.Close()
	}
}

func TestNetConnDeadlinesAndAddresses(t *testing.T) {
	a, b := pair(t)
	near, far := ws.NetConn(a, conn.Text), ws.NetConn(b, conn.Text)
	near.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read after the deadline = %v", err)
	}
	near.SetReadDeadline(time.Now().Add(patience))
	far.Write([]byte("x"))
	if n, err := near.Read(make([]byte, 4)); n != 1 || err != nil {
		t.Errorf("Read after a new deadline = %d, %v", n, err)
	}
	if near.LocalAddr().String() != far.RemoteAddr().String() || near.RemoteAddr().String() != far.LocalAddr().String() {
		t.Error("the addresses of the two ends do not belong together")
	}

	// A transport without addresses, and without deadlines.
	p, q := net.Pipe()
	defer q.Close()
	bare := ws.NetConn(conn.Client(struct{ io.ReadWriteCloser }{p}, nil), conn.Binary)
	if bare.LocalAddr().Network() != "websocket" || bare.RemoteAddr().String() != "websocket" {
		t.Errorf("addresses %v and %v", bare.LocalAddr(), bare.RemoteAddr())
	}
	p.Close()
	bare.Close()
}
