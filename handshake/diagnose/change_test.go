package diagnose_test

import (
	"testing"

	. "github.com/octet-ws/octet/handshake/diagnose"
)

func TestRFCName(t *testing.T) {
	for name, want := range map[string]string{
		"sec-websocket-key": "Sec-WebSocket-Key", "Sec-Websocket-Key": "Sec-WebSocket-Key", "SEC-WEBSOCKET-KEY": "Sec-WebSocket-Key",
		"host": "Host", "HOST": "Host", "user-agent": "User-Agent", "User-agent": "User-Agent", "sec-fetch-mode": "Sec-Fetch-Mode",
		"te": "TE", "x-api-key": "X-Api-Key", "X-MiXed": "X-MiXed", "": "", "-": "-",
	} {
		if got := RFCName(name); got != want {
			t.Errorf("RFCName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestChangeRedacted(t *testing.T) {
	for _, tt := range []struct{ change, want Change }{
		{Change{Remove, "Authorization", "Bearer x", ""}, Change{Remove, "Authorization", "[redacted]", ""}},
		{Change{Add, "Cookie", "", "a=b"}, Change{Add, "Cookie", "", "[redacted]"}},
		{Change{Value, "Cookie", "a=b; c", "c"}, Change{Value, "Cookie", "a=[redacted]; [redacted]", "[redacted]"}},
		{Change{Move, "Cookie", "first", "last"}, Change{Move, "Cookie", "first", "last"}},
		{Change{Case, "Cookie", "cookie", "Cookie"}, Change{Case, "Cookie", "cookie", "Cookie"}},
		{Change{Value, "Origin", "a", "b"}, Change{Value, "Origin", "a", "b"}},
	} {
		if got := tt.change.Redacted(); got != tt.want {
			t.Errorf("%v redacted is %v, want %v", tt.change, got, tt.want)
		}
	}
}

func TestChangeString(t *testing.T) {
	for _, tt := range []struct {
		change Change
		want   string
	}{
		{Change{Add, "Origin", "", "http://a"}, "add Origin: http://a"},
		{Change{Remove, "Origin", "http://a", ""}, "remove Origin: http://a"},
		{Change{Value, FieldVersion, "HTTP/1.0", "HTTP/1.1"}, `change (version) from "HTTP/1.0" to "HTTP/1.1"`},
		{Change{Case, "Upgrade", "WebSocket", "websocket"}, `change Upgrade from "WebSocket" to "websocket"`},
		{Change{Move, "Host", "last", "first"}, "move Host from last to first"},
		{Change{Spacing, "Host", " : ", ": "}, `write Host with ": " instead of " : "`},
		{Change{Duplicate, "Host", "a", ""}, "do not repeat Host: a"},
		{Change{Duplicate, "Host", "", "a"}, "repeat Host: a"},
		{Change{Transport, FieldALPN, "", "http/1.1"}, `change tls.alpn from "" to "http/1.1"`},
	} {
		if got := tt.change.String(); got != tt.want {
			t.Errorf("%#v is said as %q, want %q", tt.change, got, tt.want)
		}
	}
}
