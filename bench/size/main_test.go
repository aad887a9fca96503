package main

import (
	"context"
	"go/version"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
)

// limit is in bytes. go1.26.8 makes the program 2,396,322; as the linker fills
// pages, the next larger size is 2,400,418. By the same measure net alone takes
// 2,007,202, net with crypto/rand 2,187,426, and the smallest peer's client over
// 5,000,000.
const limit = 2_400_000

// TestSize builds the program, weighs it, and has it talk to a server: what is
// linked into it differs from what is linked into this test.
func TestSize(t *testing.T) {
	program, size := build(t, ".")
	t.Logf("%d bytes", size)
	if most := limitOf(t, runtime.Version()); size > most {
		t.Errorf("the client takes %d bytes, want at most %d", size, most)
	}
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		if out, err := exec.Command(program, echo(t), "Hello").CombinedOutput(); err != nil || string(out) != "Hello\n" {
			t.Errorf("the program printed %q, %v", out, err)
		}
	}
}

// limitOf returns the limit for a release of Go: limit up to go1.26, and beyond
// that as much more as the release takes for what is not ours.
func limitOf(t *testing.T, release string) int64 {
	if version.Compare(version.Lang(release), "go1.26") <= 0 {
		return limit
	}
	_, base := build(t, "testdata/base.go")
	t.Logf("%d bytes for net and crypto/rand alone", base)
	return base + limit - 2_187_426
}

// build builds a stripped program for linux/amd64 and returns where it is, and
// its size.
func build(t *testing.T, source string) (program string, size int64) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "program")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	return program, info.Size()
}

// TestLimit holds the limit for later releases to what the one for this release
// says of itself.
func TestLimit(t *testing.T) {
	if version.Lang(runtime.Version()) != "go1.26" {
		return // the numbers are those of go1.26
	}
	if got := limitOf(t, "go1.99"); got < limit-4096 || got > limit+4096 {
		t.Errorf("by what net and crypto/rand take, the limit is %d, and not about %d", got, limit)
	}
}

func TestAsk(t *testing.T) {
	if reply, err := ask(echo(t), "Hello"); err != nil || reply != "Hello" {
		t.Errorf("the reply is %q, %v", reply, err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := ask("ws://"+l.Addr().String()+"/", "Hello"); err == nil {
		t.Error("a closed port answers")
	}
}

// echo starts a server that sends back what it gets, for the time of the test.
func echo(t *testing.T) (url string) {
	t.Helper()
	l, err := ws.Listen("tcp", "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() {
		served <- l.Serve(func(c *conn.Conn, _ *handshake.Request) {
			for {
				typ, p, err := c.NextMessage()
				if err != nil || c.WriteMessage(typ, p) != nil {
					return
				}
			}
		})
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := l.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		<-served
	})
	return "ws://" + l.Addr().String() + "/"
}
