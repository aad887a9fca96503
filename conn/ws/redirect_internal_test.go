package ws

import (
	"crypto/tls"
	"testing"

	"github.com/octet-ws/octet/handshake"
	wstls "github.com/octet-ws/octet/tls"
)

// From TLS there is no way down, and a way up is no reason to take
// credentials along.
func TestRedirectAndTLS(t *testing.T) {
	for _, tt := range []struct {
		from, location string
		ok, same       bool
	}{
		{"wss://a.test/", "ws://a.test/", false, false},
		{"wss://a.test/", "http://a.test/", false, false},
		{"wss://a.test/", "https://a.test/x", true, true},
		{"wss://a.test/", "wss://a.test:443/x", true, true},
		{"wss://a.test/", "//b.test/", true, false},
		{"ws://a.test/", "wss://a.test/", true, false},
	} {
		from, err := handshake.ParseURL(tt.from)
		if err != nil {
			t.Fatal(err)
		}
		r := &handshake.Response{Status: 302, Fields: handshake.Fields{{Name: "location", Value: tt.location}}}
		to, ok := redirect(from, r)
		if ok != tt.ok {
			t.Errorf("from %s to %s: followed %t, want %t", tt.from, tt.location, ok, tt.ok)
		} else if ok && sameAuthority(from, to) != tt.same {
			t.Errorf("from %s to %s: the same %t, want %t", tt.from, tt.location, !tt.same, tt.same)
		}
	}
	trust := &wstls.ClientConfig{Certificates: make([]tls.Certificate, 1), ServerName: "x", VerifyName: "y", Pins: make([]wstls.Pin, 1)}
	o := DialOptions{Address: "10.0.0.1:1", Network: "unix", Host: "h", TLS: trust}
	o.leaveBehind()
	if o.Address+o.Network+o.Host+o.TLS.ServerName+o.TLS.VerifyName != "" || o.TLS.Certificates != nil {
		t.Errorf("taken along: %+v, %+v", o, o.TLS)
	}
	if len(o.TLS.Pins) != 1 || trust.ServerName == "" {
		t.Error("pins must stay, and the caller's configuration as it is")
	}
}
