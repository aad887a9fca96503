package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"

	"github.com/octet-ws/octet/conn/tap"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

const tapText = `
tap stands between clients and a server, passes the bytes of both on as they are,
and records what each said: heads byte for byte, frames decoded, every broken rule
noted. The first line on standard output says where it listens; without -o, the
recording follows there as text. A recording's format is its file's ending:

  .txt      for people; long payloads are cut, and say so
  .jsonl    one JSON object a line
  .pcapng   for Wireshark and tshark, complete: the plaintext even of wss, in
            synthetic TCP packets; the server's port is always 80 there, so that
            HTTP and WebSocket are recognised

Not a byte of a head is changed: the server sees the Host the client sent, which
is tap's own address unless the client is told otherwise (octet dial -connect
TAP URL, curl --connect-to, or an entry in the hosts file). For the same reason
only scheme, host and port of -to matter. TLS ends at tap: towards the client it
is spoken with -tls-cert, towards the server if -to is a wss URL.

Values of Authorization, Proxy-Authorization, Cookie and Set-Cookie and userinfo
in URLs are overwritten with asterisks in all files; payloads are not.

exit status: 0 after an interrupt, 1 if it cannot listen or a recording failed,
2 for a mistake in the command line.

examples:
  octet tap -addr 127.0.0.1:8080 -to ws://127.0.0.1:9000 -o session.pcapng
  octet tap -addr 127.0.0.1:8080 -to wss://example.com -save-head head.http
`

func runTap(e *env, args []string) int {
	const name = "octet tap"
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	var shared sharedFlags
	shared.registerTransport(fs)
	var files listFlag
	addr := fs.String("addr", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 takes a free one")
	to := fs.String("to", "", "pass everything on to the server of `URL` (ws:// or wss://)")
	fs.Var(&files, "o", "record to `FILE`, repeatable: .txt, .jsonl or .pcapng; - is text on standard output")
	saveHead := fs.String("save-head", "", "write the first opening request of a client to `FILE`, for why -suspect")
	certFile := fs.String("tls-cert", "", "speak TLS to clients with the certificate chain in PEM `FILE`")
	keyFile := fs.String("tls-key", "", "the key of -tls-cert, in PEM `FILE`")
	secrets := fs.Bool("secrets", false, "record credentials too")
	operands, status, ok := e.parse(fs, args, name+" -to URL [flags]", tapText)
	if !ok {
		return status
	}
	switch {
	case len(operands) > 0:
		return e.usageError(name, "there is nothing to do with "+operands[0])
	case *to == "":
		return e.usageError(name, "-to is missing")
	case (*certFile == "") != (*keyFile == ""):
		return e.usageError(name, "-tls-cert and -tls-key go together")
	}
	url, err := handshake.ParseURL(*to)
	if err != nil {
		return e.usageError(name, err.Error())
	}
	dial, err := shared.transport()
	if err != nil {
		return e.usageError(name, err.Error())
	}
	t := &tapper{e: e, name: name, url: url, dial: dial}
	if *certFile != "" {
		cert, err := wstls.LoadCertificate(*certFile, *keyFile)
		if err != nil {
			return e.fail(name, err)
		}
		t.tls = (&wstls.ServerConfig{Certificates: []tls.Certificate{cert}}).Config()
	}
	if len(files) == 0 {
		files = listFlag{"-"}
	}
	recorder, closeFiles, err := openRecording(files, *saveHead, *secrets, e)
	if err != nil {
		return e.usageError(name, err.Error())
	}
	t.recorder = recorder
	err = t.run(*addr)
	if closing := closeFiles(); err == nil {
		err = closing
	}
	if err != nil {
		return e.fail(name, err)
	}
	return exitOK
}

// openRecording opens the files and starts a recorder that writes to them.
func openRecording(files []string, saveHead string, secrets bool, e *env) (r *tap.Recorder, closeAll func() error, err error) {
	var opened []*os.File
	var writers []tap.Writer
	closeFiles := func() (errs []error) {
		for _, f := range opened {
			errs = append(errs, f.Close())
		}
		return errs
	}
	for _, file := range files {
		format := formatOf(file)
		if format == nil {
			closeFiles()
			return nil, nil, flagError(file + " ends in none of .txt, .jsonl and .pcapng")
		}
		if file == "-" {
			writers = append(writers, format(e.stdout))
			continue
		}
		f, err := os.Create(file)
		if err != nil {
			closeFiles()
			return nil, nil, err
		}
		opened = append(opened, f)
		writers = append(writers, format(f))
	}
	if saveHead != "" {
		writers = append(writers, &headSaver{file: saveHead, e: e})
	}
	r = tap.New(tap.Options{Secrets: secrets}, writers...)
	return r, func() error { return errors.Join(append([]error{r.Close()}, closeFiles()...)...) }, nil
}

// formatOf returns what writes the format that a file's ending names, or nil.
func formatOf(file string) func(io.Writer) tap.Writer {
	switch {
	case file == "-", strings.HasSuffix(file, ".txt"):
		return tap.NewText
	case strings.HasSuffix(file, ".jsonl"):
		return tap.NewJSONLines
	case strings.HasSuffix(file, ".pcapng"):
		return func(w io.Writer) tap.Writer { return tap.NewPcapng(w) }
	}
	return nil
}

// A headSaver writes the first opening request of a client to a file.
type headSaver struct {
	file string
	e    *env
	done bool
}

func (h *headSaver) Flush() error { return nil }

func (h *headSaver) Write(ev *tap.Event) error {
	if h.done || ev.Kind != tap.Head || ev.From != tap.Client {
		return nil
	}
	r, _, _ := handshake.ParseRequest(ev.Data, handshake.Limits{HeadBytes: -1, LineBytes: -1, Fields: -1})
	if r == nil || !r.Fields.Has("Upgrade") && !r.Fields.Has("Sec-WebSocket-Key") {
		return nil // a page, not a handshake
	}
	h.done = true
	if len(ev.Redacted) > 0 {
		fmt.Fprintf(h.e.stderr, "octet tap: %s has asterisks for %s; -secrets keeps them\n", h.file, strings.Join(ev.Redacted, ", "))
	}
	return os.WriteFile(h.file, ev.Data, 0o600)
}

// A tapper passes connections on and records them.
type tapper struct {
	e        *env
	name     string
	url      handshake.URL
	dial     *ws.DialOptions
	tls      *tls.Config // towards clients; nil for none
	recorder *tap.Recorder

	log sync.Mutex
}

// run serves until the user interrupts.
func (t *tapper) run(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	defer context.AfterFunc(t.e.ctx, func() { l.Close() })()
	scheme := "ws"
	if t.tls != nil {
		scheme = "wss"
	}
	fmt.Fprintf(t.e.stdout, "listening on %s://%v for %s\n", scheme, l.Addr(), t.url)
	var connections sync.WaitGroup
	defer connections.Wait()
	for {
		client, err := l.Accept()
		if err != nil {
			if t.e.ctx.Err() != nil {
				return nil
			}
			return err
		}
		connections.Go(func() { t.connection(client) })
	}
}

func (t *tapper) say(from net.Addr, err error) {
	t.log.Lock()
	defer t.log.Unlock()
	fmt.Fprintf(t.e.stderr, "%s: %v: %v\n", t.name, from, err)
}

// connection passes one connection on.
func (t *tapper) connection(client net.Conn) {
	from := client.RemoteAddr()
	defer client.Close()
	defer context.AfterFunc(t.e.ctx, func() { client.Close() })()
	if t.tls != nil {
		secure, err := wstls.Server(t.e.ctx, client, t.tls)
		if err != nil {
			t.say(from, err)
			return
		}
		client = secure
	}
	peers := tap.Peers{Client: addrPort(from), URL: t.url.String(), Secure: [2]bool{t.tls != nil, t.url.Secure}}
	server, _, err := t.dial.Open(t.e.ctx, t.url)
	if err != nil {
		t.say(from, err)
		s := t.recorder.Open(peers)
		s.End(tap.Server, err)
		s.End(tap.Client, nil)
		abort(client) // as if the server had done it
		return
	}
	defer server.Close()
	defer context.AfterFunc(t.e.ctx, func() { server.Close() })()
	peers.Server = addrPort(server.RemoteAddr())
	s := t.recorder.Open(peers)
	var directions sync.WaitGroup
	directions.Go(func() { pump(server, client, s, tap.Client) })
	directions.Go(func() { pump(client, server, s, tap.Server) })
	directions.Wait()
}

func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort()
	}
	return netip.AddrPort{}
}

// pump passes what src sends on to dst, and records it, until it ends: an end
// is passed on as an end, so that the other direction can go on, and a reset
// as a reset.
func pump(dst, src net.Conn, s *tap.Session, from tap.Side) {
	buf := make([]byte, 32<<10)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			s.Bytes(from, buf[:n])
			if _, werr := dst.Write(buf[:n]); werr != nil {
				abort(src) // what it sends has nowhere to go
				s.End(from, werr)
				return
			}
		}
		switch {
		case err == nil:
			continue
		case err == io.EOF:
			closeWrite(dst)
			err = nil
		case errors.Is(err, io.ErrUnexpectedEOF): // TLS that ended without saying so
			closeWrite(below(dst))
		case errors.Is(err, net.ErrClosed):
			err = errGone
		default:
			abort(dst)
		}
		s.End(from, err)
		return
	}
}

// errGone is why a direction ends that tap closed itself: the other one was
// reset, or the user interrupts.
var errGone = errors.New("closed by tap")

// closeWrite ends one direction, over TLS with the alert for that.
func closeWrite(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
		return
	}
	c.Close()
}

// below returns what c runs over if c is TLS, else c.
func below(c net.Conn) net.Conn {
	for {
		over, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = over.NetConn()
	}
}

// abort resets a connection.
func abort(c net.Conn) {
	if tcp, ok := below(c).(*net.TCPConn); ok {
		tcp.SetLinger(0)
		tcp.Close()
		return
	}
	c.Close()
}
