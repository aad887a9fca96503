package load

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
)

// ioTimeout bounds every wait for the server.
const ioTimeout = 10 * time.Second

const key = "dGhlIHNhbXBsZSBub25jZQ==" // RFC 6455 §1.3

// head is a request head as a browser-like client writes it, without the
// fields that no server here looks at.
func head(addr string) []byte {
	return []byte("GET / HTTP/1.1\r\nHost: " + addr +
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
		"\r\nSec-WebSocket-Version: 13\r\n\r\n")
}

// acceptField is the line of an answer that proves the server read our key.
var acceptField = func() []byte {
	lines := bytes.Split(floor.AppendAnswer(nil, []byte(key)), []byte("\r\n"))
	_, value, _ := bytes.Cut(lines[3], []byte(": "))
	return value
}()

// dialer opens connections to one server, by turns from 127.0.0.2, 127.0.0.3
// and so on: one source address has only some 28,000 ports, and a closed
// connection holds its port for a minute.
type dialer struct {
	to     syscall.SockaddrInet4
	head   []byte
	source int
}

const sources = 50

func newDialer(addr string) (*dialer, error) {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	if !ap.Addr().Is4() || !ap.Addr().IsLoopback() {
		return nil, fmt.Errorf("load goes to IPv4 loopback only, not to %s", addr)
	}
	return &dialer{
		to:   syscall.SockaddrInet4{Port: int(ap.Port()), Addr: ap.Addr().As4()},
		head: head(addr),
	}, nil
}

// connect opens one blocking connection whose reads and writes are bounded by
// ioTimeout, and sends the request head on it.
func (d *dialer) connect(rcvbuf int) (fd int, err error) {
	fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	defer func() {
		if err != nil {
			syscall.Close(fd)
		}
	}()
	const ipBindAddressNoPort = 24 // <linux/in.h>: choose the port at connect
	syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, ipBindAddressNoPort, 1)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	if rcvbuf > 0 {
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, rcvbuf)
	}
	tv := syscall.NsecToTimeval(int64(ioTimeout))
	syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &tv)
	syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &tv)

	from := syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(2 + d.source%sources)}}
	d.source++
	if err = syscall.Bind(fd, &from); err != nil {
		return -1, os.NewSyscallError("bind", err)
	}
	if err = retry(func() error { return syscall.Connect(fd, &d.to) }); err != nil {
		return -1, os.NewSyscallError("connect", err)
	}
	if _, err = syscall.Write(fd, d.head); err != nil {
		return -1, os.NewSyscallError("write", err)
	}
	return fd, nil
}

// awaitAnswer reads the response head on a blocking connection and checks
// that it is a 101 for our key with nothing behind it.
func awaitAnswer(fd int) error {
	var buf [2048]byte
	n := 0
	for {
		var m int
		err := retry(func() (err error) { m, err = syscall.Read(fd, buf[n:]); return })
		if err != nil {
			return fmt.Errorf("waiting for the 101: %w", err)
		}
		if m == 0 {
			return fmt.Errorf("the server closed within its answer %q", buf[:n])
		}
		n += m
		end := bytes.Index(buf[:n], []byte("\r\n\r\n"))
		switch {
		case end < 0 && n < len(buf):
			continue
		case end < 0:
			return errors.New("the response head is longer than 2 KiB")
		case !bytes.HasPrefix(buf[:n], []byte("HTTP/1.1 101 ")), !bytes.Contains(buf[:n], acceptField):
			return fmt.Errorf("no upgrade: %q", buf[:n])
		case end+4 != n:
			return fmt.Errorf("%d bytes behind the 101 that nobody asked for", n-end-4)
		}
		return nil
	}
}

func retry(f func() error) error {
	for {
		if err := f(); err != syscall.EINTR {
			return err
		}
	}
}

// Upgrades opens, upgrades and closes n connections, batch at a time: each
// batch is connected, then answered, then closed, so that the server is never
// idle for want of us.
func Upgrades(addr string, n, batch int) error {
	d, err := newDialer(addr)
	if err != nil {
		return err
	}
	fds := make([]int, 0, batch)
	defer func() { closeAll(fds) }()
	for n > 0 {
		for range min(n, batch) {
			fd, err := d.connect(0)
			if err != nil {
				return err
			}
			fds = append(fds, fd)
		}
		for _, fd := range fds {
			if err := awaitAnswer(fd); err != nil {
				return err
			}
		}
		n -= len(fds)
		closeAll(fds)
		fds = fds[:0]
	}
	return nil
}

func closeAll(fds []int) {
	for _, fd := range fds {
		syscall.Close(fd)
	}
}
