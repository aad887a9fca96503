package load

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
)

// Load is a set of upgraded connections to one server. It is used by one
// goroutine at a time.
type Load struct {
	script
	depth  int
	conns  []client
	epoll  int
	events [128]syscall.EpollEvent
	read   []byte
}

// client is one connection. Between Runs nothing is in flight on it.
type client struct {
	fd      int
	sent    int // bytes of the request sent
	got     int // bytes of the reply received and found right
	batches int // batches it may still begin
	armed   bool
}

// Dial opens and upgrades n connections to addr (HOST:PORT, IPv4 loopback).
func Dial(addr string, n int, sh Shape) (*Load, error) {
	return dial(addr, n, sh, 0)
}

// DialStalled is Dial for clients that will not read: their receive buffers
// are as small as the system allows.
func DialStalled(addr string, n int) (*Load, error) {
	return dial(addr, n, Shape{}, 1)
}

func dial(addr string, n int, sh Shape, rcvbuf int) (_ *Load, err error) {
	d, err := newDialer(addr)
	if err != nil {
		return nil, err
	}
	l := &Load{script: newScript(sh), depth: sh.Depth, read: make([]byte, 256<<10)}
	if l.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	defer func() {
		if err != nil {
			l.Close()
		}
	}()
	for i := range n {
		fd, err := d.connect(rcvbuf)
		if err != nil {
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
		l.conns = append(l.conns, client{fd: fd})
		if err := awaitAnswer(fd); err != nil {
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
		if err := syscall.SetNonblock(fd, true); err != nil {
			return nil, os.NewSyscallError("fcntl", err)
		}
		if err := l.control(syscall.EPOLL_CTL_ADD, i, syscall.EPOLLIN); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Close closes all connections, without a closing handshake.
func (l *Load) Close() {
	for _, c := range l.conns {
		syscall.Close(c.fd)
	}
	syscall.Close(l.epoll)
}

// Run has every connection send and receive until d has passed or, if limit is
// positive, each has had that many batches answered. It returns when every
// message sent has been answered, with their number. Answers that differ from
// what was sent, in any byte, are an error.
func (l *Load) Run(d time.Duration, limit int) (messages int64, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if limit <= 0 {
		limit = 1 << 62
	}
	deadline := time.Now().Add(d)
	open := len(l.conns) // connections that await something
	for i := range l.conns {
		l.conns[i].batches = limit
		if err := l.begin(i); err != nil {
			return 0, err
		}
	}
	stopping := false
	for open > 0 {
		events, err := l.wait()
		if err != nil {
			return messages, err
		}
		stopping = stopping || !time.Now().Before(deadline)
		for _, e := range events {
			i := int(e.Fd)
			c := &l.conns[i]
			if e.Events&syscall.EPOLLOUT != 0 {
				if err := l.send(i); err != nil {
					return messages, err
				}
			}
			done, err := l.receive(i)
			if err != nil {
				return messages, fmt.Errorf("connection %d: %w", i, err)
			}
			if !done {
				continue
			}
			messages += int64(l.depth)
			if stopping || c.batches == 0 {
				open--
			} else if err := l.begin(i); err != nil {
				return messages, err
			}
		}
	}
	return messages, nil
}

// Receive waits until every connection has received the frames, which the
// server sends of its own accord.
func (l *Load) Receive(frames []byte) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l.reply = frames
	for open := len(l.conns); open > 0; {
		events, err := l.wait()
		if err != nil {
			return fmt.Errorf("%d connections have not received all: %w", open, err)
		}
		for _, e := range events {
			done, err := l.receive(int(e.Fd))
			if err != nil {
				return fmt.Errorf("connection %d: %w", e.Fd, err)
			}
			if done {
				open--
			}
		}
	}
	return nil
}

// begin starts a batch.
func (l *Load) begin(i int) error {
	c := &l.conns[i]
	c.batches--
	c.sent, c.got = 0, 0
	return l.send(i)
}

// send writes what the socket takes. The rest waits for EPOLLOUT, which is
// asked for only while there is a rest.
func (l *Load) send(i int) error {
	c := &l.conns[i]
	for c.sent < len(l.request) {
		n, err := syscall.Write(c.fd, l.request[c.sent:])
		switch err {
		case nil:
			c.sent += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			if c.armed {
				return nil
			}
			c.armed = true
			return l.control(syscall.EPOLL_CTL_MOD, i, syscall.EPOLLIN|syscall.EPOLLOUT)
		default:
			return os.NewSyscallError("write", err)
		}
	}
	if c.armed {
		c.armed = false
		return l.control(syscall.EPOLL_CTL_MOD, i, syscall.EPOLLIN)
	}
	return nil
}

// receive reads once and reports whether the reply is now whole. epoll is
// level-triggered: what is left over comes up again.
func (l *Load) receive(i int) (done bool, err error) {
	c := &l.conns[i]
	n, err := syscall.Read(c.fd, l.read)
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return false, nil
	case err != nil:
		return false, os.NewSyscallError("read", err)
	case n == 0:
		return false, errors.New("the server closed the connection")
	case n > len(l.reply)-c.got:
		return false, fmt.Errorf("%d bytes arrived where %d were awaited", n, len(l.reply)-c.got)
	case !bytes.Equal(l.read[:n], l.reply[c.got:c.got+n]):
		return false, fmt.Errorf("the reply differs within bytes %d to %d", c.got, c.got+n)
	}
	c.got += n
	if c.got < len(l.reply) {
		return false, nil
	}
	c.got = 0
	return true, nil
}

func (l *Load) control(op, i int, events uint32) error {
	// The event carries the connection's index where others keep the descriptor.
	err := syscall.EpollCtl(l.epoll, op, l.conns[i].fd, &syscall.EpollEvent{Events: events, Fd: int32(i)})
	return os.NewSyscallError("epoll_ctl", err)
}

// ErrSilence ends a wait for a server that sends nothing.
var ErrSilence = fmt.Errorf("no byte from the server within %v", ioTimeout)

// wait returns the connections that have something to do. The slice is good
// until the next call.
func (l *Load) wait() ([]syscall.EpollEvent, error) {
	for {
		n, err := syscall.EpollWait(l.epoll, l.events[:], int(ioTimeout.Milliseconds()))
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return nil, os.NewSyscallError("epoll_wait", err)
		case n == 0:
			return nil, ErrSilence
		default:
			return l.events[:n], nil
		}
	}
}
