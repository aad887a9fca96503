//go:build interop && unix

package interop

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds everything that a test waits for. The slowest step, a
// browser's start, takes some two seconds.
const patience = 20 * time.Second

// octet is the path of the command under test, which TestMain builds.
var octet string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "octet-interop-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		octet = filepath.Join(dir, "octet")
		build := exec.Command("go", "build", "-o", octet, "../cmd/octet")
		if out, err := build.CombinedOutput(); err != nil {
			os.Stderr.Write(out)
			return 1
		}
		return m.Run()
	}())
}

// A process runs beside a test, in a process group of its own, which is killed
// when the test ends: nothing that it starts outlives the test.
type process struct {
	cmd    *exec.Cmd
	pipe   *os.File      // its standard output
	stdout *bufio.Reader // on pipe
	stderr bytes.Buffer  // to be read after wait
}

// start starts the program args[0], in the folder of this package.
func start(t *testing.T, stdin io.Reader, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(ctx, args[0], args[1:]...), pipe: read, stdout: bufio.NewReader(read)}
	kill := func() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Cancel = kill
	p.cmd.WaitDelay = time.Second
	p.cmd.Stdin = stdin
	p.cmd.Stdout = write
	p.cmd.Stderr = &p.stderr
	p.cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", args[0], err)
	}
	write.Close()
	read.SetReadDeadline(time.Now().Add(patience))
	t.Cleanup(func() {
		cancel()
		kill()
		p.cmd.Wait()
		read.Close()
		if t.Failed() && p.stderr.Len() > 0 {
			t.Logf("%s said on standard error:\n%s", strings.Join(args, " "), &p.stderr)
		}
	})
	return p
}

// line returns the next line of the process's standard output.
func (p *process) line(t *testing.T) string {
	t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("%s: no further line on standard output: %v", p.cmd.Path, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// finish waits until the process has ended by itself.
func (p *process) finish(t *testing.T) (stdout, stderr string, exit int) {
	t.Helper()
	out, err := io.ReadAll(p.stdout)
	if err != nil {
		t.Fatalf("%s did not end: %v; it had printed:\n%s", p.cmd.Path, err, out)
	}
	p.cmd.Wait()
	return string(out), p.stderr.String(), p.cmd.ProcessState.ExitCode()
}

// run runs a program to its end.
func run(t *testing.T, stdin string, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	return start(t, strings.NewReader(stdin), args...).finish(t)
}

// need returns the path of a peer's program. A peer that is missing is a
// failure, never a skip: see the package's comment.
func need(t *testing.T, program, install string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is not installed: %s", program, install)
	}
	return path
}

// freePort returns a port that nobody listens on, for the programs that cannot
// choose one and say which.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// awaitListener waits until somebody accepts connections at port.
func awaitListener(t *testing.T, port string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody listens on port %s: %v", port, err)
		}
	}
}
