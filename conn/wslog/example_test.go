package wslog_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/conn/wslog"
	"github.com/octet-ws/octet/handshake"
)

// A server logs what becomes of its connections, each with the target it asked
// for.
func Example() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // so that the output is the same each time
			}
			return a
		},
	}))
	l, err := ws.Listen("tcp", "127.0.0.1:0", &ws.ListenOptions{Accept: ws.AcceptOptions{
		Trace: func(_ net.Conn, r *handshake.Request) *conn.Trace {
			return wslog.Trace(log.With("target", r.Target))
		},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	go l.Serve(func(c *conn.Conn, _ *handshake.Request) { c.NextMessage() })

	c, _, err := ws.Dial(context.Background(), "ws://"+l.Addr().String()+"/feed", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c.CloseWith(context.Background(), 1008, "that will do")
	l.Shutdown(context.Background())
	// Output:
	// level=INFO msg="connection open" target=/feed
	// level=INFO msg="connection closing" target=/feed
	// level=WARN msg="connection closed" target=/feed by=peer code=1008 reason="that will do"
}
