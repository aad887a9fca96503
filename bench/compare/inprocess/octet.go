package inprocess

import "github.com/octet-ws/octet/conn"

type octetEndpoint struct{ c *conn.Conn }

func octetServer(s *stream) (endpoint, error) { return octetEndpoint{conn.Server(s, nil)}, nil }

func octetClient(s *stream) (endpoint, error) {
	s.upgrade()
	return octetEndpoint{conn.Client(s, nil)}, nil
}

func (e octetEndpoint) read(n int, seen func([]byte)) error {
	for range n {
		_, p, err := e.c.NextMessage()
		if err != nil {
			return err
		}
		seen(p)
	}
	return nil
}

func (e octetEndpoint) write(p []byte) error { return e.c.WriteMessage(conn.Binary, p) }
