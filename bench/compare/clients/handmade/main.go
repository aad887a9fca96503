// Command handmade is a ws:// client by hand on package net, without a check:
// it sends one message to the URL given and prints what comes back. No library
// can be smaller than this and do its work.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net"
	"os"
	"strings"
)

func main() {
	host, path, _ := strings.Cut(strings.TrimPrefix(os.Args[1], "ws://"), "/")
	c, err := net.Dial("tcp", host)
	check(err)
	var nonce [16]byte
	rand.Read(nonce[:])
	io.WriteString(c, "GET /"+path+" HTTP/1.1\r\nHost: "+host+
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "+
		base64.StdEncoding.EncodeToString(nonce[:])+"\r\nSec-WebSocket-Version: 13\r\n\r\n")
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		check(err)
		if line == "\r\n" {
			break
		}
	}

	payload := []byte("hello")
	frame := []byte{0x81, 0x80 | byte(len(payload))}
	rand.Read(nonce[:4])
	frame = append(frame, nonce[:4]...)
	for i, b := range payload {
		frame = append(frame, b^nonce[i%4])
	}
	_, err = c.Write(frame)
	check(err)

	var header [2]byte
	_, err = io.ReadFull(r, header[:])
	check(err)
	reply := make([]byte, header[1])
	_, err = io.ReadFull(r, reply)
	check(err)
	os.Stdout.Write(append(reply, '\n'))
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
