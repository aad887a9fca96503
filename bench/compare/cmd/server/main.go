//go:build linux

// Command server is an echo server of one kind: a floor, a peer used as well
// as its interface allows, or Octet. `compare` starts it; by hand:
//
//	go run ./cmd/server -kind gws -addr 127.0.0.1:9000
//
// It prints the address it listens on, takes commands a line each on standard
// input (see control.go), and ends when that input does.
package main

import (
	"flag"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
)

// kind is one server. serve does not return unless it fails.
type kind struct {
	serve func(net.Listener, *hub) error
	about string // the settings chosen, and why
}

// kinds is the list of servers; the file of each says what it does.
var kinds = map[string]kind{
	"floor":      {serveFloor, "no checks; one Write per message"},
	"floorb":     {serveFloorBatch, "no checks; one Write per Read"},
	"floorep":    {serveFloorEpoll, "no checks; one thread, epoll, one Write per Read"},
	"octet":      {serveOctet, "Octet's listener, all defaults"},
	"octet-http": {serveOctetHTTP, "Octet in net/http, all defaults"},
	"gorilla":    {serveGorilla, "gorilla/websocket in net/http; NextReader into pooled buffers"},
	"coder":      {serveCoder, "coder/websocket in net/http; Reader into pooled buffers"},
	"gobwas":     {serveGobwas, "gobwas/ws on net.Conn; frames by hand over bufio"},
	"gobwasutil": {serveGobwasUtil, "gobwas/ws on net.Conn; wsutil.ReadClientData"},
	"gws":        {serveGWS, "lxzan/gws, its own server"},
	"gws-http":   {serveGWSHTTP, "lxzan/gws in net/http"},
	"quickws":    {serveQuickws, "antlabs/quickws in net/http; its read loop"},
	"nbio":       {serveNbio, "lesismal/nbio, its own epoll engine"},
	"xnet":       {serveXNet, "golang.org/x/net/websocket in net/http"},
}

func main() {
	name := flag.String("kind", "", "one of "+strings.Join(names(), ", "))
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	var h hub
	flag.BoolVar(&h.keep, "broadcast", false, "register connections for the broadcast command")
	flag.Usage = usage
	flag.Parse()

	k, ok := kinds[*name]
	if !ok || flag.NArg() > 0 {
		usage()
		os.Exit(2)
	}
	ln, err := net.Listen("tcp", *addr)
	if err != nil {
		fatal(err)
	}
	fmt.Printf("listening %s\n", ln.Addr())
	go control(os.Stdin, os.Stdout, &h)
	fatal(k.serve(ln, &h))
}

func names() []string { return slices.Sorted(maps.Keys(kinds)) }

func usage() {
	w := flag.CommandLine.Output()
	fmt.Fprint(w, "usage: server -kind KIND [-addr HOST:PORT] [-broadcast]\n\nkinds:\n")
	for _, name := range names() {
		fmt.Fprintf(w, "  %-11s %s\n", name, kinds[name].about)
	}
	fmt.Fprint(w, "\nexample: server -kind floor -addr 127.0.0.1:9000\n")
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "server:", err)
	os.Exit(1)
}
