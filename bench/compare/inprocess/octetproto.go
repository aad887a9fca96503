package inprocess

import (
	"crypto/rand"
	"io"
	"slices"

	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// protoEndpoint is Octet without package conn: the endpoint that does no input
// and output, with the loop and the buffers of a caller who needs no locks, no
// deadlines and no other goroutine.
type protoEndpoint struct {
	s        io.ReadWriter
	p        *proto.Endpoint
	buf      []byte // what was read and not consumed is buf[from:to]
	from, to int
	message  []byte // a message that did not fit into buf
	out      []byte
	keys     []byte
}

func protoServer(s *stream) (endpoint, error) { return newProtoEndpoint(s, proto.Server), nil }

func protoClient(s *stream) (endpoint, error) {
	s.upgrade()
	return newProtoEndpoint(s, proto.Client), nil
}

func newProtoEndpoint(s *stream, role proto.Role) *protoEndpoint {
	e := &protoEndpoint{s: s, buf: make([]byte, 4096)}
	e.p = proto.New(role, proto.Options{NewMaskKey: e.newMaskKey})
	return e
}

// newMaskKey draws 64 keys together and uses each once.
func (e *protoEndpoint) newMaskKey() (key frame.MaskKey) {
	if len(e.keys) == 0 {
		e.keys = slices.Grow(e.keys[:0], 256)[:256]
		rand.Read(e.keys)
	}
	key = frame.MaskKey(e.keys[len(e.keys)-4:])
	e.keys = e.keys[:len(e.keys)-4]
	return key
}

func (e *protoEndpoint) read(n int, seen func([]byte)) error {
	for n > 0 {
		if e.from == e.to {
			if err := e.fill(); err != nil {
				return err
			}
		}
		ev, used, err := e.p.Next(e.buf[e.from:e.to])
		if err != nil {
			return err
		}
		e.from += used
		switch {
		case ev.Kind == proto.KindNone:
			err = e.fill()
		case ev.Fin:
			seen(ev.Payload)
			n--
		default:
			err = e.rest(ev.Payload)
			seen(e.message)
			n--
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fill reads behind what is left in the buffer: nothing, or less than a header.
func (e *protoEndpoint) fill() error {
	left := e.buf[e.from:e.to]
	e.from, e.to = 0, len(left)
	if len(left) > 0 {
		copy(e.buf, left)
	}
	n, err := e.s.Read(e.buf[e.to:])
	e.to += n
	return err
}

// rest reads the payload of a frame that began with first to where it stays.
func (e *protoEndpoint) rest(first []byte) error {
	missing := int(e.p.Pending())
	e.message = slices.Grow(append(e.message[:0], first...), missing)
	piece := e.message[len(first) : len(first)+missing]
	e.message = e.message[:len(first)+missing]
	for len(piece) > 0 {
		n, err := e.s.Read(piece)
		if err != nil {
			return err
		}
		if _, n, err = e.p.Next(piece[:n]); err != nil {
			return err
		}
		piece = piece[n:]
	}
	return nil
}

func (e *protoEndpoint) write(p []byte) (err error) {
	if e.out, err = e.p.AppendFrame(e.out[:0], frame.Binary, p, true); err != nil {
		return err
	}
	_, err = e.s.Write(e.out)
	return err
}
