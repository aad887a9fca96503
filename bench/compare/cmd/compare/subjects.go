//go:build linux

package main

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/octet-ws/octet/bench/compare/internal/proc"
)

// The kinds of cmd/server, and the command's own server.
var (
	floors = []string{"floor", "floorb", "floorep"}
	ours   = []string{"octet", "octet-http", "octet-serve"}
	peers  = []string{"gobwas", "gobwasutil", "quickws", "gws", "nbio", "gorilla", "coder", "xnet"}
)

// stage starts servers on their processor, with the client on another.
type stage struct {
	server    string // the built cmd/server
	octet     string // the built octet command
	external  external
	serverCPU int // negative: anywhere
}

// newStage builds what it will start, notes its versions in the report, and
// moves this process to the client's processor.
func newStage(c *config, r *report, subjects []string) (*stage, error) {
	s := &stage{external: c.external, serverCPU: -1}
	if _, err := proc.RaiseFileLimit(); err != nil {
		return nil, err
	}
	dir, err := moduleDir()
	if err != nil {
		return nil, err
	}
	if s.server, err = build(dir, "server", "./cmd/server"); err != nil {
		return nil, err
	}
	if info, err := buildinfo.ReadFile(s.server); err == nil {
		r.addModules(info)
	}
	if slices.Contains(subjects, "octet-serve") {
		if s.octet, err = build(dir, "octet", "github.com/octet-ws/octet/conn/cmd/octet"); err != nil {
			return nil, err
		}
	}
	if c.unpinned {
		return s, nil
	}
	cpus, err := proc.CPUs()
	if err != nil {
		return nil, err
	}
	if len(cpus) < 2 {
		return nil, errors.New("server and client need a processor each; with one, figures mean nothing (-unpinned runs anyway)")
	}
	s.serverCPU = cpus[0]
	return s, proc.PinSelf(cpus[1])
}

// moduleDir is the folder of bench/compare's go.mod.
func moduleDir() (string, error) {
	const module = "github.com/octet-ws/octet/bench/compare"
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Dir}}").Output()
	path, dir, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if err != nil || path != module {
		return "", fmt.Errorf("run it inside bench/compare, the folder of module %s", module)
	}
	return dir, nil
}

// build compiles a package of the module in dir to bin/name.
func build(dir, name, pkg string, flags ...string) (path string, err error) {
	path = filepath.Join(dir, "bin", name)
	cmd := exec.Command("go", append(append([]string{"build"}, flags...), "-o", path, pkg)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return path, nil
}

// start runs one subject.
func (s *stage) start(subject string, args ...string) (*proc.Server, error) {
	if words := s.external[subject]; words != nil {
		return proc.StartForeign(s.serverCPU, words...)
	}
	if subject == "octet-serve" {
		return proc.StartForeign(s.serverCPU, s.octet, "serve", "-addr", "{addr}")
	}
	return proc.Start(s.serverCPU, s.server, append([]string{"-kind", subject}, args...)...)
}

// choose is the subjects asked for, else the default ones, and those given as
// -external.
func choose(c *config, byDefault ...[]string) []string {
	subjects := slices.Clone(c.servers)
	if subjects == nil {
		subjects = slices.Concat(byDefault...)
	}
	for name := range c.external {
		if !slices.Contains(subjects, name) {
			subjects = append(subjects, name)
		}
	}
	return subjects
}

// allocations is how many objects a server allocates between two moments,
// less what asking for the number costs. Servers that cannot be asked have
// none to tell.
type allocations struct {
	srv        *proc.Server
	before     uint64
	perCommand uint64
}

func newAllocations(srv *proc.Server) (a allocations, ok bool, err error) {
	first, err := srv.Memory()
	if errors.Is(err, proc.ErrForeign) {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	second, err := srv.Memory()
	return allocations{srv, second.Mallocs, second.Mallocs - first.Mallocs}, err == nil, err
}

func (a allocations) since() (float64, error) {
	now, err := a.srv.Memory()
	return max(0, float64(now.Mallocs)-float64(a.before)-float64(a.perCommand)), err
}
