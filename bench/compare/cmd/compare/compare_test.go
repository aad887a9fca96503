//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

func TestUsage(t *testing.T) {
	tests := []struct {
		args           string
		status         int
		stdout, stderr string // contained in what is printed
	}{
		{"", exitUsage, "", "usage: compare COMMAND"},
		{"-h", exitOK, "usage: compare COMMAND", ""},
		{"-h", exitOK, "example:", ""},
		{"juggle", exitUsage, "", "usage: compare COMMAND"},
		{"echo -h", exitOK, "", "example: compare echo"},
		{"echo -rounds 0", exitUsage, "", "usage: compare echo"},
		{"echo -external nothing", exitUsage, "", "want NAME=PROGRAM"},
		{"echo stray", exitUsage, "", "usage: compare echo"},
		{"echo -cells 125/1", exitFailed, "", `cell "125/1": want SIZE/CONNECTIONS/DEPTH`},
		{"mask -out no/such/folder/file", exitFailed, "", "no/such/folder/file"},
		{"mask -h", exitOK, "", "example: compare mask"},
		{"mask -sizes 16,x", exitFailed, "", `size "x": want a number of bytes`},
		{"inprocess -only nothing", exitFailed, "", `no case contains "nothing"`},
	}
	for _, tt := range tests {
		var stdout, stderr bytes.Buffer
		status := run(strings.Fields(tt.args), &stdout, &stderr)
		if status != tt.status {
			t.Errorf("compare %s: status %d, want %d", tt.args, status, tt.status)
		}
		if !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
			t.Errorf("compare %s: printed %q and %q, want %q and %q", tt.args, &stdout, &stderr, tt.stdout, tt.stderr)
		}
	}
}

// Every masking function is reached, agrees with the byte loop (cmd/masks sees
// to that), and has figures.
func TestMask(t *testing.T) {
	var stdout, stderr bytes.Buffer
	out := filepath.Join(t.TempDir(), "mask.json")
	if status := run([]string{"mask", "-quick", "-sizes", "16,4099", "-json", "-out", out}, &stdout, &stderr); status != exitOK {
		t.Fatalf("status %d: %s", status, &stderr)
	}
	if saved, err := os.ReadFile(out); err != nil || !bytes.Equal(saved, stdout.Bytes()) {
		t.Errorf("what -out wrote is not what -json printed: %v\n%s", err, saved)
	}
	var r report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	found := make(map[string]int)
	for _, res := range r.Results {
		if len(res.Figures["gb_per_s"].Rounds) == 1 {
			found[res.Subject]++
		}
	}
	for _, name := range append([]string{"octet", "octet purego", "memcpy", "byte loop"}, maskPeers...) {
		if found[name] != 2 {
			t.Errorf("%s has figures at %d sizes, want 2", name, found[name])
		}
	}
	for _, u := range unexported {
		if r.Modules[u.module] == "" {
			t.Errorf("the report has no version of %s", u.module)
		}
	}
}

func TestParseCell(t *testing.T) {
	c, err := parseCell("16384/100/16", true)
	if err != nil || c.Size != 16384 || c.conns != 100 || c.Depth != 16 || !c.Text {
		t.Errorf("parseCell = %+v, %v", c, err)
	}
	for _, s := range []string{"", "1/1", "1/1/1/1", "-1/1/1", "1/0/1", "1/1/0", "a/1/1", "1/1/1x"} {
		if _, err := parseCell(s, false); err == nil {
			t.Errorf("cell %q is accepted", s)
		}
	}
}

// Rounds go through all cells and subjects before any is measured again, and
// what failed once is left alone.
func TestRoundsAreInterleaved(t *testing.T) {
	c := &config{rounds: 2, progress: newProgress(nil)}
	var order []string
	g := measureRounds(c, []string{"a", "b"}, []string{"x", "y"}, func(subject, cell string) (sample, error) {
		order = append(order, subject+cell)
		if subject+cell == "by" {
			return nil, errors.New("broken")
		}
		return sample{"v": float64(len(order))}, nil
	})
	if got, want := fmt.Sprint(order), "[ax bx ay by ax bx ay]"; got != want {
		t.Errorf("measured %s, want %s", got, want)
	}
	if f := g.figure("a", "x", "v"); len(f.Rounds) != 2 || f.Min != 1 || f.Max != 5 {
		t.Errorf("a in x is %+v, want rounds 1 and 5", f)
	}
	if f := g.figure("b", "y", "v"); len(f.Rounds) != 0 {
		t.Errorf("b in y failed and has the figure %v", f)
	}
	if got := g.best([]string{"a", "b"}, "x", "v"); got != "a" {
		t.Errorf("best in x is %q, want a", got)
	}

	r := newReport("test", nil)
	g.fill(r)
	if len(r.Failures) != 1 || !strings.Contains(r.Failures[0], "b y: broken") {
		t.Errorf("failures are %q", r.Failures)
	}
}

func TestReport(t *testing.T) {
	r := newReport("echo", []string{"echo", "-quick"})
	r.table("title", "server", "cell").Add("floor", "1.000")
	r.goal(stats.AtMost("octet / floor", stats.Of([]float64{2}), 1))
	r.goal(stats.AtMost("not measured", stats.Figure{}, 1))
	if !r.missed() || len(r.Goals) != 1 {
		t.Errorf("goals are %v, want the one that was missed", r.Goals)
	}

	var text, js bytes.Buffer
	if err := r.write(&text, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| floor  | 1.000 |", "missed octet / floor ≤ 1: 2.000"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
	if err := r.write(&js, true); err != nil {
		t.Fatal(err)
	}
	var back report
	if err := json.Unmarshal(js.Bytes(), &back); err != nil || back.Command != "echo" || back.Goals[0].Verdict != stats.Missed {
		t.Errorf("the JSON reads back as %+v, %v", back, err)
	}
}
