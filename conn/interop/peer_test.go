//go:build interop && unix

package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The conversation of peers/, as the peers report it.
const (
	conversation = `text ok
empty text ok
binary ok
pong ok
fragmented ok
1 MiB text ok
1 MiB binary ok
`
	// Browsers' interface to WebSocket can neither ping nor fragment.
	browserConversation = `text ok
empty text ok
binary ok
1 MiB text ok
1 MiB binary ok
`
)

// A client holds the conversation with the echo server at a URL and reports
// it. It trusts the root in the file given, if one is.
type client struct {
	name string
	run  func(t *testing.T, url, root string) (report string)
	want string
}

var clients = []client{
	{"ws", runNode("client.cjs"), conversation + "closed 1000\n"},
	{"undici", runNode("undici.cjs"), browserConversation + "closed 1000 cleanly\n"},
	{"node", runBuiltin(node, "--experimental-websocket"), browserConversation + "closed 1000 cleanly\n"},
	{"bun", runBuiltin(bun), browserConversation + "closed 1000 cleanly\n"},
	{"deno", runBuiltin(deno, "run", "--no-config", "--no-lock", "--allow-net", "--allow-read"), browserConversation + "closed 1000 cleanly\n"},
	{"websockets", runPython, conversation + "closed 1000\n"},
	{"chromium", runChromium, browserConversation + "closed 1000 cleanly\n"},
}

// A server echoes at /echo and holds the conversation at /drive, in TLS if it
// is given an identity.
type server struct {
	name    string
	command func(t *testing.T) []string
	// What it prints when a client that echoes has come to the end of /drive.
	closed string
}

var servers = []server{
	{"ws", nodeServer, "closed 1000"},
	{"websockets", pythonServer, "closed 1000"},
	// It does not learn of the answer to a Close of its own.
	{"libwebsockets", lwsServer, "closed after step 9 of 9"},
}

// start starts the server and returns its URL without a path.
func (s server) start(t *testing.T, id *identity) (url string, p *process) {
	t.Helper()
	command, scheme := s.command(t), "ws"
	if id != nil {
		command, scheme = append(command, id.cert, id.key), "wss"
	}
	p = start(t, nil, command...)
	return scheme + "://127.0.0.1:" + p.line(t), p
}

func runNode(program string) func(t *testing.T, url, root string) string {
	return func(t *testing.T, url, root string) string {
		t.Helper()
		report, _, _ := run(t, "", withRoot(root, node(t), filepath.Join("peers", "node", program), url)...)
		return report
	}
}

func runPython(t *testing.T, url, root string) string {
	t.Helper()
	report, _, _ := run(t, "", withRoot(root, python(t), "peers/python/client.py", url)...)
	return report
}

func nodeServer(t *testing.T) []string   { return []string{node(t), "peers/node/server.cjs"} }
func pythonServer(t *testing.T) []string { return []string{python(t), "peers/python/server.py"} }

// lwsServer compiles the echo server on libwebsockets.
func lwsServer(t *testing.T) []string {
	t.Helper()
	cc := need(t, "cc", "apt-get install gcc libc6-dev")
	program := filepath.Join(t.TempDir(), "echo")
	out, err := exec.Command(cc, "-Wall", "-o", program, "peers/lws/echo.c", "-lwebsockets").CombinedOutput()
	if err != nil {
		t.Fatalf("compiling peers/lws/echo.c, which needs libwebsockets' headers (apt-get install libwebsockets-dev): %v\n%s", err, out)
	}
	return []string{program}
}

func withRoot(root string, command ...string) []string {
	if root != "" {
		command = append(command, root)
	}
	return command
}

// node returns the path of Node, whose packages are installed too.
func node(t *testing.T) string {
	t.Helper()
	for _, module := range []string{"ws", "undici"} {
		if _, err := os.Stat(filepath.Join("peers", "node", "node_modules", module)); err != nil {
			t.Fatalf("the package %s is not installed: cd conn/interop/peers/node && npm install --no-package-lock", module)
		}
	}
	return need(t, "node", "apt-get install nodejs npm (20 or newer)")
}

// python returns the path of the Python that has websockets, which is the
// system's own when the package comes from the system.
var findPython = sync.OnceValue(func() string {
	for _, path := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(path, "-c", "import websockets").Run() == nil {
			return path
		}
	}
	return ""
})

func python(t *testing.T) string {
	t.Helper()
	path := findPython()
	if path == "" {
		t.Fatal("no python3 here has the package websockets: apt-get install python3-websockets")
	}
	return path
}

// serve starts `octet serve` and returns the URL that it says it listens on.
func serve(t *testing.T, args ...string) (url string) {
	t.Helper()
	p := start(t, nil, append([]string{octet, "serve", "-addr", "127.0.0.1:0"}, args...)...)
	line := p.line(t)
	url, ok := strings.CutPrefix(line, "listening on ")
	if !ok {
		t.Fatalf("octet serve said %q first; want listening on URL", line)
	}
	return url
}
