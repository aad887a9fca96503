package inprocess

import "fmt"

// endpoint is one end of a connection over a stream.
type endpoint interface {
	// read reads n messages and hands each payload to seen, which does not
	// keep it. It is called once.
	read(n int, seen func([]byte)) error
	// write sends p as one binary message, which must be with the stream when
	// it returns.
	write(p []byte) error
}

// library is one WebSocket implementation used as well as its interface
// allows. server and client return nil if it has no such side.
type library struct {
	name   string
	server func(*stream) (endpoint, error)
	client func(*stream) (endpoint, error)
}

var libraries = []library{
	{"octet", octetServer, octetClient},
	{"octet proto", protoServer, protoClient},
	{"floor", floorServer, nil},
	{"gobwas", gobwasServer, gobwasClient},
	{"gobwas plain", gobwasPlainServer, gobwasPlainClient},
	{"quickws", quickwsServer, quickwsClient},
	{"gws", gwsServer, gwsClient},
	{"gorilla", gorillaServer, gorillaClient},
	{"coder", coderServer, coderClient},
	{"xnet", xnetServer, xnetClient},
}

// open puts an endpoint on a stream that repeats m, and says that n messages
// will be read.
func (l library) open(client bool, m message, n int) (endpoint, *stream, error) {
	s, side := serverStream(m), l.server
	if client {
		s, side = clientStream(m), l.client
	}
	s.left = n
	e, err := side(s)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", l.name, err)
	}
	return e, s, nil
}
