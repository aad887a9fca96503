package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/octet-ws/octet/handshake"
)

// runDemo tells the story that Octet began with, on servers of its own: an
// origin that drops a handshake it does not like without a word, behind a proxy
// that makes "502 Bad Gateway" of it. The suspect is libwebsockets with a
// subprotocol that is no token.
func (f *whyFlags) runDemo(e *env) int {
	address, stop, err := startDemo(e.ctx)
	if err != nil {
		return e.fail(whyName, err)
	}
	defer stop()
	u, err := handshake.ParseURL("ws://" + address + "/feed")
	if err != nil {
		return e.fail(whyName, err)
	}
	f.suspect = "libwebsockets-coinex"
	return f.explain(e, u)
}

// demoTimeout bounds each connection of the demo's servers.
const demoTimeout = 10 * time.Second

// startDemo starts origin and proxy on loopback and returns the proxy's
// address. stop ends both and waits for them.
func startDemo(ctx context.Context) (address string, stop func(), err error) {
	origin, stopOrigin, err := listenAndServe(ctx, serveDemoOrigin)
	if err != nil {
		return "", nil, err
	}
	proxy, stopProxy, err := listenAndServe(ctx, func(client net.Conn) { serveDemoProxy(client, origin) })
	if err != nil {
		stopOrigin()
		return "", nil, err
	}
	return proxy, func() { stopProxy(); stopOrigin() }, nil
}

// listenAndServe runs serve for each connection to a free port of loopback.
// Connections are closed when serve returns, or when stop is called.
func listenAndServe(ctx context.Context, serve func(net.Conn)) (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer nc.Close()
				defer context.AfterFunc(ctx, func() { nc.Close() })()
				nc.SetDeadline(time.Now().Add(demoTimeout))
				serve(nc)
			})
		}
	})
	return l.Addr().String(), func() {
		cancel()
		l.Close()
		running.Wait()
	}, nil
}

// serveDemoOrigin accepts handshakes without subprotocol. It knows none, so it
// closes the connection without a byte when one is offered, as libwebsockets
// 4.1.6 does.
func serveDemoOrigin(nc net.Conn) {
	r, _, err := readRequest(nc)
	if err != nil || r.Fields.Has("Sec-WebSocket-Protocol") {
		return
	}
	offer, err := handshake.CheckRequest(r)
	if err != nil {
		return
	}
	answer, err := new(handshake.Answer).Append(nil, offer.Key)
	if err != nil {
		return
	}
	nc.Write(answer)
	io.Copy(io.Discard, nc)
}

// badGateway is what a well-known content delivery network makes of an origin
// that drops a request.
const badGateway = "HTTP/1.1 502 Bad Gateway\r\n" +
	"Content-Type: text/plain; charset=UTF-8\r\n" +
	"Content-Length: 15\r\n" +
	"Connection: close\r\n" +
	"Cache-Control: private, max-age=0, no-store, no-cache, must-revalidate\r\n" +
	"Server: cloudflare\r\n" +
	"\r\n" +
	"error code: 502"

// serveDemoProxy forwards a request to the origin, and its answer back. If none
// comes, it answers itself.
func serveDemoProxy(client net.Conn, origin string) {
	_, head, err := readRequest(client)
	if err != nil {
		return
	}
	up, err := net.DialTimeout("tcp", origin, demoTimeout)
	if err != nil {
		io.WriteString(client, badGateway)
		return
	}
	defer up.Close()
	up.SetDeadline(time.Now().Add(demoTimeout))
	first := make([]byte, 4<<10)
	n := 0
	if _, err = up.Write(head); err == nil {
		n, _ = up.Read(first)
	}
	if n == 0 {
		io.WriteString(client, badGateway)
		return
	}
	client.Write(first[:n])
	var copying sync.WaitGroup
	copying.Go(func() {
		io.Copy(up, client)
		up.Close()
	})
	io.Copy(client, up)
	client.Close()
	copying.Wait()
}

// readRequest reads one head and returns it, also as its bytes.
func readRequest(nc net.Conn) (*handshake.Request, []byte, error) {
	var head bytes.Buffer
	buf := make([]byte, 4<<10)
	for {
		n, err := nc.Read(buf)
		head.Write(buf[:n])
		r, length, syntax := handshake.ParseRequest(head.Bytes(), handshake.Limits{})
		if length > 0 {
			return r, head.Bytes(), nil // the proxy passes on what it may not understand
		}
		if err := errors.Join(syntax, err); err != nil {
			return nil, nil, err
		}
	}
}
