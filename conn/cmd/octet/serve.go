package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/museum"
	wstls "github.com/octet-ws/octet/tls"
)

const serveText = `
serve echoes every message, text as text and binary as binary. Its first line on
standard output says where it listens; refused handshakes are told of on standard
error, one line each. A request without Origin and one from the server's own
origin are accepted. An interrupt closes all connections with status 1001.

With -reject, it is one of the picky servers of docs/rejections.md, to try
clients and octet why against.

exit status: 0 after an interrupt, 1 if it cannot listen, 2 for a mistake in the
command line.

example: octet serve -addr 127.0.0.1:9000
         octet dial ws://127.0.0.1:9000
`

// shutdownTime is how long peers have to answer the Close of a server that was
// interrupted.
const shutdownTime = 5 * time.Second

func runServe(e *env, args []string) int {
	const name = "octet serve"
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	var subprotocols, origins listFlag
	addr := fs.String("addr", "127.0.0.1:9000", "listen on `HOST:PORT`; port 0 takes a free one")
	maxMessage := fs.Int64("max-message", 0, "refuse messages of more than `BYTES` (default 16 MiB)")
	certFile := fs.String("tls-cert", "", "speak TLS with the certificate chain in PEM `FILE`")
	keyFile := fs.String("tls-key", "", "the key of -tls-cert, in PEM `FILE`")
	fs.Var(&subprotocols, "subprotocol", "speak the subprotocol `NAME`, repeatable; the first one a client offers is chosen")
	fs.Var(&origins, "allow-origin", "accept origins like `PATTERN` too, repeatable: a host with * for any characters, or * for all")
	reject := fs.String("reject", "", "be the picky server that `RULE` describes; \"list\" lists them")
	operands, status, ok := e.parse(fs, args, name+" [flags]", serveText)
	if !ok {
		return status
	}
	switch {
	case len(operands) > 0:
		return e.usageError(name, "there is nothing to do with "+operands[0])
	case (*certFile == "") != (*keyFile == ""):
		return e.usageError(name, "-tls-cert and -tls-key go together")
	case *maxMessage < 0:
		return e.usageError(name, "-max-message is a number of bytes")
	}
	if *reject == "list" {
		if err := listRules(e.stdout); err != nil {
			return e.fail(name, err)
		}
		return exitOK
	}
	rule, known := museum.Lookup(*reject)
	switch {
	case *reject != "" && !known:
		return e.usageError(name, "there is no rule "+*reject+"; -reject list lists them")
	case rule.TLS && *certFile == "":
		return e.usageError(name, "rule "+rule.Name+" is about TLS: it needs -tls-cert and -tls-key")
	}

	scheme, config := "ws", (*tls.Config)(nil)
	if *certFile != "" {
		cert, err := wstls.LoadCertificate(*certFile, *keyFile)
		if err != nil {
			return e.fail(name, err)
		}
		scheme, config = "wss", (&wstls.ServerConfig{Certificates: []tls.Certificate{cert}}).Config()
	}
	ln, err := net.Listen("tcp", *addr)
	if err != nil {
		return e.fail(name, err)
	}
	if *reject != "" { // then nothing else is to refuse
		ln, config = &pickyListener{Listener: ln, rule: rule, config: config}, nil
		origins, subprotocols = append(origins, "*"), append(subprotocols, "chat")
	}
	var log sync.Mutex // handshakes are refused at the same time
	l := ws.NewListener(ln, &ws.ListenOptions{
		Accept: ws.AcceptOptions{
			TLS:     config,
			Chooser: &handshake.Chooser{Subprotocols: subprotocols, Origins: origins},
			Conn:    &conn.Options{MaxMessage: *maxMessage, MaxFrame: *maxMessage},
		},
		Refused: func(from net.Addr, _ *handshake.Request, err error) {
			log.Lock()
			defer log.Unlock()
			fmt.Fprintf(e.stderr, "%s: %v: %v\n", name, from, err)
		},
	})
	fmt.Fprintf(e.stdout, "listening on %s://%v\n", scheme, l.Addr())
	return e.serve(name, l)
}

// serve echoes until the user interrupts.
func (e *env) serve(name string, l *ws.Listener) int {
	done := make(chan error, 1)
	t := newTidier()
	go func() {
		done <- l.Serve(func(c *conn.Conn, r *handshake.Request) {
			t.came()
			echo(c, r)
		})
	}()
	select {
	case err := <-done:
		l.Close()
		return e.fail(name, err)
	case <-e.ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	err := l.Shutdown(ctx)
	<-done
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return e.fail(name, err)
	}
	return exitOK
}

// echo sends every message back. NextMessage lends the message until the next
// read, so nothing is copied and nothing is allocated; WriteMessage holds the
// answer back while more messages wait in the same segment.
func echo(c *conn.Conn, _ *handshake.Request) {
	for {
		t, message, err := c.NextMessage()
		if err != nil {
			return
		}
		if err := c.WriteMessage(t, message); err != nil {
			return
		}
	}
}

// tidier gives back to the system what handshakes have left, once no connection
// has come for a while. Echoing allocates nothing, so the collector, which waits
// for the heap to double, would let the requests lie there: a tenth of what idle
// connections take.
type tidier struct {
	timer *time.Timer
	fresh atomic.Int64 // connections that came since the last time
}

// tidyTime is the while.
const tidyTime = 100 * time.Millisecond

func newTidier() *tidier {
	t := new(tidier)
	t.timer = time.AfterFunc(tidyTime, t.tidy)
	return t
}

// came takes note of a connection.
func (t *tidier) came() {
	t.fresh.Add(1)
	t.timer.Reset(tidyTime)
}

// tidy collects, unless it would have to look at many connections for what few
// have left.
func (t *tidier) tidy() {
	if 8*t.fresh.Load() >= int64(runtime.NumGoroutine()) {
		t.fresh.Store(0)
		debug.FreeOSMemory()
	}
}
