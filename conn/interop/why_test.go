//go:build interop && unix

package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// foundingHead is the request that libwebsockets 4.1.6 sent on loopback with
// protocol = "COINEX protocol", which is not a token: the head of the report
// that Octet began with (warmcat/libwebsockets#3173).
const foundingHead = "testdata/libwebsockets-coinex.http"

// A change of a head, as `octet why -json` prints it.
type change struct{ Op, Field, From, To string }

// theCause is what every server here must be found to refuse the founding head
// for.
var theCause = [][]change{{{"remove", "Sec-WebSocket-Protocol", "COINEX protocol", ""}}}

// The founding story on real software: an origin on libwebsockets closes the
// connection without a word, and the proxy in front of it reports that as 502.
func TestWhyBehindNginx(t *testing.T) {
	t.Parallel()
	port := nginx(t, lwsTestServer(t), nil)
	checkRefused(t, port, "HTTP/1.1 502 Bad Gateway")
	checkWhy(t, port, 502)
}

// ws parses the subprotocols and answers 400 itself.
func TestWhyNodeServer(t *testing.T) {
	t.Parallel()
	url, _ := servers[0].start(t, nil)
	port := strings.TrimPrefix(url, "ws://127.0.0.1:")
	checkRefused(t, port, "HTTP/1.1 400 Bad Request")
	checkWhy(t, port, 400)
}

// checkRefused sends the founding head as it is and compares the status line
// that comes back: what octet why is to explain is the server's doing.
func checkRefused(t *testing.T, port, status string) {
	t.Helper()
	head, err := os.ReadFile(foundingHead)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	if _, err := c.Write(head); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4096)
	n, err := c.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	if line, _, _ := bytes.Cut(answer[:n], []byte("\r\n")); string(line) != status {
		t.Fatalf("the server answered the founding head with %q; want %q", line, status)
	}
}

// checkWhy asks octet why the server at port refuses the founding head, in
// JSON and in words.
func checkWhy(t *testing.T, port string, status int) {
	t.Helper()
	url := "ws://127.0.0.1:" + port + "/"
	stdout, stderr, exit := run(t, "", octet, "why", "-json", "-suspect", foundingHead, url)
	if exit != 0 {
		t.Fatalf("octet why ended with status %d: %s", exit, stderr)
	}
	var report struct {
		Verdict          string
		Control, Suspect struct{ Status int }
		Causes           [][]change
		Response         struct{ Status int }
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("octet why -json did not print JSON: %v\n%s", err, stdout)
	}
	want := report
	want.Verdict = "explained"
	want.Control.Status = 101
	want.Suspect.Status = status
	want.Response.Status = status
	want.Causes = theCause
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("octet why -json (-want +got):\n%s", diff)
	}

	stdout, stderr, exit = run(t, "", octet, "why", "-suspect", foundingHead, url)
	if exit != 0 {
		t.Fatalf("octet why ended with status %d: %s", exit, stderr)
	}
	for _, words := range []string{"Sec-WebSocket-Protocol", "COINEX protocol", fmt.Sprint(status)} {
		if !strings.Contains(stdout, words) {
			t.Errorf("the report does not say %q:\n%s", words, stdout)
		}
	}
}

// lwsTestServer starts the test server of libwebsockets and returns its port.
func lwsTestServer(t *testing.T) string {
	t.Helper()
	program := need(t, "libwebsockets-test-server", "apt-get install libwebsockets-test-server")
	port := freePort(t)
	start(t, nil, program, "-p", port, "-i", "127.0.0.1")
	awaitListener(t, port)
	return port
}

// nginx starts nginx in front of the port given, as its manual says to for
// WebSocket, and returns the port it listens on. Given an identity, it speaks TLS
// there.
func nginx(t *testing.T, upstream string, id *identity) string {
	t.Helper()
	program := need(t, "nginx", "apt-get install nginx-light")
	dir, port, secure := t.TempDir(), freePort(t), ";"
	if id != nil {
		secure = " ssl;\n\t\tssl_certificate " + id.cert + ";\n\t\tssl_certificate_key " + id.key + ";"
	}
	config := writeFile(t, "nginx.conf", fmt.Appendf(nil, `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	server {
		listen 127.0.0.1:%s%s
		location / {
			proxy_pass http://127.0.0.1:%s;
			proxy_http_version 1.1;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection "upgrade";
			proxy_set_header Host $http_host;
		}
	}
}
`, port, secure, upstream))
	start(t, nil, program, "-p", dir, "-c", config, "-e", "stderr")
	awaitListener(t, port)
	return port
}
