package ws_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
)

// routes dials every host of the test at its own script.
func routes(hosts map[string]*script) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, network, address string) (net.Conn, error) {
		s := hosts[address]
		if s == nil {
			return nil, errors.New("no such host in the test: " + address)
		}
		return net.Dial("tcp", s.addr)
	}
}

// redirecting answers with the status and the Location; "" accepts instead.
func redirecting(t *testing.T, status, location string) *script {
	return play(t, func(head string) string {
		if location == "" {
			return accepting(head, "")
		}
		return "HTTP/1.1 " + status + " Moved\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n"
	})
}

func TestRedirects(t *testing.T) {
	for _, tt := range []struct {
		name             string
		status, location string
		max              int
		want             string // the URL that is dialled next, "" for none
	}{
		{"not asked for", "302", "ws://b.test/x", 0, ""},
		{"to another host", "302", "ws://b.test/x", 1, "ws://b.test/x"},
		{"permanent", "301", "ws://b.test/x", 1, "ws://b.test/x"},
		{"see other", "303", "ws://b.test/x", 1, "ws://b.test/x"},
		{"temporary", "307", "ws://b.test/x", 1, "ws://b.test/x"},
		{"permanent and strict", "308", "ws://b.test/x", 1, "ws://b.test/x"},
		{"as HTTP names it", "302", "http://b.test/x?y#z", 1, "ws://b.test/x?y"},
		{"to an absolute path", "302", "/x", 1, "ws://a.test/x"},
		{"to a relative path", "302", "../x", 1, "ws://a.test/p/x"},
		{"to another host, relative", "302", "//b.test", 1, "ws://b.test/"},
		{"no redirect though it has a Location", "200", "ws://b.test/x", 1, ""},
		{"a choice", "300", "ws://b.test/x", 1, ""},
		{"to another scheme", "302", "ftp://b.test/x", 1, ""},
		{"to nothing that can be read", "302", "ws://[::1", 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := play(t, func(head string) string {
				if strings.HasPrefix(head, "GET /p/q/r ") {
					return "HTTP/1.1 " + tt.status + " Moved\r\nLocation: " + tt.location + "\r\n\r\n"
				}
				return accepting(head, "")
			})
			var to string
			c, _, err := ws.Dial(soon(t), "ws://a.test/p/q/r", &ws.DialOptions{
				NetDial:      routes(map[string]*script{"a.test:80": a, "b.test:80": redirecting(t, "", "")}),
				MaxRedirects: tt.max,
				Trace:        &ws.DialTrace{Redirected: func(u handshake.URL) { to = u.String() }},
			})
			if c != nil {
				c.Abort()
			}
			if to != tt.want {
				t.Errorf("redirected to %q, want %q", to, tt.want)
			}
			if (err == nil) != (tt.want != "") {
				t.Errorf("Dial = %v", err)
			}
			if tt.want == "" && !errors.Is(err, handshake.NotSwitching) {
				t.Errorf("got %v, want the refusal itself", err)
			}
		})
	}
}

// A server that sends its client round in circles gets so many requests, and
// one by default; less than none is none.
func TestRedirectsEnd(t *testing.T) {
	for redirects, want := range map[int]int{3: 4, 0: 1, -1: 1} {
		a := redirecting(t, "302", "ws://a.test/")
		_, resp, err := ws.Dial(soon(t), "ws://a.test/", &ws.DialOptions{
			NetDial: routes(map[string]*script{"a.test:80": a}), MaxRedirects: redirects,
		})
		if !errors.Is(err, handshake.NotSwitching) || resp == nil || resp.Status != 302 {
			t.Errorf("got %v, want the last refusal", err)
		}
		if n := len(a.sent()); n != want {
			t.Errorf("%d redirects allowed: %d requests, want %d", redirects, n, want)
		}
	}
}

// What is meant for one host is not taken to the next.
func TestRedirectLeavesCredentialsBehind(t *testing.T) {
	secrets := func(s *script) string {
		var got []string
		for line := range strings.SplitSeq(s.sent()[len(s.sent())-1], "\r\n") {
			for _, name := range []string{"Host", "Authorization", "Cookie", "X-App"} {
				if strings.HasPrefix(line, name+": ") {
					got = append(got, line)
				}
			}
		}
		return strings.Join(got, "|")
	}
	opts := func(a, b *script) *ws.DialOptions {
		return &ws.DialOptions{
			Host:         "front.test",
			Fields:       handshake.Fields{{Name: "Cookie", Value: "sid=1"}, {Name: "X-App", Value: "2"}},
			NetDial:      routes(map[string]*script{"a.test:80": a, "a.test:81": b, "b.test:80": b}),
			MaxRedirects: 1,
		}
	}
	for _, tt := range []struct{ name, location, want string }{
		{"to another host", "ws://b.test/", "Host: b.test|X-App: 2"},
		{"to another port", "ws://a.test:81/", "Host: a.test:81|X-App: 2"},
		{"to another host with its own userinfo", "ws://user:pw@b.test/", "Host: b.test|X-App: 2|Authorization: Basic dXNlcjpwdw=="},
	} {
		a, b := redirecting(t, "302", tt.location), redirecting(t, "", "")
		c, _, err := ws.Dial(soon(t), "ws://me:secret@a.test/", opts(a, b))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		c.Abort()
		if d := cmp.Diff("Host: front.test|Cookie: sid=1|X-App: 2|Authorization: Basic bWU6c2VjcmV0", secrets(a)); d != "" {
			t.Errorf("%s: the first host was sent (-want +got)\n%s", tt.name, d)
		}
		if d := cmp.Diff(tt.want, secrets(b)); d != "" {
			t.Errorf("%s: the second host was sent (-want +got)\n%s", tt.name, d)
		}
	}

	// The same host keeps them.
	a := play(t, func(head string) string {
		if strings.HasPrefix(head, "GET / ") {
			return "HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n"
		}
		return accepting(head, "")
	})
	c, _, err := ws.Dial(soon(t), (&url.URL{Scheme: "ws", Host: "a.test", User: url.UserPassword("me", "secret")}).String(), opts(a, nil))
	if err != nil {
		t.Fatal(err)
	}
	c.Abort()
	if got, want := secrets(a), "Host: front.test|Cookie: sid=1|X-App: 2|Authorization: Basic bWU6c2VjcmV0"; got != want {
		t.Errorf("the same host was sent %s, want %s", got, want)
	}
}

// A jar is asked for every host in turn, and told what each answer sets,
// whatever its status.
func TestCookiesOnTheWay(t *testing.T) {
	a := play(t, func(string) string {
		return "HTTP/1.1 302 Found\r\nLocation: ws://b.test/\r\nSet-Cookie: a=1\r\n\r\n"
	})
	b := play(t, func(string) string { return "HTTP/1.1 403 Forbidden\r\nset-cookie: b=2; Secure\r\n\r\n" })
	cookies := &jar{}
	_, _, err := ws.Dial(soon(t), "ws://a.test/", &ws.DialOptions{
		Cookies: cookies, MaxRedirects: 1,
		NetDial: routes(map[string]*script{"a.test:80": a, "b.test:80": b}),
	})
	if !errors.Is(err, handshake.NotSwitching) {
		t.Errorf("Dial = %v", err)
	}
	if !strings.Contains(a.sent()[0], "\r\nCookie: sid=a.test\r\n") || !strings.Contains(b.sent()[0], "\r\nCookie: sid=b.test\r\n") {
		t.Errorf("the hosts were sent\n%s\n%s", a.sent(), b.sent())
	}
	if d := cmp.Diff([]string{"a=1", "b=2; Secure"}, cookies.told); d != "" {
		t.Errorf("the jar was told (-want +got)\n%s", d)
	}
}
