package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/diagnose"
	"github.com/octet-ws/octet/handshake/profile"
)

const dialText = `
dial sends every line of standard input as a text message (as a binary one if it
is not UTF-8) and prints every message it receives as a line on standard output;
everything else goes to standard error. The end of standard input closes the
connection with status 1000, after which what still arrives is printed until the
peer has closed, too.

With -v, standard error shows both heads, secrets left out, and every frame.

exit status: 0 if the connection was closed in order, 1 if it could not be opened
or broke, 2 for a mistake in the command line.

example: printf 'hello\n' | octet dial ws://127.0.0.1:9000
`

const dialName = "octet dial"

func runDial(e *env, args []string) int {
	fs := flag.NewFlagSet(dialName, flag.ContinueOnError)
	var shared sharedFlags
	shared.register(fs)
	d := dialog{env: e}
	fs.BoolVar(&d.echo, "echo", false, "send every message back; standard input is not read")
	fs.BoolVar(&d.keep, "keep", false, "at the end of standard input, wait for the peer to close")
	client := fs.String("profile", "", "send the head of the client `NAME`, such as chrome")
	maxMessage := fs.Int64("max-message", 0, "refuse messages of more than `BYTES` (default 16 MiB)")
	verbose := fs.Bool("v", false, "show heads and frames on standard error")
	operands, status, ok := e.parse(fs, args, dialName+" [flags] URL", dialText)
	if !ok {
		return status
	}
	switch {
	case len(operands) != 1:
		return e.usageError(dialName, "want one URL")
	case *maxMessage < 0:
		return e.usageError(dialName, "-max-message is a number of bytes")
	}
	if _, err := handshake.ParseURL(operands[0]); err != nil {
		return e.usageError(dialName, err.Error())
	}
	opts, err := shared.dialOptions()
	if err != nil {
		return e.fail(dialName, err)
	}
	if *client != "" {
		p, ok := profile.Lookup(*client)
		if !ok {
			return e.usageError(dialName, "there is no profile "+*client)
		}
		opts.Head = d.imitate(p, &shared)
	}
	opts.Conn = &conn.Options{MaxMessage: *maxMessage, MaxFrame: *maxMessage}
	if *verbose {
		v := &narrator{w: e.stderr}
		opts.Trace, opts.Conn.Trace = v.dialTrace(), v.connTrace()
	}
	return d.run(operands[0], opts)
}

// imitate makes the head of another client's, with what the flags say on top,
// and without the offers that nothing here could keep.
func (d *dialog) imitate(p profile.Profile, f *sharedFlags) func(handshake.URL, *handshake.Request) (*handshake.Request, error) {
	return func(u handshake.URL, own *handshake.Request) (*handshake.Request, error) {
		r := p.Request(profile.Target{
			Host:   own.Fields.Get("Host"),
			Target: u.Target,
			Secure: u.Secure,
			Key:    own.Fields.Get("Sec-WebSocket-Key"),
			Origin: f.origin,
		})
		for _, name := range []string{"Origin", "Sec-WebSocket-Protocol", "Authorization"} {
			if own.Fields.Has(name) {
				r.Fields.Set(name, own.Fields.Get(name))
			}
		}
		if withoutCompression(r) {
			fmt.Fprintf(d.stderr, "%s: profile %s offers permessage-deflate, which is not spoken here; sent without that offer\n", dialName, p.Name)
		}
		f.fields.apply(&r.Fields)
		return r, nil
	}
}

// withoutCompression takes the offer of permessage-deflate out of r and reports
// whether there was one.
func withoutCompression(r *handshake.Request) bool {
	const name = "Sec-WebSocket-Extensions"
	found := false
	var others []handshake.Extension
	for _, e := range handshake.OfferOf(r).Extensions {
		if e.Name == "permessage-deflate" {
			found = true
		} else {
			others = append(others, e)
		}
	}
	switch {
	case !found:
	case len(others) == 0:
		r.Fields.Del(name)
	default:
		r.Fields.Set(name, string(handshake.AppendExtensions(nil, others)))
	}
	return found
}

// A dialog is one run of dial: a connection between standard input and output.
type dialog struct {
	*env
	echo, keep bool
}

func (d *dialog) run(url string, opts *ws.DialOptions) int {
	c, _, err := ws.Dial(d.ctx, url, opts)
	if err != nil {
		status := d.fail(dialName, err)
		var refused *handshake.RefusedError
		if errors.As(err, &refused) {
			for _, hint := range diagnose.Hints(refused) {
				fmt.Fprintf(d.stderr, "%s: %s\n", dialName, printable(hint))
			}
			fmt.Fprintf(d.stderr, "%s: `octet why URL` looks for the cause in the request\n", dialName)
		}
		return status
	}
	defer c.Close()
	defer context.AfterFunc(d.ctx, func() { c.Close() })()
	if !d.echo {
		go d.send(c)
	}
	err = d.receive(c)
	var closed *conn.CloseError
	switch {
	case errors.Is(err, conn.ErrClosed):
		return exitOK
	case errors.As(err, &closed) && inOrder(closed.Code):
		return exitOK
	}
	return d.fail(dialName, err)
}

// inOrder reports whether a peer that closes with the code has nothing to
// complain of.
func inOrder(code frame.CloseCode) bool {
	return code == frame.CloseNormal || code == frame.CloseGoingAway || code == frame.CloseNoStatus
}

// send sends the lines of standard input. It returns when that ends, which may
// be later than the connection.
func (d *dialog) send(c *conn.Conn) {
	lines := bufio.NewReader(d.stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if n := len(line); n > 0 && line[n-1] == '\n' {
			line = line[:n-1]
		}
		if err == nil || len(line) > 0 {
			t := conn.Text
			if !utf8.Valid(line) {
				t = conn.Binary
			}
			if c.WriteMessage(t, line) != nil {
				return // receive says why
			}
		}
		if err == nil {
			continue
		}
		if err != io.EOF {
			d.fail(dialName, err)
		}
		if !d.keep {
			c.SendClose(frame.CloseNormal, "")
		}
		return
	}
}

// receive prints messages until the connection ends and returns why.
func (d *dialog) receive(c *conn.Conn) error {
	terminal := isTerminal(d.stdout)
	var out []byte
	for {
		t, message, err := c.NextMessage()
		if err != nil {
			return err
		}
		if d.echo {
			if err := c.WriteMessage(t, message); err != nil {
				return err
			}
		}
		if out = out[:0]; terminal {
			out = appendPrintable(out, message)
		} else {
			out = append(out, message...)
		}
		if _, err := d.stdout.Write(append(out, '\n')); err != nil {
			return err
		}
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// appendPrintable appends a message for a terminal, which a peer must not be
// able to drive: UTF-8 as it is, control characters and other bytes escaped.
func appendPrintable(dst, message []byte) []byte {
	for len(message) > 0 {
		r, n := utf8.DecodeRune(message)
		control := r < ' ' && r != '\n' && r != '\t' || 0x7f <= r && r < 0xa0
		if control || r == utf8.RuneError && n == 1 {
			dst = fmt.Appendf(dst, `\x%02x`, message[:n])
		} else {
			dst = append(dst, message[:n]...)
		}
		message = message[n:]
	}
	return dst
}
