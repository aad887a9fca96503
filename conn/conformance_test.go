package conn_test

import (
	"io"
	"testing"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/proto"
)

// echo serves a connection until it ends.
func echo(c *conn.Conn) {
	defer c.Close()
	for {
		t, p, err := c.NextMessage()
		if err != nil || c.WriteMessage(t, p) != nil {
			return
		}
	}
}

// echoStreams is echo by NextReader and NextWriter, in one frame each.
func echoStreams(c *conn.Conn) {
	defer c.Close()
	for {
		t, r, err := c.NextReader()
		if err != nil {
			return
		}
		p, err := io.ReadAll(r)
		if err != nil {
			return
		}
		m, _ := conn.NewPrepared(t, p)
		if c.WritePrepared(m) != nil {
			return
		}
	}
}

// endpoint makes an endpoint of the suite of a way to use a Conn.
func endpoint(serve func(*conn.Conn)) conntest.Endpoint {
	return func(role proto.Role, s conntest.Stream) {
		if role == proto.Client {
			serve(conn.Client(s, nil))
		} else {
			serve(conn.Server(s, nil))
		}
	}
}

func TestConformance(t *testing.T) {
	conntest.NoLeaks(t, "octet/conn.")
	t.Run("messages", func(t *testing.T) { conntest.Run(t, endpoint(echo)) })
	t.Run("streams", func(t *testing.T) { conntest.Run(t, endpoint(echoStreams)) })
	t.Run("strict", func(t *testing.T) { conntest.RunStrict(t, endpoint(echo)) })
}
