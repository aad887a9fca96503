// Command gws is the least ws:// client on lxzan/gws: it sends one message to the
// URL given and prints what comes back. Its stripped size is compared.
package main

import (
	"os"

	"github.com/lxzan/gws"
)

type handler struct{ gws.BuiltinEventHandler }

func (handler) OnMessage(c *gws.Conn, m *gws.Message) {
	os.Stdout.Write(append(m.Bytes(), '\n'))
	c.NetConn().Close()
}

func main() {
	c, _, err := gws.NewClient(handler{}, &gws.ClientOption{Addr: os.Args[1]})
	check(err)
	check(c.WriteString("hello"))
	c.ReadLoop()
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
