// Command gobwas is the least ws:// client on gobwas/ws: it sends one message to the
// URL given and prints what comes back. Its stripped size is compared.
package main

import (
	"context"
	"os"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

func main() {
	c, _, _, err := ws.Dial(context.Background(), os.Args[1])
	check(err)
	check(wsutil.WriteClientText(c, []byte("hello")))
	reply, err := wsutil.ReadServerText(c)
	check(err)
	os.Stdout.Write(append(reply, '\n'))
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
