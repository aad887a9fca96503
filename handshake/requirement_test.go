package handshake

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEveryRequirementIsProduced holds the closed list to the tables: what no
// row produces has no test, or cannot happen.
func TestEveryRequirementIsProduced(t *testing.T) {
	produced := map[Requirement]bool{NoSubprotocol: true} // TestASubprotocolMayBeRequired
	for _, row := range requestRows {
		produced[row.want] = true
	}
	for _, row := range responseRows {
		produced[row.want] = true
	}
	for _, row := range limitRows {
		produced[row.want] = true
	}
	for _, row := range builderRows {
		produced[row.want] = true
	}
	for _, row := range chooserRows {
		produced[row.want] = true
	}
	for _, row := range badURLRows {
		produced[row.want] = true
	}
	for _, row := range clientRows {
		produced[row.want] = true
	}
	for _, r := range Requirements() {
		if !produced[r] {
			t.Errorf("no table produces %s: %q", r.ID(), r)
		}
	}
}

func TestEveryRequirementIsDescribed(t *testing.T) {
	id := regexp.MustCompile(`^[UCSXTE]\d+$`)
	section := regexp.MustCompile(`^RFC (6455|9110|9112) §\d+(\.\d+)*$`)
	for _, r := range Requirements() {
		if !id.MatchString(r.ID()) || !section.MatchString(r.Section()) || r.String() == "" || r.Side() == 0 {
			t.Errorf("%d: %q %q %q", r, r.ID(), r.Section(), r)
		}
		if s := r.Status(); s != 0 && reasonPhrase(s) == "" {
			t.Errorf("%s is answered with %d, which has no phrase", r.ID(), s)
		}
	}
}

func TestErrorIsOneLineAndTyped(t *testing.T) {
	for _, row := range []struct {
		err  *Error
		want string
	}{
		{&Error{Requirement: MissingHost}, "handshake: there is no Host (S4, RFC 9112 §3.2)"},
		{&Error{Requirement: WrongAccept, Field: "sec-websocket-accept", Value: "abc"},
			`handshake: Sec-WebSocket-Accept does not belong to the key (C27, RFC 6455 §4.1): sec-websocket-accept "abc"`},
		{&Error{Requirement: MalformedField, Field: "a\r\nb", Value: "\x1b[2J\xff"},
			`handshake: a field line has no colon or no legal name (C9, RFC 9112 §5): "a\r\nb" "\x1b[2J\xff"`},
		{&Error{Requirement: ControlInValue, Field: "Cookie", Value: "sid=1\x00"},
			"handshake: a field value has a control character (T5, RFC 9110 §5.5): Cookie [redacted]"},
		{&Error{Requirement: Silent, Cause: os.ErrDeadlineExceeded},
			"handshake: the time ran out before the head was complete (C5, RFC 6455 §4.1): i/o timeout"},
		{&Error{Requirement: MalformedTarget, Value: strings.Repeat("a", 1000)},
			`handshake: the request target is malformed (C11, RFC 6455 §4.1): "` + strings.Repeat("a", shownBytes) + `"...`},
	} {
		if got := row.err.Error(); got != row.want {
			t.Errorf("got  %s\nwant %s", got, row.want)
		}
		if !errors.Is(row.err, row.err.Requirement) || errors.Is(row.err, RepeatedHost) {
			t.Errorf("%v is not found as its requirement, or as another", row.err)
		}
	}
	e := &Error{Requirement: CutShort, Cause: io.ErrUnexpectedEOF}
	if !errors.Is(e, io.ErrUnexpectedEOF) || e.Timeout() || !(&Error{Requirement: Silent}).Timeout() {
		t.Error("the cause is found; only Silent is a timeout")
	}
	if got := WrongAccept.Error(); got != "handshake: Sec-WebSocket-Accept does not belong to the key (C27, RFC 6455 §4.1)" {
		t.Errorf("a requirement as an error: %q", got)
	}
}
