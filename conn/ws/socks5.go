package ws

import (
	"errors"
	"io"
	"net/netip"
	"strconv"
)

// The bytes of SOCKS version 5 (RFC 1928) that are used here.
const (
	socksVersion     = 5
	socksConnect     = 1
	socksIPv4        = 1
	socksName        = 3
	socksIPv6        = 4
	socksNoAuth      = 0
	socksPassword    = 2 // RFC 1929
	socksNoMethod    = 0xff
	socksSubVersion  = 1 // of the username/password exchange
	socksStringLimit = 255
)

// socks5 asks the SOCKS5 proxy at the other end of rw for a connection to
// host:port. A name is sent as a name: it is the proxy that resolves it. With
// a username or password, both methods are offered and the proxy chooses.
//
// Every read is exact, so that no byte of what follows the proxy's answer,
// the target's own, is taken from rw.
func socks5(rw io.ReadWriter, host, port, username, password string) error {
	target, err := appendSOCKSTarget([]byte{socksVersion, socksConnect, 0}, host, port)
	if err != nil {
		return err
	}

	auth := username != "" || password != ""
	greeting := []byte{socksVersion, 1, socksNoAuth}
	if auth {
		if len(username) == 0 || len(username) > socksStringLimit || len(password) > socksStringLimit {
			return errors.New("socks5: a username has 1 to 255 bytes, a password at most 255")
		}
		greeting = []byte{socksVersion, 2, socksNoAuth, socksPassword}
	}
	if _, err := rw.Write(greeting); err != nil {
		return err
	}
	var answer [4]byte
	if _, err := io.ReadFull(rw, answer[:2]); err != nil {
		return proxyCut(err)
	}
	if answer[0] != socksVersion {
		return errors.New("socks5: proxy answered in version " + strconv.Itoa(int(answer[0])))
	}
	switch {
	case answer[1] == socksNoAuth:
	case answer[1] == socksPassword && auth:
		if err := socksLogin(rw, username, password); err != nil {
			return err
		}
	case answer[1] == socksNoMethod && !auth:
		return errors.New("socks5: proxy wants authentication")
	default:
		return errors.New("socks5: proxy accepts no authentication method we have")
	}

	if _, err := rw.Write(target); err != nil {
		return err
	}
	if _, err := io.ReadFull(rw, answer[:]); err != nil {
		return proxyCut(err)
	}
	if answer[0] != socksVersion {
		return errors.New("socks5: proxy answered in version " + strconv.Itoa(int(answer[0])))
	}
	if answer[1] != 0 {
		return &SOCKSError{Reply: answer[1]}
	}
	return skipSOCKSAddress(rw, answer[3])
}

// appendSOCKSTarget appends the address type, the address and the port.
func appendSOCKSTarget(dst []byte, host, port string) ([]byte, error) {
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, errors.New("socks5: port " + port + " is not a number below 65536")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		kind := byte(socksIPv6)
		if ip.Is4() {
			kind = socksIPv4
		}
		dst = append(append(dst, kind), ip.AsSlice()...)
	} else {
		if len(host) == 0 || len(host) > socksStringLimit {
			return nil, errors.New("socks5: a host name has 1 to 255 bytes")
		}
		dst = append(append(dst, socksName, byte(len(host))), host...)
	}
	return append(dst, byte(p>>8), byte(p)), nil
}

// socksLogin sends username and password (RFC 1929).
func socksLogin(rw io.ReadWriter, username, password string) error {
	b := append([]byte{socksSubVersion, byte(len(username))}, username...)
	b = append(append(b, byte(len(password))), password...)
	if _, err := rw.Write(b); err != nil {
		return err
	}
	var answer [2]byte
	if _, err := io.ReadFull(rw, answer[:]); err != nil {
		return proxyCut(err)
	}
	if answer[1] != 0 {
		return errors.New("socks5: proxy refused the username or password")
	}
	return nil
}

// skipSOCKSAddress reads the address the proxy bound, which nobody needs.
func skipSOCKSAddress(r io.Reader, kind byte) error {
	var n int
	switch kind {
	case socksIPv4:
		n = 4
	case socksIPv6:
		n = 16
	case socksName:
		var length [1]byte
		if _, err := io.ReadFull(r, length[:]); err != nil {
			return proxyCut(err)
		}
		n = int(length[0])
	default:
		return errors.New("socks5: proxy answered with address type " + strconv.Itoa(int(kind)))
	}
	var addressAndPort [socksStringLimit + 2]byte
	_, err := io.ReadFull(r, addressAndPort[:n+2])
	return proxyCut(err)
}

// proxyCut says that a proxy's answer ended too early.
func proxyCut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errProxyClosed
	}
	return err
}

// SOCKSError is a SOCKS5 proxy that could not or would not connect.
type SOCKSError struct {
	Reply byte // RFC 1928 §6
}

// temporary reports whether the proxy may do better another time.
func (e *SOCKSError) temporary() bool {
	switch e.Reply {
	case 2, 7, 8:
		return false
	}
	return true
}

var socksReplies = [...]string{
	1: "general failure",
	2: "not allowed by its rules",
	3: "network unreachable",
	4: "host unreachable",
	5: "connection refused",
	6: "time to live expired",
	7: "command not supported",
	8: "address type not supported",
}

// Error returns one line with the meaning of the reply.
func (e *SOCKSError) Error() string {
	if r := int(e.Reply); r < len(socksReplies) && r > 0 {
		return "socks5: proxy says: " + socksReplies[r]
	}
	return "socks5: proxy says: reply " + strconv.Itoa(int(e.Reply))
}
