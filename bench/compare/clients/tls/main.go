// Command tls opens a TLS connection and nothing more: what crypto/tls weighs,
// which a client of wss:// cannot do without.
package main

import (
	"crypto/tls"
	"os"
)

func main() {
	c, err := tls.Dial("tcp", os.Args[1], nil)
	if err != nil {
		os.Exit(1)
	}
	c.Close()
}
