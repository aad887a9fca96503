//go:build linux

package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// config is what the flags say. Fields a subcommand has no flag for keep
// their zero value.
type config struct {
	// Every subcommand.
	rounds      int
	quick       bool
	json, check bool
	out         string
	only        string
	progress    *progress

	// Subcommands that start servers.
	servers  list
	external external
	unpinned bool

	// Some of them.
	cells   list
	text    bool
	time    time.Duration
	warm    time.Duration
	conns   int
	count   int
	size    int
	stalled int
}

// list is a flag of words separated by commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	*l = strings.Split(s, ",")
	return nil
}

// external is the flag for servers that are not ours: NAME=PROGRAM ARGUMENTS.
type external map[string][]string

func (e *external) String() string { return "" }

func (e *external) Set(s string) error {
	name, line, ok := strings.Cut(s, "=")
	words := strings.Fields(line)
	if !ok || name == "" || len(words) == 0 {
		return fmt.Errorf("want NAME=PROGRAM ARGUMENTS with {addr} or {port} among them")
	}
	if *e == nil {
		*e = make(external)
	}
	(*e)[name] = words
	return nil
}

func parseFlags(cmd command, args []string, stderr io.Writer) (*config, error) {
	c := &config{warm: 200 * time.Millisecond}
	fs := flag.NewFlagSet("compare "+cmd.name, flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.IntVar(&c.rounds, "rounds", 7, "interleaved `rounds`; the table shows median (least–most)")
	fs.BoolVar(&c.quick, "quick", false, "one short round of a few cells: shows that everything works, not what it costs")
	fs.BoolVar(&c.json, "json", false, "print JSON with every round instead of tables")
	fs.StringVar(&c.out, "out", "", "write the JSON to `FILE` beside what is printed")
	fs.BoolVar(&c.check, "check", false, "exit with 1 if a bound is missed")

	if !slices.Contains([]string{"mask", "inprocess", "size"}, cmd.name) {
		fs.Var(&c.servers, "servers", "comma-separated `names`; default: all that the subcommand is for")
		fs.Var(&c.external, "external", "another server as `NAME=PROGRAM ARGS`, {addr} or {port} standing for where to listen; repeatable")
		fs.BoolVar(&c.unpinned, "unpinned", false, "let the scheduler place server and client")
	}
	switch cmd.name {
	case "echo":
		fs.Var(&c.cells, "cells", "comma-separated `SIZE/CONNECTIONS/DEPTH`s")
		fs.BoolVar(&c.text, "text", false, "ASCII text messages instead of binary ones")
		fs.DurationVar(&c.time, "time", 500*time.Millisecond, "`duration` of one measurement")
	case "idle":
		fs.IntVar(&c.conns, "conns", 10_000, "`connections`")
	case "upgrade":
		fs.IntVar(&c.count, "count", 10_000, "`upgrades` in one measurement")
		fs.IntVar(&c.conns, "conns", 16, "`connections` under way together")
	case "broadcast":
		fs.IntVar(&c.conns, "conns", 10_000, "`connections`")
		fs.IntVar(&c.size, "size", 1024, "`bytes` of a message")
		fs.IntVar(&c.count, "count", 20, "`messages` in one measurement")
		fs.IntVar(&c.stalled, "stalled", 0, "`clients` beside them that never read")
	case "mask":
		fs.Var(&c.cells, "sizes", "comma-separated `bytes` of payload")
		fs.DurationVar(&c.time, "time", 20*time.Millisecond, "`duration` of one measurement")
	case "inprocess":
		fs.StringVar(&c.only, "only", "", "only cases whose GROUP/CELL/NAME contains this `text`")
		fs.DurationVar(&c.time, "time", 100*time.Millisecond, "`duration` of one measurement")
	case "size":
		c.rounds = 1
	}
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "usage: compare %s [flags]\n%s.\n\n", cmd.name, cmd.about)
		fs.PrintDefaults()
		fmt.Fprintf(fs.Output(), "\nexample: %s\n", cmd.example)
	}
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 || c.rounds < 1 {
		fs.Usage()
		return nil, fmt.Errorf("unexpected argument")
	}
	if c.quick {
		c.makeQuick(cmd.name)
	}
	return c, nil
}

// makeQuick shrinks a run until it takes seconds.
func (c *config) makeQuick(name string) {
	c.rounds = 1
	c.warm = 10 * time.Millisecond
	switch name {
	case "echo":
		c.time = 50 * time.Millisecond
		if c.cells == nil {
			c.cells = list{"125/10/1", "125/10/16", "131072/2/1"}
		}
	case "idle":
		c.conns = min(c.conns, 200)
	case "upgrade":
		c.count = min(c.count, 200)
	case "broadcast":
		c.conns, c.count = min(c.conns, 100), min(c.count, 5)
	case "mask":
		c.time = time.Millisecond
		if c.cells == nil {
			c.cells = list{"125", "65536"}
		}
	case "inprocess":
		c.time = time.Millisecond
	}
}
