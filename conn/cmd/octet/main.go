// Command octet explains, makes, serves and records WebSocket connections.
//
//	octet why URL      why is my handshake refused?
//	octet why -demo    the same on a server built in, offline
//	octet dial URL     connect and talk
//	octet serve        an echo server, to test a client against
//	octet tap          stand between client and server and record
//	octet diff A B     two heads beside each other
//	octet explain      annotate the bytes of a head or of frames
//
// Standard output carries results (a report, messages); everything said about
// the work itself goes to standard error. Every subcommand answers -h with an
// example.
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Exit statuses that every subcommand shares. A subcommand that needs finer
// ones (see why) documents them in its usage.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole command but for os.Exit, so that tests run it in process.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return dispatch(&env{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr}, args)
}

// env is all that a subcommand knows of the process it runs in.
type env struct {
	ctx            context.Context // done when the user interrupts
	stdin          io.Reader
	stdout, stderr io.Writer
}

// A subcommand is one row of the table that run dispatches on.
type subcommand struct {
	name    string
	summary string // one line for the list of subcommands
	run     func(e *env, args []string) int
}

// subcommands lists the subcommands in the order in which usage shows them.
func subcommands() []subcommand {
	return []subcommand{
		{"why", "why is my handshake refused? name the cause and the fix", runWhy},
		{"dial", "connect and talk", runDial},
		{"serve", "an echo server to test a client against", runServe},
		{"tap", "stand between client and server and record what both say", runTap},
		{"diff", "two heads beside each other, their differences marked", runDiff},
		{"explain", "annotate the bytes of a head or of frames", runExplain},
	}
}

func dispatch(e *env, args []string) int {
	if len(args) == 0 {
		io.WriteString(e.stderr, usage())
		return exitUsage
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		io.WriteString(e.stdout, usage())
		return exitOK
	}
	for _, c := range subcommands() {
		if c.name == args[0] {
			return c.run(e, args[1:])
		}
	}
	return e.usageError("octet", "there is no subcommand "+args[0])
}

func usage() string {
	var b strings.Builder
	b.WriteString("octet explains, makes, serves and records WebSocket connections.\n\nusage: octet SUBCOMMAND [flags] …\n\n")
	for _, c := range subcommands() {
		b.WriteString("  " + c.name + strings.Repeat(" ", 9-len(c.name)) + c.summary + "\n")
	}
	b.WriteString("\nexample: octet why -demo\n`octet SUBCOMMAND -h` shows its flags and an example.\n")
	return b.String()
}

// usageError says on standard error what is wrong with the command line and
// returns the exit status for that.
func (e *env) usageError(command, problem string) int {
	io.WriteString(e.stderr, command+": "+problem+" (see "+command+" -h)\n")
	return exitUsage
}

// fail says on standard error why a subcommand did not succeed and returns
// exitFail.
func (e *env) fail(command string, err error) int {
	io.WriteString(e.stderr, command+": "+err.Error()+"\n")
	return exitFail
}

// parse parses the flags of one subcommand, which may stand before and behind
// its operands. ok is false when the caller should return status at once:
// after -h (0) or a mistake (2).
//
// synopsis is the command line behind "usage:"; text is what stands below the
// flags: exit statuses, and examples.
func (e *env) parse(fs *flag.FlagSet, args []string, synopsis, text string) (operands []string, status int, ok bool) {
	fs.SetOutput(io.Discard) // the flag package would say everything twice
	fs.Usage = func() {}
	for {
		err := fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			io.WriteString(e.stdout, "usage: "+synopsis+"\n\n")
			fs.SetOutput(e.stdout)
			fs.PrintDefaults()
			io.WriteString(e.stdout, "\n"+strings.TrimLeft(text, "\n"))
			return nil, exitOK, false
		}
		if err != nil {
			return nil, e.usageError(fs.Name(), err.Error()), false
		}
		rest := fs.Args()
		ended := len(args) > len(rest) && args[len(args)-len(rest)-1] == "--"
		if ended || len(rest) == 0 {
			return append(operands, rest...), exitOK, true
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
}
