// What the standard library takes of a client: a connection, its deadline, and
// random bytes.
package main

import (
	"crypto/rand"
	"net"
	"os"
	"time"
)

func main() {
	nc, err := net.DialTimeout("tcp", os.Args[1], 10*time.Second)
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	var b [16]byte
	rand.Read(b[:])
	nc.Write(b[:])
	nc.Read(b[:])
	os.Stdout.WriteString(string(b[:]))
}
