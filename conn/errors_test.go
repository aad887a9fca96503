package conn_test

import (
	"errors"
	"io"
	"os"
	"testing"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/frame"
)

func TestErrors(t *testing.T) {
	broke := &frame.Error{Rule: frame.RuleUTF8, Header: frame.Header{Opcode: frame.Text, Length: 3}, Offset: 7}
	for _, tt := range []struct {
		err  error
		text string
		code frame.CloseCode
	}{
		{&conn.CloseError{Code: 1000}, "websocket: closed by the peer: 1000 normal closure", 1000},
		{&conn.CloseError{Code: 4000, Reason: "a\nb", Answer: true}, `websocket: close answered by the peer: 4000 "a\nb"`, 4000},
		{&conn.Error{Kind: conn.TimedOut, Err: os.ErrDeadlineExceeded}, "websocket: deadline passed: i/o timeout", 0},
		{&conn.Error{Kind: conn.Lost, Err: io.EOF}, "websocket: connection lost without a closing handshake: EOF", 1006},
		{&conn.Error{Kind: conn.NoPong}, "websocket: no answer to a ping", 1006},
		{&conn.Error{Kind: conn.Failed, Err: broke}, broke.Error(), 1007},
		{&conn.Error{Kind: 99}, "websocket: kind 99", 1006},
		{conn.ErrClosed, "websocket: closed by this side", 0},
	} {
		if got := tt.err.Error(); got != tt.text {
			t.Errorf("got  %s\nwant %s", got, tt.text)
		}
		if got := conn.CloseCode(tt.err); got != tt.code {
			t.Errorf("%v: code %d, want %d", tt.err, got, tt.code)
		}
	}
	if !errors.Is(&conn.Error{Kind: conn.Failed, Err: broke}, frame.RuleUTF8) {
		t.Error("the broken rule is found with errors.Is")
	}
}
