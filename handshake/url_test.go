package handshake

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var urlRows = []struct {
	in                                string
	want                              URL
	host, address, serverName, origin string
}{
	{"ws://example.com/path", URL{Host: "example.com", Target: "/path"}, "example.com", "example.com:80", "example.com", "http://example.com"},
	{"WSS://Example.COM", URL{Secure: true, Host: "Example.COM", Target: "/"}, "Example.COM", "Example.COM:443", "Example.COM", "https://Example.COM"},
	{"ws://h:80/", URL{Host: "h", Port: "80", Target: "/"}, "h", "h:80", "h", "http://h"},
	{"ws://h:443/", URL{Host: "h", Port: "443", Target: "/"}, "h:443", "h:443", "h", "http://h:443"},
	{"wss://h:443/", URL{Secure: true, Host: "h", Port: "443", Target: "/"}, "h", "h:443", "h", "https://h"},
	{"wss://h:80/", URL{Secure: true, Host: "h", Port: "80", Target: "/"}, "h:80", "h:80", "h", "https://h:80"},
	{"ws://h:/", URL{Host: "h", Target: "/"}, "h", "h:80", "h", "http://h"},
	{"ws://h?x", URL{Host: "h", Target: "/?x"}, "h", "h:80", "h", "http://h"},
	{"ws://h?", URL{Host: "h", Target: "/"}, "h", "h:80", "h", "http://h"},
	{"ws://h/?", URL{Host: "h", Target: "/"}, "h", "h:80", "h", "http://h"},
	{"ws://h/a?", URL{Host: "h", Target: "/a?"}, "h", "h:80", "h", "http://h"},
	{"ws://h//a/../b/./%7e%2F;x=1?a=/?&b=@:", URL{Host: "h", Target: "//a/../b/./%7e%2F;x=1?a=/?&b=@:"}, "h", "h:80", "h", "http://h"},
	{"ws://h/%23?q=%23", URL{Host: "h", Target: "/%23?q=%23"}, "h", "h:80", "h", "http://h"},
	{"ws://[::1]:8080/", URL{Host: "::1", Port: "8080", Target: "/"}, "[::1]:8080", "[::1]:8080", "::1", "http://[::1]:8080"},
	{"ws://[::ffff:1.2.3.4]/", URL{Host: "::ffff:1.2.3.4", Target: "/"}, "[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]:80", "::ffff:1.2.3.4", "http://[::ffff:1.2.3.4]"},
	{"wss://[fe80::1%25eth0]/x", URL{Secure: true, Host: "fe80::1%eth0", Target: "/x"}, "[fe80::1]", "[fe80::1%eth0]:443", "fe80::1", "https://[fe80::1]"},
	{"ws://127.0.0.1:1", URL{Host: "127.0.0.1", Port: "1", Target: "/"}, "127.0.0.1:1", "127.0.0.1:1", "127.0.0.1", "http://127.0.0.1:1"},
	{"ws://user:p%40ss@h/", URL{Userinfo: "user:p%40ss", Host: "h", Target: "/"}, "h", "h:80", "h", "http://h"},
	{"ws://xn--bcher-kva.example/", URL{Host: "xn--bcher-kva.example", Target: "/"}, "xn--bcher-kva.example", "xn--bcher-kva.example:80", "xn--bcher-kva.example", "http://xn--bcher-kva.example"},
	{"ws://h/.well-known/x", URL{Host: "h", Target: "/.well-known/x"}, "h", "h:80", "h", "http://h"},
}

// U2, U3, U4, U7, R2, C12: ports, targets, schemes, IPv6 and the Host field.
func TestParseURL(t *testing.T) {
	for _, row := range urlRows {
		u, err := ParseURL(row.in)
		if err != nil {
			t.Errorf("%s: %v", row.in, err)
			continue
		}
		if diff := cmp.Diff(row.want, u); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.in, diff)
		}
		got := []string{u.HostField(), u.Address(), u.ServerName(), u.Origin()}
		if diff := cmp.Diff([]string{row.host, row.address, row.serverName, row.origin}, got); diff != "" {
			t.Errorf("%s: Host, address, server name, origin (-want +got):\n%s", row.in, diff)
		}
		if !isHostField(u.HostField()) || !isTarget(u.Target) {
			t.Errorf("%s: Host %q or target %q would be refused", row.in, u.HostField(), u.Target)
		}
		again, err := ParseURL(u.String())
		u.Userinfo = ""
		if u.Port == defaultPort(u.Secure) {
			u.Port = ""
		}
		if diff := cmp.Diff(u, again); diff != "" || err != nil {
			t.Errorf("%s: String gives %s, %v (-want +got):\n%s", row.in, u, err, diff)
		}
	}
}

var badURLRows = []struct {
	in   string
	want Requirement
}{
	{"", NotWebSocketURL}, // U4
	{"h", NotWebSocketURL},
	{"//h/", NotWebSocketURL},
	{"ws:h", NotWebSocketURL},
	{"ws:/h", NotWebSocketURL},
	{"http://h/", NotWebSocketURL},
	{"https://h/", NotWebSocketURL},
	{" ws://h/", NotWebSocketURL},
	{"w\u017f://h/", NotWebSocketURL},
	{"ws://h/p#f", URLFragment}, // U1
	{"ws://h#", URLFragment},
	{"ws://h?#", URLFragment},
	{"ws://b\u00fccher.example/", NonASCIIHost}, // U6
	{"ws://", MalformedURL},                     // U5
	{"ws:///x", MalformedURL},
	{"ws://?x", MalformedURL},
	{"ws://:80/", MalformedURL},
	{"ws://a@/", MalformedURL},
	{"ws://h h/", MalformedURL},
	{"ws://h:0/", MalformedURL},
	{"ws://h:65536/", MalformedURL},
	{"ws://h:-1/", MalformedURL},
	{"ws://h:80x/", MalformedURL},
	{"ws://h:000080/", MalformedURL},
	{"ws://h:1:2/", MalformedURL},
	{"ws://::1/", MalformedURL},
	{"ws://[::1/", MalformedURL},
	{"ws://[]/", MalformedURL},
	{"ws://[h]/", MalformedURL},
	{"ws://[::1]x/", MalformedURL},
	{"ws://[::1%25]/", MalformedURL},
	{"ws://[::1%eth0]/", MalformedURL},
	{"ws://ex%61mple.com/", MalformedURL},
	{"ws://h/ x", MalformedURL},
	{"ws://h/\t", MalformedURL},
	{"ws://h/\r\nX: y", MalformedURL},
	{"ws://h/p\u00e4th", MalformedURL},
	{"ws://h/%", MalformedURL},
	{"ws://h/%4", MalformedURL},
	{"ws://h/%zz", MalformedURL},
	{"ws://h/?%", MalformedURL},
	{`ws://h/\`, MalformedURL},
	{`ws://h\@x/`, MalformedURL},
	{"ws://a\x00@h/", MalformedURL},
	{"ws://h/\x7f", MalformedURL},
}

func TestParseURLRefuses(t *testing.T) {
	for _, row := range badURLRows {
		u, err := ParseURL(row.in)
		if requirementOf(err) != row.want || u != (URL{}) {
			t.Errorf("%q: got %+v, %v; want %v", row.in, u, err, row.want)
		}
	}
}

func TestURLErrorsKeepTheUserinfo(t *testing.T) {
	for _, in := range []string{"ws://user:hunter2@h:x/", "ws://user:hunter2@h /", "ws://user:hunter\x002@h/", "ws://user:hunter2@h/ "} {
		if _, err := ParseURL(in); err == nil || strings.Contains(err.Error(), "hunter") {
			t.Errorf("the message shows the password: %v", err)
		}
	}
}
