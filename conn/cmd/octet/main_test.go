package main

import (
	"bytes"
	"strings"
	"testing"
)

// runOctet runs the command as a shell would, in process.
func runOctet(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args           []string
		status         int
		stdout, stderr string // part of each
	}{
		{nil, exitUsage, "", "usage: octet SUBCOMMAND"},
		{[]string{"-h"}, exitOK, "usage: octet SUBCOMMAND", ""},
		{[]string{"help"}, exitOK, "example: octet why -demo", ""},
		{[]string{"knock"}, exitUsage, "", "octet: there is no subcommand knock (see octet -h)"},
		{[]string{"why"}, exitUsage, "", "octet why: want one URL, or -demo (see octet why -h)"},
		{[]string{"why", "-nonsense"}, exitUsage, "", "flag provided but not defined: -nonsense"},
		{[]string{"why", "ws://a", "ws://b"}, exitUsage, "", "want one URL"},
		{[]string{"why", "-demo", "ws://a"}, exitUsage, "", "give no URL"},
		{[]string{"why", "https://example.com"}, exitUsage, "", "scheme is neither ws nor wss"},
		{[]string{"why", "ws://127.0.0.1:9/", "-budget", "0"}, exitUsage, "", "more than zero"},
		{[]string{"why", "-suspect", "netscape", "ws://127.0.0.1:9/"}, exitUsage, "", "neither a profile nor a file; profiles are node-ws, "},
		{[]string{"why", "-control", "netscape", "ws://127.0.0.1:9/"}, exitUsage, "", "neither a profile nor a file"},
		{[]string{"why", "-cert", "a.pem", "ws://127.0.0.1:9/"}, exitUsage, "", "-cert and -key go together"},
		{[]string{"why", "-H", "no colon", "ws://127.0.0.1:9/"}, exitUsage, "", `want "Name: value", "Name:" or "Name;"`},
		{[]string{"why", "-list-profiles"}, exitOK, "libwebsockets-coinex", ""},
	} {
		status, stdout, stderr := runOctet(tt.args...)
		if status != tt.status || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) ||
			tt.stdout == "" && stdout != "" || tt.stderr == "" && stderr != "" {
			t.Errorf("octet %s: exit status %d, want %d\nstandard output %q, want %q in it\nstandard error %q, want %q in it",
				strings.Join(tt.args, " "), status, tt.status, stdout, tt.stdout, stderr, tt.stderr)
		}
	}
}

// Every subcommand shows its usage, and an example that runs it.
func TestEverySubcommandHasHelp(t *testing.T) {
	for _, c := range subcommands() {
		status, stdout, stderr := runOctet(c.name, "-h")
		if status != exitOK || stderr != "" || !strings.HasPrefix(stdout, "usage: octet "+c.name) {
			t.Errorf("octet %s -h: exit status %d, standard error %q, standard output\n%s", c.name, status, stderr, stdout)
		}
		_, examples, ok := strings.Cut(stdout, "example")
		if !ok || !strings.Contains(examples, "octet "+c.name) {
			t.Errorf("octet %s -h shows no example", c.name)
		}
	}
}

// Flags may stand behind the operands; "--" ends them.
func TestFlagsBehindOperands(t *testing.T) {
	status, _, stderr := runOctet("why", "ws://127.0.0.1:9/", "-timeout", "soon")
	if status != exitUsage || !strings.Contains(stderr, `invalid value "soon"`) {
		t.Errorf("a flag behind the URL is not read: exit status %d, %s", status, stderr)
	}
	status, _, stderr = runOctet("why", "--", "ws://127.0.0.1:9/", "-json")
	if status != exitUsage || !strings.Contains(stderr, "want one URL") {
		t.Errorf(`a flag behind "--" is read: exit status %d, %s`, status, stderr)
	}
}
