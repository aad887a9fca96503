package ws_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
)

// jar is a CookieJar that knows one cookie and writes down what it is told.
type jar struct{ told []string }

func (j *jar) Cookies(u handshake.URL) string { return "sid=" + u.Host }
func (j *jar) SetCookies(u handshake.URL, values []string) {
	j.told = append(j.told, values...)
}

func TestDialHead(t *testing.T) {
	cookies := &jar{}
	profile := func(u handshake.URL, r *handshake.Request) (*handshake.Request, error) {
		return &handshake.Request{Method: "GET", Target: u.Target, Proto: "HTTP/1.1", Fields: handshake.Fields{
			{Name: "connection", Value: "upgrade", Sep: ":"},
			{Name: "sec-websocket-key", Value: r.Fields.Get("Sec-WebSocket-Key")},
			{Name: "Sec-WebSocket-Key", Value: r.Fields.Get("Sec-WebSocket-Key")},
		}}, nil
	}
	for _, tt := range []struct {
		name, url string
		opts      ws.DialOptions
		head      string // less the fields that are always the same
	}{
		{"no options", "ws://a.test", ws.DialOptions{}, "GET / HTTP/1.1|Host: a.test"},
		{"a port and a query", "ws://a.test:81?x=%20", ws.DialOptions{}, "GET /?x=%20 HTTP/1.1|Host: a.test:81"},
		{"an IPv6 literal with a zone", "ws://[fe80::1%25eth0]:81/", ws.DialOptions{}, "GET / HTTP/1.1|Host: [fe80::1]:81"},
		{"a Host of its own", "ws://a.test/", ws.DialOptions{Host: "b.test:99"}, "GET / HTTP/1.1|Host: b.test:99"},
		{"everything", "ws://a.test/", ws.DialOptions{Origin: "https://a.test", Subprotocols: []string{"v2", "v1"},
			Fields: handshake.Fields{{Name: "X-a", Value: "1"}, {Name: "x-A", Value: "2"}}, Cookies: cookies},
			"GET / HTTP/1.1|Host: a.test|Origin: https://a.test|Sec-WebSocket-Protocol: v2, v1|X-a: 1|x-A: 2|Cookie: sid=a.test"},
		{"cookies of the caller's", "ws://a.test/", ws.DialOptions{Fields: handshake.Fields{{Name: "cookie", Value: "mine=1"}}, Cookies: &jar{}},
			"GET / HTTP/1.1|Host: a.test|cookie: mine=1"},
		{"basic authentication from the URL", "ws://us%65r:p%3Aw@a.test/", ws.DialOptions{}, "GET / HTTP/1.1|Host: a.test|Authorization: Basic dXNlcjpwOnc="},
		{"an Authorization that stands", "ws://user:pw@a.test/", ws.DialOptions{Fields: handshake.Fields{{Name: "authorization", Value: "Bearer x"}}},
			"GET / HTTP/1.1|Host: a.test|authorization: Bearer x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := play(t, func(head string) string { return accepting(head, "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n") })
			tt.opts.Address = s.addr
			c, _, err := ws.Dial(soon(t), tt.url, &tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			c.Abort()
			head := s.sent()[0]
			for _, always := range []string{"Upgrade: websocket\r\n", "Connection: Upgrade\r\n", "Sec-WebSocket-Key: " + key(head) + "\r\n", "Sec-WebSocket-Version: 13\r\n"} {
				if strings.Count(head, always) != 1 {
					t.Errorf("%q does not stand once in\n%s", always, head)
				}
				head = strings.Replace(head, always, "", 1)
			}
			if got := strings.ReplaceAll(strings.TrimSuffix(head, "\r\n\r\n"), "\r\n", "|"); got != tt.head {
				t.Errorf("the head is\n%s\nwant\n%s", got, tt.head)
			}
		})
	}
	if d := cmp.Diff([]string{"a=1", "b=2"}, cookies.told); d != "" {
		t.Errorf("the jar was told (-want +got)\n%s", d)
	}

	t.Run("a head of the caller's, legal or not", func(t *testing.T) {
		s := play(t, func(string) string { return "HTTP/1.1 400 Bad Request\r\n\r\n" })
		_, _, err := ws.Dial(soon(t), "ws://a.test/x", &ws.DialOptions{Address: s.addr, Head: profile})
		if !errors.Is(err, handshake.NotSwitching) {
			t.Error(err)
		}
		k := key(s.sent()[0])
		want := "GET /x HTTP/1.1\r\nconnection:upgrade\r\nsec-websocket-key: " + k + "\r\nSec-WebSocket-Key: " + k + "\r\n\r\n"
		if got := s.sent()[0]; got != want {
			t.Errorf("the head is\n%s\nwant\n%s", got, want)
		}
	})
}
