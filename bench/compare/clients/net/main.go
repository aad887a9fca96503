// Command net opens a TCP connection and nothing more: what package net alone
// weighs.
package main

import (
	"net"
	"os"
)

func main() {
	c, err := net.Dial("tcp", os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	c.Close()
}
