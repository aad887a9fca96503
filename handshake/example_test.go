package handshake_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// stream is a connection on which the peer says the same whatever it is sent.
type stream struct {
	io.Reader
	io.Writer
}

func ExampleOffer_Request() {
	offer := handshake.Offer{
		Host:         "example.com",
		Target:       "/chat",
		Key:          "dGhlIHNhbXBsZSBub25jZQ==", // leave it out, and each request gets its own
		Subprotocols: []string{"superchat", "chat"},
		Fields:       handshake.Fields{{Name: "x-Trace", Value: "7f"}},
	}
	r, err := offer.Request()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(string(r.AppendRaw(nil)), "\r\n", "\n"))
	// Output:
	// GET /chat HTTP/1.1
	// Host: example.com
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
	// Sec-WebSocket-Version: 13
	// Sec-WebSocket-Protocol: superchat, chat
	// x-Trace: 7f
}

// A subprotocol is a token, so this one cannot be offered. It was, by mistake,
// and the proxy in front of the server answered 502.
func ExampleError() {
	offer := handshake.Offer{Host: "example.com", Target: "/", Subprotocols: []string{"COINEX protocol"}}
	_, err := offer.Request()
	fmt.Println(err)
	fmt.Println(errors.Is(err, handshake.MalformedSubprotocol))
	// Output:
	// handshake: a subprotocol is not a token (C20, RFC 6455 §4.1): Sec-WebSocket-Protocol "COINEX protocol"
	// true
}

// What a client cannot use, it keeps.
func ExampleRefusedError() {
	conn := stream{strings.NewReader("HTTP/1.1 502 Bad Gateway\r\nServer: cloudflare\r\nContent-Length: 15\r\n\r\nerror code: 502"), io.Discard}
	r, _ := (&handshake.Offer{Host: "example.com", Target: "/", Key: "dGhlIHNhbXBsZSBub25jZQ=="}).Request()
	r.Fields.Add("Cookie", "sid=secret")

	_, err := handshake.Client(conn, r, nil, handshake.Limits{})
	var refused *handshake.RefusedError
	if errors.As(err, &refused) {
		fmt.Print(refused.Report(false))
	}
	// Output:
	// handshake: the server did not switch protocols (C24, RFC 6455 §4.1): "502 Bad Gateway", Server: cloudflare
	//
	// request sent:
	// > GET / HTTP/1.1
	// > Host: example.com
	// > Upgrade: websocket
	// > Connection: Upgrade
	// > Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
	// > Sec-WebSocket-Version: 13
	// > Cookie: [redacted]
	//
	// answer received:
	// < HTTP/1.1 502 Bad Gateway
	// < Server: cloudflare
	// < Content-Length: 15
	// <
	// < error code: 502
}

func ExampleServer() {
	var sent strings.Builder
	conn := stream{strings.NewReader("GET /admin HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"), &sent}
	chooser := &handshake.Chooser{
		Subprotocols: []string{"chat"},
		Decide: func(r *handshake.Request, o handshake.Offer, a handshake.Answer) (handshake.Answer, error) {
			if strings.HasPrefix(o.Target, "/admin") && !r.Fields.Has("Authorization") {
				return a, &handshake.Refusal{Status: 401, Fields: handshake.Fields{{Name: "WWW-Authenticate", Value: `Basic realm="admin"`}}}
			}
			return a, nil
		},
	}
	_, err := handshake.Server(conn, chooser, handshake.Limits{})
	fmt.Println(err)
	fmt.Println(strings.SplitN(sent.String(), "\r\n", 2)[0])
	// Output:
	// handshake: refused with 401 Unauthorized
	// HTTP/1.1 401 Unauthorized
}

// A head is kept as it is on the wire, whatever it is.
func ExampleParseRequest() {
	head := "GET /chat HTTP/1.1\r\nhost:example.com\r\nUpgrade : websocket\r\n\r\n"
	r, _, err := handshake.ParseRequest([]byte(head), handshake.Limits{})
	fmt.Println(err)
	fmt.Printf("%+q\n", r.Fields[1])
	fmt.Println(string(r.AppendRaw(nil)) == head)
	// Output:
	// handshake: white space stands between a field name and its colon (T1, RFC 9112 §5.1): Upgrade "websocket"
	// {"Upgrade" "websocket" " : " ""}
	// true
}
