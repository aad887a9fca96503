package main

import (
	"context"
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

// limit keeps the stripped program from growing. go1.26.8 makes it 2,396,322
// bytes; as the linker fills pages, the next larger size is 2,400,418. By the same
// measure net alone takes 2,007,202, a client by hand on net and crypto/rand
// 2,203,810, and the smallest peer's client over 5,000,000.
const limit = 2_400_000

// TestSize builds the program, weighs it, and has it talk to a server: what is
// linked into it differs from what is linked into this test.
func TestSize(t *testing.T) {
	program := filepath.Join(t.TempDir(), "size")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", info.Size())
	if info.Size() > limit {
		t.Errorf("the client takes %d bytes, want at most %d", info.Size(), limit)
	}
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		if out, err := exec.Command(program, echo(t), "Hello").CombinedOutput(); err != nil || string(out) != "Hello\n" {
			t.Errorf("the program printed %q, %v", out, err)
		}
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
