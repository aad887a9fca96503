//go:build interop && unix

package interop

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// schemes runs f over ws and over wss with a private root.
func schemes(t *testing.T, f func(t *testing.T, root string, id *identity)) {
	t.Helper()
	t.Run("over ws", func(t *testing.T) {
		t.Parallel()
		f(t, "", nil)
	})
	t.Run("over wss", func(t *testing.T) {
		t.Parallel()
		a := newAuthority(t)
		f(t, a.file, a.issue(t, "127.0.0.1", tomorrow()))
	})
}

// The peers agree among themselves: when this fails, look at peers/, not at
// Octet.
func TestPeersEchoEachOther(t *testing.T) {
	for _, c := range clients {
		t.Run(c.name+" to ws", func(t *testing.T) {
			schemes(t, func(t *testing.T, root string, id *identity) {
				url, _ := servers[0].start(t, id)
				if diff := cmp.Diff(c.want, c.run(t, url+"/echo", root)); diff != "" {
					t.Errorf("the client %s reports otherwise (-want +got):\n%s", c.name, diff)
				}
			})
		})
	}
	for _, s := range servers[1:] {
		t.Run("ws to "+s.name, func(t *testing.T) {
			schemes(t, func(t *testing.T, root string, id *identity) {
				url, _ := s.start(t, id)
				if diff := cmp.Diff(clients[0].want, clients[0].run(t, url+"/echo", root)); diff != "" {
					t.Errorf("the client ws reports otherwise (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestServeEchoes(t *testing.T) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			check := func(t *testing.T, url, root string) {
				t.Helper()
				if diff := cmp.Diff(c.want, c.run(t, url, root)); diff != "" {
					t.Errorf("the client %s at octet serve reports otherwise (-want +got):\n%s", c.name, diff)
				}
			}
			schemes(t, func(t *testing.T, root string, id *identity) {
				args := []string{"-allow-origin", "*"} // Chromium's page comes from another port
				if id != nil {
					args = append(args, "-tls-cert", id.cert, "-tls-key", id.key)
				}
				check(t, serve(t, args...), root)
			})
			t.Run("in fragments", func(t *testing.T) {
				t.Parallel()
				check(t, fragmenter(t, serve(t, "-allow-origin", "*")), "")
			})
		})
	}
}

// A page may open a WebSocket to any server; the browser says where the page
// came from, and octet serve refuses what is not its own (RFC 6455 §10.2).
func TestServeRefusesForeignPage(t *testing.T) {
	t.Parallel()
	got := runChromium(t, serve(t), "")
	if diff := cmp.Diff("failed\nclosed 1006 not cleanly\n", got); diff != "" {
		t.Errorf("a page of another origin at octet serve (-want +got):\n%s", diff)
	}
}

// The servers hold the conversation with `octet dial -echo`.
func TestDialEchoes(t *testing.T) {
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			schemes(t, func(t *testing.T, root string, id *identity) {
				url, p := s.start(t, id)
				_, stderr, exit := run(t, "", dial(url+"/drive", root, "-echo")...)
				if exit != 0 {
					t.Fatalf("octet dial -echo ended with status %d: %s", exit, stderr)
				}
				var got strings.Builder
				for range strings.Count(conversation, "\n") + 1 {
					got.WriteString(p.line(t) + "\n")
				}
				if diff := cmp.Diff(conversation+s.closed+"\n", got.String()); diff != "" {
					t.Errorf("the server %s reports otherwise (-want +got):\n%s", s.name, diff)
				}
			})
		})
	}
}

// Lines on standard input go out as messages and come back as lines; the end
// of the input closes the connection with code 1000.
func TestDialSendsLines(t *testing.T) {
	lines := []string{"Grüße, 世界 👋", "", strings.Repeat("é", 1<<19), "last"}
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			schemes(t, func(t *testing.T, root string, id *identity) {
				url, p := s.start(t, id)
				stdin, input := io.Pipe()
				client := start(t, stdin, dial(url+"/echo", root)...)
				for _, line := range lines {
					if _, err := io.WriteString(input, line+"\n"); err != nil {
						t.Fatal(err)
					}
					if got := client.line(t); got != line {
						t.Fatalf("a line of %d octets, %.40q…, came back as %d octets, %.40q…", len(line), line, len(got), got)
					}
				}
				input.Close()
				if stdout, stderr, exit := client.finish(t); exit != 0 || stdout != "" {
					t.Errorf("octet dial ended with status %d, after printing %q: %s", exit, stdout, stderr)
				}
				if got := p.line(t); got != "closed 1000" {
					t.Errorf("the server %s reports %q; want closed 1000", s.name, got)
				}
			})
		})
	}
}

// The end of the input does not cut off the answers that are still to come: ws
// and libwebsockets answer what they received before a Close, and then the
// Close. (websockets does not: it sends nothing once a Close has come.)
func TestDialPrintsAnswersBehindClose(t *testing.T) {
	var lines strings.Builder
	for i := range 100 {
		fmt.Fprintf(&lines, "line %d\n", i)
	}
	for _, s := range servers {
		if s.name == "websockets" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			schemes(t, func(t *testing.T, root string, id *identity) {
				url, _ := s.start(t, id)
				stdout, stderr, exit := run(t, lines.String(), dial(url+"/echo", root)...)
				if exit != 0 {
					t.Errorf("octet dial ended with status %d: %s", exit, stderr)
				}
				if stdout != lines.String() {
					t.Errorf("octet dial printed %d lines of the 100 that the server %s answers; the last is %q",
						strings.Count(stdout, "\n"), s.name, stdout[strings.LastIndex(strings.TrimSpace(stdout), "\n")+1:])
				}
			})
		})
	}
}

// dial returns the command line of `octet dial`.
func dial(url, root string, flags ...string) []string {
	args := append([]string{octet, "dial"}, flags...)
	if root != "" {
		args = append(args, "-root", root)
	}
	return append(args, url)
}
