package handshake

import (
	"time"
)

// bodyPatience is how long the end of a body without a stated length is waited
// for, if the stream has deadlines: the connection is lost anyway, and a server
// that never closes must not hold up the report.
const bodyPatience = time.Second

// readBody reads the body of a refusal (T9, RFC 9112 §6.3) and returns at most
// lim of it. cut says that there may be more. It keeps what it has got when the
// stream fails: a half body still tells a story.
func readBody(r *Response, in *headReader, lim Limits) (body []byte, cut bool) {
	most := lim.bodyBytes()
	if r.Status < 200 || r.Status == 204 || r.Status == 304 || most == 0 {
		return nil, most == 0
	}
	fs := r.Fields.unfolded()
	if encoding := fs.Get(fieldEncoding); hasElement(encoding, "chunked") {
		c := chunkedBody{most: most}
		for {
			in.buf = in.buf[c.feed(in.buf):]
			if c.done || c.bad || c.full() {
				return c.body, !c.done
			}
			if n, err := in.fill(); n == 0 && err != nil {
				return c.body, true
			}
		}
	}
	length, known := bodyLength(fs.Get(fieldLength))
	if !known {
		length = int64(most) + 1
		if d, ok := in.r.(interface{ SetReadDeadline(time.Time) error }); ok {
			d.SetReadDeadline(time.Now().Add(bodyPatience))
		}
	}
	want := int(min(length, int64(most)))
	for len(in.buf) < want {
		if n, err := in.fill(); n == 0 && err != nil {
			return in.buf, known || isTimeout(err)
		}
	}
	if !known && len(in.buf) == want { // is there one more byte?
		n, err := in.fill()
		return in.buf[:want], n > 0 || err == nil || isTimeout(err)
	}
	return in.buf[:want], length > int64(want)
}

// bodyLength reads a Content-Length. ok is false if there is none that can be
// believed: the body then ends with the connection.
func bodyLength(s string) (n int64, ok bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = 10*n + int64(s[i]-'0')
	}
	return n, true
}

// chunkedBody decodes the chunked transfer coding (RFC 9112 §7.1) as bytes
// arrive, and looks at each of them once. Trailer fields are not read.
//
//	chunk = 1*HEXDIG [ chunk-ext ] CRLF chunk-data CRLF
type chunkedBody struct {
	body      []byte
	most      int
	left      int64 // bytes of the current chunk still to come
	state     chunkState
	digits    int
	done, bad bool
}

type chunkState uint8

const (
	chunkSize chunkState = iota
	chunkExtension
	chunkData
	chunkEnd
)

func (c *chunkedBody) full() bool { return len(c.body) == c.most }

// feed decodes b and returns how much of it was used.
func (c *chunkedBody) feed(b []byte) (used int) {
	for used < len(b) && !c.done && !c.bad && !c.full() {
		if c.state == chunkData {
			n := int(min(c.left, int64(len(b)-used), int64(c.most-len(c.body))))
			c.body = append(c.body, b[used:used+n]...)
			used += n
			if c.left -= int64(n); c.left == 0 {
				c.state = chunkEnd
			}
			continue
		}
		c.step(b[used])
		used++
	}
	return used
}

// step takes one byte outside of chunk data.
func (c *chunkedBody) step(b byte) {
	switch {
	case c.state == chunkEnd:
		if b == '\n' {
			c.state, c.left, c.digits = chunkSize, 0, 0
		} else if b != '\r' {
			c.bad = true
		}
	case b == '\n':
		switch {
		case c.digits == 0:
			c.bad = true
		case c.left == 0:
			c.done = true
		default:
			c.state = chunkData
		}
	case c.state == chunkSize && isHex(b):
		if c.digits++; c.digits > 15 {
			c.bad = true
			return
		}
		c.left = c.left<<4 | int64(hexValue(b))
	default:
		c.state = chunkExtension
	}
}

func hexValue(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}
