package proc

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Server is a server process under measurement.
//
// One of our own (cmd/server) prints the address it listens on and then
// answers a command a line on its standard input. When that input ends, it
// ends: a server does not outlive the program that started it.
type Server struct {
	Addr string // HOST:PORT

	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader // nil for a foreign program, which takes no commands
	stderr excerpt
}

// Start runs one of our servers on a processor, or on any if cpu is negative.
func Start(cpu int, path string, args ...string) (*Server, error) {
	s := &Server{cmd: exec.Command(path, args...)}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	if err := s.start(cpu); err != nil {
		return nil, err
	}
	line, err := s.out.ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		s.Stop()
		return nil, fmt.Errorf("%s did not say where it listens (%q): %s", s.cmd, line, s.stderr.String())
	}
	s.Addr = addr
	return s, nil
}

// StartForeign runs a program that is not ours, in which {addr} and {port}
// among the arguments stand for the address to listen on, and waits until it
// accepts connections there.
func StartForeign(cpu int, args ...string) (*Server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(addr)
	replace := strings.NewReplacer("{addr}", addr, "{port}", port)
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = replace.Replace(a)
	}
	s := &Server{Addr: addr, cmd: exec.Command(words[0], words[1:]...)}
	if err := s.start(cpu); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
			return s, nil
		}
		if time.Now().After(deadline) {
			s.Stop()
			return nil, fmt.Errorf("%s accepts no connection at %s: %s", s.cmd, addr, s.stderr.String())
		}
	}
}

func freeAddr() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}

func (s *Server) start(cpu int) (err error) {
	s.cmd.Stderr = &s.stderr
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if cpu < 0 {
		return s.cmd.Start()
	}
	return onCPU(cpu, s.cmd.Start)
}

// PID is the process's id.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// CPUTime is the processor time the process has used.
func (s *Server) CPUTime() (time.Duration, error) { return CPUTime(s.PID()) }

// RSS is the memory the process has in RAM, in bytes.
func (s *Server) RSS() (int64, error) { return RSS(s.PID()) }

// ErrForeign is returned when a program that is not ours is given a command.
var ErrForeign = errors.New("not one of our servers: it takes no commands")

// Do sends one command line and returns the line that answers it.
func (s *Server) Do(command string) (string, error) {
	if s.out == nil {
		return "", ErrForeign
	}
	if _, err := io.WriteString(s.in, command+"\n"); err != nil {
		return "", err
	}
	line, err := s.out.ReadString('\n')
	line = strings.TrimSpace(line)
	if err != nil {
		return "", fmt.Errorf("%s: command %q: %w: %s", s.cmd, command, err, s.stderr.String())
	}
	if msg, failed := strings.CutPrefix(line, "error "); failed {
		return "", fmt.Errorf("%s: command %q: %s", s.cmd, command, msg)
	}
	return line, nil
}

// Memory is what a server written in Go says of its heap.
type Memory struct {
	Mallocs    uint64 `json:"mallocs"` // objects allocated since it started
	HeapInuse  uint64 `json:"heap_inuse"`
	StackInuse uint64 `json:"stack_inuse"`
	Goroutines int    `json:"goroutines"`
}

// Memory asks the server for its heap's figures.
func (s *Server) Memory() (m Memory, err error) {
	line, err := s.Do("memory")
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(line), &m)
}

// Stop ends the process and waits for it: by the end of its input, else by
// force after a second.
func (s *Server) Stop() {
	s.in.Close()
	if s.out == nil {
		s.cmd.Process.Signal(os.Interrupt)
	}
	kill := time.AfterFunc(time.Second, func() { s.cmd.Process.Kill() })
	defer kill.Stop()
	s.cmd.Wait()
}

// excerpt keeps the first bytes of what a process writes on standard error, for
// the message when it fails.
type excerpt struct {
	mu sync.Mutex
	b  []byte
}

func (t *excerpt) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p[:min(len(p), 4096-len(t.b))]...)
	return len(p), nil
}

func (t *excerpt) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
