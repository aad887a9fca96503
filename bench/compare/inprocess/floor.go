package inprocess

import (
	"io"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
)

type floorEndpoint struct {
	s        io.ReadWriter
	buf      []byte
	from, to int
	out      []byte
}

func floorServer(s *stream) (endpoint, error) {
	return &floorEndpoint{s: s, buf: make([]byte, 4096)}, nil
}

func (e *floorEndpoint) read(n int, seen func([]byte)) error {
	for n > 0 {
		h, size := floor.Parse(e.buf[e.from:e.to])
		end := e.from + size + h.Length
		if size > 0 && end <= e.to {
			p := e.buf[e.from+size : end]
			floor.Mask(p, h.Key)
			seen(p)
			e.from = end
			n--
			continue
		}
		if e.from == e.to {
			e.from, e.to = 0, 0
		}
		if end > len(e.buf) {
			grown := make([]byte, end-e.from)
			e.from, e.to, e.buf = 0, copy(grown, e.buf[e.from:e.to]), grown
		}
		m, err := e.s.Read(e.buf[e.to:])
		if err != nil {
			return err
		}
		e.to += m
	}
	return nil
}

func (e *floorEndpoint) write(p []byte) error {
	h := floor.Header{First: 0x82, Length: len(p)}
	e.out = append(h.Append(e.out[:0]), p...)
	_, err := e.s.Write(e.out)
	return err
}
