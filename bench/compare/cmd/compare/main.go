//go:build linux

// Command compare runs Octet beside other WebSocket libraries and beside the
// least that a server must do, in one run on one machine, and prints what each
// costs. docs/benchmarks.md says what each figure is.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// command is one subcommand. run fills the report.
type command struct {
	name, about, example string
	run                  func(*config, *report) error
}

var commands = []command{
	{"echo", "processor time and allocations of a server per echoed message", "compare echo -servers floor,octet,gws -cells 125/100/1,125/100/16", runEcho},
	{"idle", "memory of a server per idle connection", "compare idle -conns 10000", runIdle},
	{"upgrade", "processor time and allocations per accept, upgrade and close", "compare upgrade -servers floor,octet,gobwas", runUpgrade},
	{"broadcast", "one message to all connections, and with clients that stall", "compare broadcast -conns 10000 -size 1024", runBroadcast},
	{"mask", "masking beside memcpy and the functions inside the peers", "compare mask -sizes 125,4096", runMask},
	{"inprocess", "the libraries without a kernel: headers, reads, writes, handshakes", "compare inprocess -only read", runInProcess},
	{"size", "stripped ws:// clients", "compare size", runSize},
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// The exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // something could not be measured, or with -check a bound was missed
	exitUsage  = 2
)

func run(args []string, stdout, stderr io.Writer) int {
	i := -1
	if len(args) > 0 {
		i = slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	}
	if i < 0 {
		return overview(args, stdout, stderr)
	}
	cmd := commands[i]
	cfg, err := parseFlags(cmd, args[1:], stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	var out *os.File
	if cfg.out != "" {
		if out, err = os.Create(cfg.out); err != nil { // now, and not after all the work
			fmt.Fprintf(stderr, "compare %s: %v\n", cmd.name, err)
			return exitFailed
		}
	}
	cfg.progress = newProgress(stderr)
	rep := newReport(cmd.name, args)
	err = cmd.run(cfg, rep)
	cfg.progress.clear()
	if err == nil && out != nil {
		err = errors.Join(rep.write(out, true), out.Close())
	}
	if err == nil {
		err = rep.write(stdout, cfg.json)
	}
	if err != nil {
		fmt.Fprintf(stderr, "compare %s: %v\n", cmd.name, err)
		return exitFailed
	}
	for _, f := range rep.Failures {
		fmt.Fprintf(stderr, "compare %s: %s\n", cmd.name, f)
	}
	if len(rep.Failures) > 0 || cfg.check && rep.missed() {
		return exitFailed
	}
	return exitOK
}

func overview(args []string, stdout, stderr io.Writer) int {
	w, status := stderr, exitUsage
	if len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help", "help"}, args[0]) {
		w, status = stdout, exitOK
	}
	var b strings.Builder
	b.WriteString("usage: compare COMMAND [flags]\n\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-10s %s\n", c.name, c.about)
	}
	b.WriteString("\ncompare COMMAND -h lists the flags. Everything stays on loopback.\n\nexample: go run ./cmd/compare echo -quick\n")
	io.WriteString(w, b.String())
	return status
}
