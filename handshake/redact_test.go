package handshake

import "testing"

// What is shown of a value holds nothing that lets its reader in.
func TestRedact(t *testing.T) {
	for _, tt := range []struct{ field, value, want string }{
		{"Cookie", "sid=1", "[redacted]"},
		{"set-cookie", "sid=1; Secure", "[redacted]"},
		{"Authorization", "Basic YTpi", "[redacted]"},
		{"Proxy-Authorization", "Basic YTpi", "[redacted]"},
		{"Cookie", "", ""},
		{"Location", "wss://ann:secret@host/p@th", "wss://[redacted]@host/p@th"},
		{"Location", "https://a@b@host", "https://[redacted]@host"},
		{"Link", "<ws://a:b@h>; x, <ws://c:d@i>", "<ws://[redacted]@h>; x, <ws://[redacted]@i>"},
		{"Location", "wss://host/@", "wss://host/@"},
		{"X-Mail", "ann@host", "ann@host"},
	} {
		if got := Redact(tt.field, tt.value); got != tt.want {
			t.Errorf("%s: %s is shown as %q, want %q", tt.field, tt.value, got, tt.want)
		}
	}
}
