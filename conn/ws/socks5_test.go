package ws

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return b
}

// recorded is a peer whose part is known beforehand.
type recorded struct {
	io.Reader
	sent bytes.Buffer
}

func (r *recorded) Write(p []byte) (int, error) { return r.sent.Write(p) }

// The conversations are those of RFC 1928 and RFC 1929, byte by byte.
func TestSOCKS5(t *testing.T) {
	const (
		noAuth   = "05 01 00"
		withAuth = "05 02 00 02"
		login    = "01 04 75736572 02 7077"
		name     = "05 01 00 03 0a 6f637465742e74657374 0050"
	)
	for _, tt := range []struct {
		name                 string
		host, user, password string
		answers              string
		sent                 string
		text                 string // of the error, "" for none
		retry                bool
	}{
		{"a name, resolved by the proxy", "octet.test", "", "", "05 00 | 05 00 00 01 7f000001 1234", noAuth + name, "", false},
		{"an IPv4 address", "192.0.2.1", "", "", "05 00 | 05 00 00 03 01 78 1234", noAuth + "05 01 00 01 c0000201 0050", "", false},
		{"an IPv6 address", "2001:db8::1", "", "", "05 00 | 05 00 00 04 20010db8000000000000000000000001 1234",
			noAuth + "05 01 00 04 20010db8000000000000000000000001 0050", "", false},
		{"a password, asked for", "octet.test", "user", "pw", "05 02 | 01 00 | 05 00 00 01 00000000 0000", withAuth + login + name, "", false},
		{"a password, not asked for", "octet.test", "user", "pw", "05 00 | 05 00 00 01 00000000 0000", withAuth + name, "", false},
		{"a wrong password", "octet.test", "user", "pw", "05 02 | 01 01", withAuth + login, "proxy refused the username or password", false},
		{"a password that is missing", "octet.test", "", "", "05 ff", noAuth, "proxy wants authentication", false},
		{"another method", "octet.test", "user", "pw", "05 01", withAuth, "no authentication method we have", false},
		{"a method that was not offered", "octet.test", "", "", "05 02", noAuth, "no authentication method we have", false},
		{"another version", "octet.test", "", "", "04 5a", noAuth, "answered in version 4", false},
		{"another version later", "octet.test", "", "", "05 00 | 04 00 00 01", noAuth + name, "answered in version 4", false},
		{"a refusal that may pass", "octet.test", "", "", "05 00 | 05 05 00 01 00000000 0000", noAuth + name, "proxy says: connection refused", true},
		{"a refusal that will not", "octet.test", "", "", "05 00 | 05 02 00 01 00000000 0000", noAuth + name, "proxy says: not allowed by its rules", false},
		{"a reply that has no name", "octet.test", "", "", "05 00 | 05 99 00 01 00000000 0000", noAuth + name, "proxy says: reply 153", true},
		{"an address of no known type", "octet.test", "", "", "05 00 | 05 00 00 02", noAuth + name, "address type 2", false},
		{"a name too long", strings.Repeat("x", 256), "", "", "", "", "a host name has 1 to 255 bytes", false},
		{"a username too long", "octet.test", strings.Repeat("x", 256), "", "", "", "a username has 1 to 255 bytes", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// What the target itself says first must be left where it is.
			answers := append(unhex(strings.ReplaceAll(tt.answers, "|", "")), "HTTP"...)
			peer := &recorded{Reader: bytes.NewReader(answers)}
			err := socks5(peer, tt.host, "80", tt.user, tt.password)
			if tt.text == "" && err != nil || tt.text != "" && (err == nil || !strings.Contains(err.Error(), tt.text)) {
				t.Fatalf("got the error %v, want one with %q", err, tt.text)
			}
			if got, want := peer.sent.Bytes(), unhex(tt.sent); !bytes.Equal(got, want) {
				t.Errorf("sent\n% x\nwant\n% x", got, want)
			}
			if Retryable(err) != tt.retry {
				t.Errorf("Retryable(%v) = %t", err, !tt.retry)
			}
			if rest, _ := io.ReadAll(peer); tt.text == "" && string(rest) != "HTTP" {
				t.Errorf("what follows the proxy's answer is %q, want \"HTTP\"", rest)
			}
			if tt.text != "" {
				return
			}
			for cut := range len(answers) - len("HTTP") {
				err := socks5(&recorded{Reader: bytes.NewReader(answers[:cut])}, tt.host, "80", tt.user, tt.password)
				if !errors.Is(err, errProxyClosed) || !Retryable(err) {
					t.Errorf("cut at %d: got %v, want errProxyClosed", cut, err)
				}
			}
		})
	}
}

func TestSOCKS5RefusesAPort(t *testing.T) {
	for _, port := range []string{"", "http", "65536", "-1"} {
		if err := socks5(&recorded{}, "octet.test", port, "", ""); err == nil {
			t.Errorf("port %q was taken", port)
		}
	}
}
