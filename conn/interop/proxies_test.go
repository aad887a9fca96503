//go:build interop && unix

package interop

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A gateway stands in front of an echo server at a port and passes WebSocket
// connections on to it; given an identity, it speaks TLS to the clients.
type gateway struct {
	name  string
	start func(t *testing.T, upstream string, id *identity) (port string)
}

var gateways = []gateway{
	{"nginx", func(t *testing.T, upstream string, id *identity) string { return nginx(t, upstream, id) }},
	{"haproxy", haproxy},
}

// urlOf returns where a client finds what listens at port.
func urlOf(port string, id *identity) string {
	if id != nil {
		return "wss://127.0.0.1:" + port
	}
	return "ws://127.0.0.1:" + port
}

// The echo server of octet behind a gateway, to a client that is not ours.
func TestServeBehindGateway(t *testing.T) {
	for _, g := range gateways {
		t.Run(g.name, func(t *testing.T) {
			schemes(t, func(t *testing.T, root string, id *identity) {
				upstream := strings.TrimPrefix(serve(t), "ws://127.0.0.1:")
				at := urlOf(g.start(t, strings.TrimSuffix(upstream, "/"), id), id)
				if diff := cmp.Diff(clients[0].want, clients[0].run(t, at, root)); diff != "" {
					t.Errorf("the client ws at octet serve behind %s reports otherwise (-want +got):\n%s", g.name, diff)
				}
			})
		})
	}
}

// A server that is not ours behind a gateway, to octet dial.
func TestDialThroughGateway(t *testing.T) {
	for _, g := range gateways {
		t.Run(g.name, func(t *testing.T) {
			schemes(t, func(t *testing.T, root string, id *identity) {
				origin, p := servers[0].start(t, nil)
				at := urlOf(g.start(t, strings.TrimPrefix(origin, "ws://127.0.0.1:"), id), id)
				checkDialEchoes(t, p, at, root)
			})
		})
	}
}

// A server by way of a proxy that opens a tunnel, with a password and without.
func TestDialByProxy(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start func(t *testing.T, user, password string) (port string)
		url   string // up to the port
		user  string
	}{
		{"microsocks", microsocks, "socks5://", ""},
		{"microsocks with a password", microsocks, "socks5://", "user"},
		{"tinyproxy", tinyproxy, "http://", ""},
		{"tinyproxy with a password", tinyproxy, "http://", "user"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			schemes(t, func(t *testing.T, root string, id *identity) {
				at, password := tt.url, ""
				if tt.user != "" {
					password = "secret"
					at += tt.user + ":" + password + "@"
				}
				at += "127.0.0.1:" + tt.start(t, tt.user, password)
				origin, p := servers[0].start(t, id)
				checkDialEchoes(t, p, origin, root, "-proxy", at)

				if tt.user != "" {
					wrong := strings.Replace(at, password, "wrong", 1)
					_, stderr, exit := run(t, "", dial(origin+"/drive", root, "-echo", "-proxy", wrong)...)
					if exit == 0 || !strings.Contains(stderr, "proxy") || strings.Contains(stderr, "wrong") {
						t.Errorf("with a wrong password octet dial ends with status %d and says %q; want an error that names the proxy and not the password", exit, stderr)
					}
				}
			})
		})
	}
}

// checkDialEchoes has the server that is p, at a URL, hold the conversation with
// octet dial.
func checkDialEchoes(t *testing.T, p *process, at, root string, flags ...string) {
	t.Helper()
	_, stderr, exit := run(t, "", dial(at+"/drive", root, append(flags, "-echo")...)...)
	if exit != 0 {
		t.Fatalf("octet dial -echo ended with status %d: %s", exit, stderr)
	}
	var got strings.Builder
	for range strings.Count(conversation, "\n") + 1 {
		got.WriteString(p.line(t) + "\n")
	}
	if diff := cmp.Diff(conversation+servers[0].closed+"\n", got.String()); diff != "" {
		t.Errorf("the server reports otherwise (-want +got):\n%s", diff)
	}
}

// haproxy starts HAProxy in front of the port given. It needs to be told nothing
// of WebSocket but how long a tunnel may be silent.
func haproxy(t *testing.T, upstream string, id *identity) string {
	t.Helper()
	program := need(t, "haproxy", "apt-get install haproxy")
	port, secure := freePort(t), ""
	if id != nil {
		var both []byte // HAProxy wants certificate and key in one file
		for _, name := range []string{id.cert, id.key} {
			pem, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			both = append(both, pem...)
		}
		secure = " ssl crt " + writeFile(t, "both.pem", both) + " alpn http/1.1"
	}
	config := writeFile(t, "haproxy.cfg", fmt.Appendf(nil, `
defaults
	mode http
	timeout connect 20s
	timeout client 20s
	timeout server 20s
	timeout tunnel 60s
frontend clients
	bind 127.0.0.1:%s%s
	default_backend origin
backend origin
	server origin 127.0.0.1:%s
`, port, secure, upstream))
	start(t, nil, program, "-db", "-f", config)
	awaitListener(t, port)
	return port
}

// microsocks starts a SOCKS5 proxy.
func microsocks(t *testing.T, user, password string) string {
	t.Helper()
	port := freePort(t)
	args := []string{need(t, "microsocks", "apt-get install microsocks"), "-i", "127.0.0.1", "-p", port}
	if user != "" {
		args = append(args, "-u", user, "-P", password)
	}
	start(t, nil, args...)
	awaitListener(t, port)
	return port
}

// tinyproxy starts a proxy that is asked by HTTP's CONNECT.
func tinyproxy(t *testing.T, user, password string) string {
	t.Helper()
	port, auth := freePort(t), ""
	if user != "" {
		auth = "BasicAuth " + user + " " + password
	}
	config := writeFile(t, "tinyproxy.conf", fmt.Appendf(nil, "Listen 127.0.0.1\nPort %s\nAllow 127.0.0.1\nTimeout 20\nMaxClients 10\n%s\n", port, auth))
	start(t, nil, need(t, "tinyproxy", "apt-get install tinyproxy"), "-d", "-c", config)
	awaitListener(t, port)
	return port
}
