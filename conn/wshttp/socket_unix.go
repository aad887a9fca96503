//go:build unix

package wshttp

import "syscall"

// writeNow writes as much of b as the socket takes without waiting, and returns
// how much that is. An error is met again by who writes the rest.
func (d *desk) writeNow(socket syscall.RawConn, b []byte) int {
	if socket == nil {
		return 0
	}
	if d.write == nil {
		d.write = d.onWritable
	}
	d.left = b
	socket.Write(d.write)
	n := len(b) - len(d.left)
	d.left = nil
	return n
}

// onWritable tries once. It returns true to be done with it either way.
func (d *desk) onWritable(fd uintptr) bool {
	if n, _ := syscall.Write(int(fd), d.left); n > 0 {
		d.left = d.left[n:]
	}
	return true
}
