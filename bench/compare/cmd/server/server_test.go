//go:build linux

package main

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/octet-ws/octet/bench/compare/internal/floor"
	"github.com/octet-ws/octet/bench/compare/internal/load"
)

// Every kind answers the load generator's messages byte for byte, in each
// length class, alone and in batches, and sends a broadcast to all.
func TestEveryKind(t *testing.T) {
	shapes := []load.Shape{
		{Size: 1, Depth: 1},
		{Size: 125, Depth: 1},
		{Size: 125, Depth: 16},
		{Size: 125, Depth: 4, Text: true},
		{Size: 1 << 10, Depth: 3},
		{Size: 16 << 10, Depth: 2},
		{Size: 128 << 10, Depth: 4},
	}
	// floorep spins on a processor for the rest of the test: last.
	order := append(slices.DeleteFunc(names(), func(s string) bool { return s == "floorep" }), "floorep")
	for _, name := range order {
		t.Run(name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			h := &hub{keep: true}
			go kinds[name].serve(ln, h)
			for _, sh := range shapes {
				echo(t, ln.Addr().String(), sh)
			}
			if err := load.Upgrades(ln.Addr().String(), 5, 2); err != nil {
				t.Errorf("upgrades: %v", err)
			}
		})
		t.Run(name+"/broadcast", func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			h := &hub{keep: true}
			go kinds[name].serve(ln, h)
			l, err := load.Dial(ln.Addr().String(), 3, load.Shape{Size: 1, Depth: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			// An answer shows that the server has the connection in its list.
			if _, err := l.Run(0, 1); err != nil {
				t.Fatal(err)
			}
			if h.send == nil {
				return // a kind without broadcast
			}
			sent := make(chan error, 1)
			go func() {
				_, err := obey("broadcast 2 1024", h)
				sent <- err
			}()
			frame := append(floor.Header{First: 0x82, Length: 1024}.Append(nil), strings.Repeat("x", 1024)...)
			if err := l.Receive(append(frame, frame...)); err != nil {
				t.Error(err)
			}
			if err := <-sent; err != nil {
				t.Error(err)
			}
		})
	}
}

func echo(t *testing.T, addr string, sh load.Shape) {
	t.Helper()
	l, err := load.Dial(addr, 4, sh)
	if err != nil {
		t.Fatalf("%+v: %v", sh, err)
	}
	defer l.Close()
	n, err := l.Run(time.Minute, 5)
	if want := int64(4 * 5 * sh.Depth); err != nil || n != want {
		t.Errorf("%+v: %d messages of %d answered: %v", sh, n, want, err)
	}
}

func TestCommands(t *testing.T) {
	for _, tt := range []struct {
		line, want, err string
	}{
		{"memory", `"mallocs":`, ""},
		{"gc", "ok", ""},
		{"broadcast 1 1", "", "does not broadcast"},
		{"nonsense", "", "unknown command"},
	} {
		got, err := obey(tt.line, new(hub))
		if tt.err == "" && (err != nil || !strings.Contains(got, tt.want)) {
			t.Errorf("%q is answered %q, %v; want %q", tt.line, got, err, tt.want)
		}
		if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%q: error %v, want one about %q", tt.line, err, tt.err)
		}
	}
}
