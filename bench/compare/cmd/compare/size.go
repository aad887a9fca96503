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

// client is a program whose size is shown. Those that talk send hello to a
// server and print its echo, which proves that what was built works.
type client struct {
	name, pkg string
	talks     bool
}

var clients = []client{
	{"net alone", "./clients/net", false},
	{"by hand on net", "./clients/handmade", true},
	{"octet", "github.com/octet-ws/octet/bench/size", true},
	{"crypto/tls alone", "./clients/tls", false},
	{"gobwas", "./clients/gobwas", true},
	{"xnet", "./clients/xnet", true},
	{"gorilla", "./clients/gorilla", true},
	{"gws", "./clients/gws", true},
	{"quickws", "./clients/quickws", true},
	{"net/http alone", "./clients/nethttp", false},
	{"nbio", "./clients/nbio", true},
	{"coder", "./clients/coder", true},
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

	var names []string
	byName := make(map[string]client)
	for _, cl := range clients {
		names = append(names, cl.name)
		byName[cl.name] = cl
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
	return nil
}

func measureSize(dir, addr string, cl client) (sample, error) {
	path, err := build(dir, "client-"+filepath.Base(cl.pkg), cl.pkg, "-trimpath", "-ldflags=-s -w")
	if err != nil {
		return nil, err
	}
	if cl.talks {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, path, "ws://"+addr+"/").CombinedOutput()
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
