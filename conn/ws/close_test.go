package ws_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
	"github.com/octet-ws/octet/tls/tlstest"
)

// A client that breaks the protocol and goes on sending reads why the connection
// has failed, and then its end: never a reset in front of it, over TCP or TLS
// (K1).
func TestNoResetBeforeCloseIsRead(t *testing.T) {
	root := tlstest.NewRoot(t)
	server := (&wstls.ServerConfig{Certificates: []tls.Certificate{root.Leaf("127.0.0.1")}}).Config()
	for name, conf := range map[string]*tls.Config{"TCP": nil, "TLS": server} {
		t.Run(name, func(t *testing.T) {
			ends := make(chan error, 1)
			l, _ := listen(t, &ws.ListenOptions{Accept: ws.AcceptOptions{TLS: conf}}, func(c *conn.Conn, _ *handshake.Request) {
				_, _, err := c.NextMessage()
				ends <- err
			})
			var c net.Conn
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			if conf != nil {
				c = tls.Client(c, &tls.Config{RootCAs: root.Pool(), ServerName: "127.0.0.1"})
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			io.WriteString(c, request+"\r\n")
			if _, err := io.ReadFull(c, make([]byte, len(accepted))); err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, "\x80\x80\x00\x00\x00\x00") // continues nothing
			if err := <-ends; !errors.Is(err, frame.RuleOrphan) {
				t.Errorf("the handler reads %v", err)
			}
			junk := strings.Repeat("junk", 1<<18)
			for range 8 {
				if _, err := io.WriteString(c, junk); err != nil {
					t.Fatalf("sending on: %v", err)
				}
			}
			c.(interface{ CloseWrite() error }).CloseWrite()
			got, err := io.ReadAll(c)
			if err != nil || !strings.HasPrefix(string(got), "\x88") || !strings.HasPrefix(string(got[2:]), "\x03\xea") {
				t.Errorf("the client reads %q, %v; want a Close with 1002 and the end", got, err)
			}
		})
	}
}
