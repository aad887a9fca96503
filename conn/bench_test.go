package conn_test

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/conntest"
)

// endless is a transport that brings the same bytes with every read and takes
// all writes: what is measured on it is the connection alone.
type endless struct{ b []byte }

func (e *endless) Read(p []byte) (int, error)  { return copy(p, e.b), nil }
func (e *endless) Write(p []byte) (int, error) { return len(p), nil }
func (e *endless) Close() error                { return nil }

// BenchmarkEcho is a server's work for a message, without the kernel's.
// depth is how many messages each read brings.
func BenchmarkEcho(b *testing.B) {
	for _, depth := range []int{1, 16} {
		b.Run("125B/depth="+strconv.Itoa(depth), func(b *testing.B) {
			m := conntest.Binary(strings.Repeat("x", 125)).Append(nil, true)
			c := conn.Server(&endless{[]byte(strings.Repeat(string(m), depth))}, nil)
			b.ReportAllocs()
			for b.Loop() {
				t, p, err := c.NextMessage()
				if err == nil {
					err = c.WriteMessage(t, p)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWrite is the sending of a message, without the kernel's part.
func BenchmarkWrite(b *testing.B) {
	p := []byte(strings.Repeat("x", 125))
	for name, open := range map[string]func(io.ReadWriteCloser, *conn.Options) *conn.Conn{"client": conn.Client, "server": conn.Server} {
		b.Run("125B/"+name, func(b *testing.B) {
			c := open(&endless{}, nil)
			b.ReportAllocs()
			for b.Loop() {
				if err := c.WriteMessage(conn.Binary, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
