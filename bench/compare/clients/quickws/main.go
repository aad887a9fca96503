// Command quickws is the least ws:// client on antlabs/quickws: it sends one message to the
// URL given and prints what comes back. Its stripped size is compared.
package main

import (
	"os"

	"github.com/antlabs/quickws"
)

func main() {
	c, err := quickws.Dial(os.Args[1], quickws.WithClientOnMessageFunc(func(c *quickws.Conn, _ quickws.Opcode, p []byte) {
		os.Stdout.Write(append(p, '\n'))
		c.NetConn().Close()
	}))
	check(err)
	check(c.WriteMessage(quickws.Text, []byte("hello")))
	c.ReadLoop()
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
