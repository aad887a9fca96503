// Command size is a whole ws:// client in the fewest bytes: net to connect,
// handshake to ask, conn to talk. It sends its second argument to the server
// at its first and prints the answer.
//
//	go run ./bench/size ws://127.0.0.1:9000/ Hello
//
// It is an example for builds under a size limit: what package ws adds (TLS,
// proxies, timeouts for each phase) is what it leaves out, and what Go's linker
// then leaves out is crypto/tls and net/http. A test holds its size.
package main

import (
	"net"
	"os"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/handshake"
)

func main() {
	if len(os.Args) != 3 {
		println("usage: size ws://HOST[:PORT]/PATH TEXT")
		os.Exit(2)
	}
	reply, err := ask(os.Args[1], os.Args[2])
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
	os.Stdout.WriteString(reply + "\n")
}

// ask opens a connection, sends text, waits for one message and closes.
func ask(url, text string) (string, error) {
	u, err := handshake.ParseURL(url)
	if err != nil {
		return "", err
	}
	nc, err := net.DialTimeout("tcp", u.Address(), 10*time.Second)
	if err != nil {
		return "", err
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(10 * time.Second)) // for all that follows
	offer := handshake.Offer{Host: u.HostField(), Target: u.Target}
	res, err := offer.Exchange(nc, handshake.Limits{})
	if err != nil {
		return "", err
	}
	c := conn.Client(nc, &conn.Options{Subprotocol: res.Subprotocol, Buffered: res.Buffered})
	defer c.Close()
	if err := c.WriteMessage(conn.Text, []byte(text)); err != nil {
		return "", err
	}
	_, reply, err := c.NextMessage()
	return string(reply), err
}
