package ws

import (
	"crypto/tls"
	"net"
	"syscall"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

// tap puts t on nc, if there is one.
func tap(nc net.Conn, t wstls.Tap) (stream net.Conn, tapped *wstls.TappedConn) {
	if t == nil {
		return nc, nil
	}
	tapped = wstls.TapConn(nc, t)
	return tapped, tapped
}

// complete fills in what belongs to the one connection on nc. The options are a
// copy of the template; they are filled in where they are, so that they need
// not outlive the call of package conn.
func complete(o *conn.Options, nc net.Conn, tapped bool, res *handshake.Result) *conn.Options {
	o.Subprotocol, o.Buffered, o.Socket = res.Subprotocol, res.Buffered, conn.Socket{}
	if !tapped {
		o.Socket = conn.NewSocket(socketOf(nc))
	} else if _, ok := nc.(*tls.Conn); ok {
		o.FatalWriteTimeout = true // which conn could not see through the tap
	}
	return o
}

// socketOf returns the descriptor of nc if nc is a socket and nothing else. It
// must be of exactly these types: a type that embeds one of them has its
// SyscallConn, too, but reading through that would go past the type's own Read.
func socketOf(nc net.Conn) syscall.RawConn {
	var raw syscall.RawConn
	var err error
	switch nc := nc.(type) {
	case *net.TCPConn:
		raw, err = nc.SyscallConn()
	case *net.UnixConn:
		raw, err = nc.SyscallConn()
	}
	if err != nil {
		return nil
	}
	return raw
}
