package museum_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "github.com/octet-ws/octet/handshake/museum"
)

var update = flag.Bool("update", false, "write docs/rejections.md")

// docs/rejections.md says what All says; go test -update writes it.
func TestRejectionsDocument(t *testing.T) {
	const path = "../../docs/rejections.md"
	got := document(t)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s is not what the rules say; go test ./handshake/museum -update (-file +rules)\n%s", path, d)
	}
}

func document(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# Rejections

Servers that refuse handshakes for reasons of their own, drawn from public
reports. Each can be tried:

    octet serve -reject RULE
    octet why -suspect PROFILE ws://127.0.0.1:9000/

(-repeat 3 for flaky; rules about TLS want -tls-cert and -tls-key.)

This file is written by ` + "`go test ./handshake/museum -update`" + ` from the rules in
handshake/museum and from what octet why finds. The minimal difference is the
change that makes the client's head accepted; attempts are those it took to find
it once a head was accepted, and the handshakes before that.

| rule | refuses |
|---|---|
`)
	for _, r := range All() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", r.Name, strings.ReplaceAll(r.Name, ".", ""), r.Refuses)
	}
	for _, r := range All() {
		fmt.Fprintf(&b, "\n## %s\n\nRefuses %s.\n\n%s\n\nFix: %s\n\nReported in", r.Name, r.Refuses, r.Cause, r.Fix)
		for i, s := range r.Sources {
			sep := " "
			if i > 0 {
				sep = ", "
			}
			if url := URL(s); url != "" {
				s = "[" + s + "](" + url + ")"
			}
			b.WriteString(sep + s)
		}
		b.WriteString(".\n\n| client | minimal difference | attempts |\n|---|---|---|\n")
		for _, g := range guests[r.Name] {
			report, baselines := visit(t, r, g)
			name := g.profile
			if g.edit != nil {
				name += " (edited)"
			}
			fmt.Fprintf(&b, "| %s | %s | %d + %d |\n", name, cell(say(report.Causes)), baselines, report.Attempts-baselines)
		}
	}
	return b.String()
}

// cell writes text into a cell of a table.
func cell(s string) string { return "`" + strings.ReplaceAll(s, " | ", "`, or `") + "`" }
