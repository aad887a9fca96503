//go:build linux

package main

import (
	"net"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
)

// serveFloorEpoll is an event loop on one thread: raw edge-triggered epoll, one
// read buffer for all connections, the answers to one read in one write. The
// goroutine never tells the scheduler that it is about to wait, so a system
// call costs nothing but itself.
func serveFloorEpoll(ln net.Listener, _ *hub) error {
	runtime.LockOSThread()
	runtime.GOMAXPROCS(2) // one for the loop, which never lets go of it, one for control
	l, err := newEventLoop(ln)
	if err != nil {
		return err
	}
	return l.run()
}

// eventLoop is the state of the thread.
type eventLoop struct {
	file            *os.File // keeps listener open
	epoll, listener int
	conns           []eventConn // by descriptor
	buf             []byte
}

// eventConn is what a connection holds: two slices that stay nil as long as
// messages arrive whole and leave whole.
type eventConn struct {
	open, upgraded bool
	in             []byte // a frame or head of which the rest has not come
	out            []byte // answers that the socket would not take
}

func newEventLoop(ln net.Listener) (*eventLoop, error) {
	f, err := ln.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	l := &eventLoop{file: f, listener: int(f.Fd()), buf: make([]byte, 512<<10)}
	if err := syscall.SetNonblock(l.listener, true); err != nil {
		return nil, err
	}
	if l.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	return l, l.watch(l.listener, syscall.EPOLLIN)
}

func (l *eventLoop) watch(fd int, events uint32) error {
	return syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)})
}

const edgeTriggered = 1 << 31 // EPOLLET; syscall's constant is negative

func (l *eventLoop) run() error {
	var events [128]syscall.EpollEvent
	for {
		n, _, e := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(l.epoll),
			uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), ^uintptr(0), 0, 0)
		if e == syscall.EINTR {
			runtime.Gosched() // the signal was the scheduler's: others want to run
			continue
		}
		if e != 0 {
			return os.NewSyscallError("epoll_pwait", e)
		}
		for _, ev := range events[:n] {
			fd := int(ev.Fd)
			if fd == l.listener {
				if err := l.accept(); err != nil {
					return err
				}
				continue
			}
			if ev.Events&syscall.EPOLLOUT != 0 && len(l.conns[fd].out) > 0 {
				l.flush(fd)
			}
			if ev.Events&^syscall.EPOLLOUT != 0 {
				l.readable(fd, ev.Events&syscall.EPOLLRDHUP != 0)
			}
		}
	}
}

func (l *eventLoop) accept() error {
	for {
		r, _, e := syscall.RawSyscall6(syscall.SYS_ACCEPT4, uintptr(l.listener), 0, 0, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0, 0)
		switch e {
		case 0:
		case syscall.EAGAIN:
			return nil
		case syscall.EINTR, syscall.ECONNABORTED:
			continue
		default:
			return os.NewSyscallError("accept4", e)
		}
		fd := int(r)
		if fd >= len(l.conns) {
			l.conns = append(l.conns, make([]eventConn, fd+1-len(l.conns))...)
		}
		l.conns[fd] = eventConn{open: true}
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
		if err := l.watch(fd, syscall.EPOLLIN|syscall.EPOLLOUT|syscall.EPOLLRDHUP|edgeTriggered); err != nil {
			return err
		}
	}
}

// readable reads until the socket is empty and answers what is whole. A read
// that does not fill the buffer has emptied the socket (epoll(7), Q9), but for
// the end of the stream, if that is there.
func (l *eventLoop) readable(fd int, ended bool) {
	c := &l.conns[fd]
	if !c.open {
		return
	}
	have := copy(l.buf, c.in)
	for {
		r, _, e := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&l.buf[have])), uintptr(len(l.buf)-have))
		n := int(r)
		switch {
		case e == syscall.EINTR:
			continue
		case e == syscall.EAGAIN:
			c.in = append(c.in[:0], l.buf[:have]...)
			return
		case e != 0 || n == 0:
			l.close(fd)
			return
		}
		emptied := have+n < len(l.buf) && !ended
		have = l.answer(fd, have+n)
		if emptied {
			break
		}
	}
	if have > 0 || c.in != nil {
		c.in = append(c.in[:0], l.buf[:have]...)
	}
}

// answer handles buf[:n], moves what is left to the front, and returns its size.
func (l *eventLoop) answer(fd, n int) (left int) {
	c := &l.conns[fd]
	if !c.upgraded {
		answer, used := floor.Answer(nil, l.buf[:n])
		if used > 0 {
			c.upgraded = true
			l.write(fd, answer)
		}
		return copy(l.buf, l.buf[used:n])
	}
	start, end, used, _ := floor.EchoAll(l.buf[:n])
	if start < end {
		l.write(fd, l.buf[start:end])
	}
	return copy(l.buf, l.buf[used:n])
}

func (l *eventLoop) write(fd int, b []byte) {
	c := &l.conns[fd]
	if len(c.out) > 0 {
		c.out = append(c.out, b...)
		return
	}
	c.out = append(c.out, l.writeSome(fd, b)...)
}

func (l *eventLoop) flush(fd int) {
	c := &l.conns[fd]
	c.out = append(c.out[:0], l.writeSome(fd, c.out)...)
}

// writeSome writes what the socket takes and returns the rest, which goes when
// epoll says that there is room. A failed socket takes everything: the read
// side will see it.
func (l *eventLoop) writeSome(fd int, b []byte) (rest []byte) {
	for len(b) > 0 {
		n, _, e := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		switch e {
		case 0:
			b = b[n:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			return b
		default:
			return nil
		}
	}
	return nil
}

func (l *eventLoop) close(fd int) {
	l.conns[fd] = eventConn{}
	syscall.Close(fd)
}
