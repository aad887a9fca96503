//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/octet-ws/octet/bench/compare/internal/proc"
	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// client is a program whose size is shown.
type client struct {
	name, pkg string
	kind      clientKind
}

// A clientKind says what a client is there for. All but the floors talk: they
// send hello to a server and print its echo, which proves that what was built
// works.
type clientKind uint8

const (
	clientFloor clientKind = iota // what a part of the standard library weighs
	clientHand                    // no library, and no check
	clientOctet
	clientPeer // Octet's is to be smaller
)

var clients = []client{
	{"net alone", "./clients/net", clientFloor},
	{"by hand on net", "./clients/handmade", clientHand},
	{"octet", "github.com/octet-ws/octet/bench/size", clientOctet},
	{"crypto/tls alone", "./clients/tls", clientFloor},
	{"gobwas", "./clients/gobwas", clientPeer},
	{"xnet", "./clients/xnet", clientPeer},
	{"gorilla", "./clients/gorilla", clientPeer},
	{"gws", "./clients/gws", clientPeer},
	{"quickws", "./clients/quickws", clientPeer},
	{"net/http alone", "./clients/nethttp", clientFloor},
	{"nbio", "./clients/nbio", clientPeer},
	{"coder", "./clients/coder", clientPeer},
}

// sizeBound is what docs/benchmarks.md promises for octet's client, bytes.
const sizeBound = 2_400_000

func runSize(c *config, r *report) error {
	dir, err := moduleDir()
	if err != nil {
		return err
	}
	path, err := build(dir, "server", "./cmd/server")
	if err != nil {
		return err
	}
	srv, err := proc.Start(-1, path, "-kind", "gobwas")
	if err != nil {
		return err
	}
	defer srv.Stop()

	var names, peers []string
	byName := make(map[string]client)
	for _, cl := range clients {
		names = append(names, cl.name)
		byName[cl.name] = cl
		if cl.kind == clientPeer {
			peers = append(peers, cl.name)
		}
	}
	const cell = "bytes"
	g := measureRounds(c, names, list{cell}, func(name, _ string) (sample, error) {
		return measureSize(dir, srv.Addr, byName[name])
	})
	g.fill(r)
	t := r.table(`Stripped ws:// client (CGO_ENABLED=0 -trimpath -ldflags="-s -w")`, "client", "bytes", "relative to net alone")
	for _, name := range names {
		f := g.figure(name, cell, "bytes")
		if len(f.Rounds) > 0 {
			t.Add(name, strconv.Itoa(int(f.Median)), g.ratio(name, names[0], cell, "bytes").String())
		}
	}
	r.goal(stats.AtMost("octet's client, bytes", g.figure("octet", cell, "bytes"), sizeBound))
	smallest := g.best(peers, cell, "bytes")
	r.goal(stats.AtMost("octet's client / that of "+smallest+", the smallest peer", g.ratio("octet", smallest, cell, "bytes"), 1))
	return nil
}

func measureSize(dir, addr string, cl client) (sample, error) {
	path, err := build(dir, "client-"+filepath.Base(cl.pkg), cl.pkg, "-trimpath", "-ldflags=-s -w")
	if err != nil {
		return nil, err
	}
	if cl.kind != clientFloor {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, path, "ws://"+addr+"/", "hello").CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != "hello" {
			return nil, fmt.Errorf("built, but it printed %q where hello was due: %v", out, err)
		}
	}
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return sample{"bytes": float64(fi.Size())}, nil
}
