package ws_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
)

// Each phase of Dial has its own bound, to the tick, and says which it was and
// how long it took. Without one, the context is the bound.
func TestDialTimeouts(t *testing.T) {
	silent := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	mute := func(context.Context, string, string) (net.Conn, error) {
		c, s := net.Pipe()
		go io.Copy(io.Discard, s) // takes all and says nothing
		return c, nil
	}
	proxied := func(handshake.URL) (*ws.Proxy, error) { return ws.ParseProxy("http://proxy.test:3128") }
	for _, tt := range []struct {
		name  string
		url   string
		opts  ws.DialOptions
		dns   bool // the name server is silent
		phase handshake.Phase
		after time.Duration
	}{
		{"to resolve", "ws://octet.test/", ws.DialOptions{Timeouts: ws.Timeouts{DNS: 3 * time.Second, Connect: time.Hour}}, true, handshake.PhaseResolve, 3 * time.Second},
		{"to resolve, by default", "ws://octet.test/", ws.DialOptions{}, true, handshake.PhaseResolve, 10 * time.Second},
		{"to connect", "ws://octet.test/", ws.DialOptions{NetDial: silent, Timeouts: ws.Timeouts{Connect: 4 * time.Second}}, false, handshake.PhaseConnect, 4 * time.Second},
		{"to connect, by default", "ws://octet.test/", ws.DialOptions{NetDial: silent}, false, handshake.PhaseConnect, 15 * time.Second},
		{"to open a tunnel", "ws://octet.test/", ws.DialOptions{NetDial: mute, Proxy: proxied, Timeouts: ws.Timeouts{Proxy: 5 * time.Second}}, false, handshake.PhaseProxy, 5 * time.Second},
		{"to open a tunnel, by default", "ws://octet.test/", ws.DialOptions{NetDial: mute, Proxy: proxied}, false, handshake.PhaseProxy, 15 * time.Second},
		{"for TLS", "wss://octet.test/", ws.DialOptions{NetDial: mute, Timeouts: ws.Timeouts{TLS: 6 * time.Second}}, false, handshake.PhaseTLS, 6 * time.Second},
		{"for TLS, by default", "wss://octet.test/", ws.DialOptions{NetDial: mute}, false, handshake.PhaseTLS, 15 * time.Second},
		{"to answer", "ws://octet.test/", ws.DialOptions{NetDial: mute, Timeouts: ws.Timeouts{Handshake: 7 * time.Second}}, false, handshake.PhaseAnswer, 7 * time.Second},
		{"for nothing in particular", "ws://octet.test/", ws.DialOptions{NetDial: mute, Timeouts: ws.Timeouts{Handshake: -1}}, false, handshake.PhaseAnswer, time.Hour},
		{"to answer, by default", "ws://octet.test/", ws.DialOptions{NetDial: mute}, false, handshake.PhaseAnswer, 15 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if tt.dns {
					usual := net.DefaultResolver
					net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: silent}
					defer func() { net.DefaultResolver = usual }()
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				start := time.Now()
				_, _, err := ws.Dial(ctx, tt.url, &tt.opts)
				took := time.Since(start)
				var e *ws.Error
				if !errors.As(err, &e) || e.Phase != tt.phase {
					t.Fatalf("Dial = %v, want it to fail in phase %v", err, tt.phase)
				}
				if took != tt.after {
					t.Errorf("it fails after %v, want %v", took, tt.after)
				}
				if !ws.Retryable(err) {
					t.Errorf("%v is not worth another attempt", err)
				}
				spent := map[handshake.Phase]time.Duration{handshake.PhaseResolve: e.Timings.DNS, handshake.PhaseConnect: e.Timings.Connect,
					handshake.PhaseProxy: e.Timings.Proxy, handshake.PhaseTLS: e.Timings.TLS, handshake.PhaseAnswer: e.Timings.Handshake}
				if spent[tt.phase] != tt.after || e.Timings.Total() != tt.after {
					t.Errorf("the timings are %+v, want %v in the phase that failed", e.Timings, tt.after)
				}
				var timeout net.Error
				if !errors.As(err, &timeout) || !timeout.Timeout() {
					t.Errorf("%v is no timeout", err)
				}
			})
		})
	}
}
