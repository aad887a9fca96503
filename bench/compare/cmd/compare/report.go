//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// report is what a subcommand found: tables for the eye, everything in JSON.
type report struct {
	Command  string            `json:"command"`
	Args     []string          `json:"args"`
	Time     time.Time         `json:"time"`
	Machine  machine           `json:"machine"`
	Modules  map[string]string `json:"modules"` // the peers' versions
	Results  []result          `json:"results"`
	Goals    []stats.Goal      `json:"goals"`
	Failures []string          `json:"failures"`

	tables []*stats.Table
}

// machine is what figures in absolute units depend on.
type machine struct {
	CPU    string `json:"cpu"`
	CPUs   int    `json:"cpus"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

// result is what one subject showed in one cell.
type result struct {
	Subject string                  `json:"subject"`
	Cell    string                  `json:"cell,omitempty"`
	Figures map[string]stats.Figure `json:"figures"`
	Error   string                  `json:"error,omitempty"`
}

func newReport(name string, args []string) *report {
	r := &report{
		Command: name,
		Args:    args,
		Time:    time.Now().UTC().Truncate(time.Second),
		Machine: machine{
			CPU:    cpuModel(),
			CPUs:   runtime.NumCPU(),
			Kernel: firstLine("/proc/sys/kernel/osrelease"),
			Go:     runtime.Version(),
		},
		Modules:  map[string]string{},
		Results:  []result{},
		Goals:    []stats.Goal{},
		Failures: []string{},
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		r.addModules(info)
	}
	return r
}

func (r *report) addModules(info *debug.BuildInfo) {
	for _, m := range info.Deps {
		r.Modules[m.Path] = m.Version
	}
}

func cpuModel() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func firstLine(path string) string {
	b, _ := os.ReadFile(path)
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}

// table adds an empty table.
func (r *report) table(title string, head ...string) *stats.Table {
	t := &stats.Table{Title: title, Head: head}
	r.tables = append(r.tables, t)
	return t
}

// goal holds a figure against a bound, unless it was not measured.
func (r *report) goal(g stats.Goal) {
	if len(g.Got.Rounds) > 0 {
		r.Goals = append(r.Goals, g)
	}
}

func (r *report) missed() bool {
	for _, g := range r.Goals {
		if g.Verdict == stats.Missed {
			return true
		}
	}
	return false
}

func (r *report) write(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	m := r.Machine
	if _, err := fmt.Fprintf(w, "%s, %d processors, Linux %s, %s\n\n", m.CPU, m.CPUs, m.Kernel, m.Go); err != nil {
		return err
	}
	for _, t := range r.tables {
		if _, err := t.WriteTo(w); err != nil {
			return err
		}
	}
	for _, g := range r.Goals {
		if _, err := fmt.Fprintln(w, g); err != nil {
			return err
		}
	}
	return nil
}
