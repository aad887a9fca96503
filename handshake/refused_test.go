package handshake

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func refusal(t *testing.T, answer string) *RefusedError {
	t.Helper()
	r := sampleRequest(t)
	r.Fields.Add("Cookie", "sid=hunter2")
	r.Fields.Add("Authorization", "Basic hunter2")
	_, err := Client(says(answer, 4096, io.EOF), r, nil, Limits{})
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("not refused: %v", err)
	}
	return refused
}

func TestReport(t *testing.T) { // C24, C32: all that was received is there
	refused := refusal(t, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"+
		"HTTP/1.1 502 Bad Gateway\r\nserver : cloudflare\r\nLocation: wss://ann:hunter2@h/\r\nSet-Cookie: hunter2;\r\n\thunter2\r\nX: \x1b[2J\r\nContent-Length: 15\r\n\r\nerror code: 502")
	refused.Hints = []string{"The origin dropped the request."}
	const sent = `handshake: the server did not switch protocols (C24, RFC 6455 §4.1): "502 Bad Gateway", Server: cloudflare

request sent:
> GET /path HTTP/1.1
> Host: example.com
> Upgrade: websocket
> Connection: Upgrade
> Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
> Sec-WebSocket-Version: 13
> Cookie: [redacted]
> Authorization: [redacted]

interim answer:
< HTTP/1.1 103 Early Hints
< Link: a

answer received:
< HTTP/1.1 502 Bad Gateway
< server : cloudflare
< Location: wss://[redacted]@h/
< Set-Cookie: [redacted]
< [redacted]
`
	const rest = `< Content-Length: 15
<
< error code: 502

hint: The origin dropped the request.
`
	// The escape character is a control character: the head is malformed, and
	// shown for what it is.
	want := sent + `< X: \x1b[2J` + "\n" + rest
	if diff := cmp.Diff(want, refused.Report(false)); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	open := refused.Report(true)
	if strings.Count(open, "hunter2") != 5 || strings.Contains(open, redacted) {
		t.Errorf("asked for, secrets are shown:\n%s", open)
	}
	if got := refused.Error(); got != want[:strings.IndexByte(want, '\n')] {
		t.Errorf("the error is the first line: %q", got)
	}
}

func TestReportWithoutAnswer(t *testing.T) {
	if got := refusal(t, "").Report(false); !strings.HasSuffix(got, "\nno answer received\n") {
		t.Errorf("no byte came:\n%s", got)
	}
	got := refusal(t, "\x15\x03\x01\x00\x02\x02\x46").Report(false)
	if !strings.HasSuffix(got, "\nbytes received:\n< \\x15\\x03\\x01\\x00\\x02\\x02F\n") {
		t.Errorf("TLS came:\n%s", got)
	}
	_, err := ClientRaw(says("", 1, io.EOF), []byte("one line\x00"), nil, Limits{})
	if got := err.(*RefusedError).Report(false); !strings.Contains(got, "\nrequest sent:\n> one line\\x00\n") {
		t.Errorf("the request was no head:\n%s", got)
	}
}

func TestPhases(t *testing.T) {
	var names []string
	for p := Phase(0); p <= PhaseCheck; p++ {
		names = append(names, p.String())
	}
	if got := strings.Join(names, " "); got != "unknown resolve connect proxy tls write answer check" {
		t.Errorf("phases: %s", got)
	}
}
