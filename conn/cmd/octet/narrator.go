package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
)

// A narrator writes what happens on a connection, for -v: "*" for events, ">"
// for what is sent and "<" for what is received. Secrets are left out of heads.
// Reading and writing happen at the same time, so each line is one Write.
type narrator struct {
	mu sync.Mutex
	w  io.Writer
}

func (n *narrator) say(format string, args ...any) {
	n.write(fmt.Appendf(nil, format+"\n", args...))
}

func (n *narrator) write(b []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.w.Write(b)
}

func (n *narrator) dialTrace() *ws.DialTrace {
	return &ws.DialTrace{
		Opened: func(c net.Conn, t ws.Timings) {
			n.say("* connected to %v in %v", c.RemoteAddr(), t.Total().Round(time.Microsecond))
			if c, ok := c.(*tls.Conn); ok {
				s := c.ConnectionState()
				alpn := s.NegotiatedProtocol
				if alpn == "" {
					alpn = "none"
				}
				n.say("* %s, %s, ALPN %s", tls.VersionName(s.Version), tls.CipherSuiteName(s.CipherSuite), alpn)
			}
		},
		Answered: func(r *handshake.Request, answers []*handshake.Response, t ws.Timings) {
			text := r.AppendText(nil, "> ", false)
			text = append(text, '>', '\n')
			for _, a := range answers {
				text = append(a.AppendText(text, "< ", false), '<', '\n')
			}
			n.write(text)
			n.say("* handshake took %v", t.Handshake.Round(time.Microsecond))
		},
	}
}

func (n *narrator) connTrace() *conn.Trace {
	return &conn.Trace{
		FrameSent:     func(h frame.Header) { n.frame(">", h) },
		FrameReceived: func(h frame.Header) { n.frame("<", h) },
		Phase: func(p conn.Phase, err error) {
			switch {
			case p == conn.PhaseOpen:
			case err != nil:
				n.say("* %v: %v", p, err)
			default:
				n.say("* %v", p)
			}
		},
	}
}

// frame writes one line such as "> text, 5 bytes" or "< continuation, 5 bytes,
// more follows".
func (n *narrator) frame(direction string, h frame.Header) {
	more := ""
	if !h.Fin {
		more = ", more follows"
	}
	n.say("%s %v, %d bytes%s", direction, h.Opcode, h.Length, more)
}
