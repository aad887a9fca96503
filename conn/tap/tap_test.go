package tap

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	requestText = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
	answerText = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
	request = requestText + "\r\n"
	answer  = answerText + "\r\n"
)

// A step is what one side does.
type step struct {
	from  Side
	bytes string
	end   bool
	err   error
}

func says(from Side, s string) step       { return step{from: from, bytes: s} }
func sends(from Side, digits string) step { return step{from: from, bytes: unhex(digits)} }
func ends(from Side, err error) step      { return step{from: from, end: true, err: err} }

// opening is a handshake that succeeds.
func opening(more ...step) []step {
	return append([]step{says(Client, request), says(Server, answer)}, more...)
}

func unhex(s string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return string(b)
}

var peers = Peers{Client: netip.MustParseAddrPort("127.0.0.1:50000"),
	Server: netip.MustParseAddrPort("127.0.0.1:9000"), URL: "ws://127.0.0.1:9000/"}

// record plays a conversation to a recorder whose clock moves a millisecond at
// every look, in pieces of at most size bytes.
func record(t *testing.T, opts Options, size int, steps []step, w ...Writer) {
	t.Helper()
	now := start
	opts.Now = func() time.Time { now = now.Add(time.Millisecond); return now }
	r := New(opts, w...)
	s := r.Open(peers)
	for _, st := range steps {
		if st.end {
			s.End(st.from, st.err)
			continue
		}
		for b := []byte(st.bytes); len(b) > 0; {
			n := min(size, len(b))
			s.Bytes(st.from, b[:n])
			b = b[n:]
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const whole = 1 << 30

func textOf(t *testing.T, opts Options, steps []step) string {
	t.Helper()
	var out bytes.Buffer
	record(t, opts, whole, steps, NewText(&out))
	return out.String()
}

func TestText(t *testing.T) {
	secrets := "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nauthorization: Bearer s3cret\r\nCookie: a=b\r\n" +
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Sec-WebSocket-Version: 13\r\n\r\n"
	got := textOf(t, Options{Preview: 20}, []step{
		says(Client, secrets),
		says(Server, answer),
		sends(Client, "81 85 37fa213d 7f9f4d5158"),
		sends(Server, "81 05 48656c6c6f"),
		sends(Server, "02 03 000102"+"89 00"+"80 18 "+strings.Repeat("ff", 24)),
		sends(Client, "8a 80 00000000"),
		sends(Server, "88 05 03e8 627965"),
		ends(Server, nil),
		sends(Client, "88 82 01020304 02ea"),
		ends(Client, errors.New("connection reset by peer")),
	})
	want := strings.TrimLeft(`
# octet tap, recorded from 2026-11-22T12:00:00Z

1  +0.000000  open  127.0.0.1:50000 → 127.0.0.1:9000 = ws://127.0.0.1:9000/
1  +0.001000  client ▶  head, 204 bytes
     GET /chat HTTP/1.1
     Host: server.example.com
     authorization: *************
     Cookie: ***
     Upgrade: websocket
     Connection: Upgrade
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
     Sec-WebSocket-Version: 13
1  +0.002000  server ◀  head, 129 bytes
     HTTP/1.1 101 Switching Protocols
     Upgrade: websocket
     Connection: Upgrade
     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
1  +0.003000  client ▶  Text fin masked 37fa213d, 5 bytes
     Hello
1  +0.004000  server ◀  Text fin, 5 bytes
     Hello
1  +0.005000  server ◀  Binary, 3 bytes
     0000  00 01 02                                          |...|
1  +0.005000  server ◀  Ping fin, 0 bytes
1  +0.005000  server ◀  Continuation fin, 24 bytes
     0000  ff ff ff ff ff ff ff ff  ff ff ff ff ff ff ff ff  |................|
     0010  ff ff ff ff                                       |....|
     … 4 bytes left out
1  +0.006000  client ▶  Pong fin masked 00000000, 0 bytes
1  +0.007000  server ◀  Close fin, 5 bytes: 1000 normal closure "bye"
1  +0.008000  server ◀  end after 176 bytes
1  +0.009000  client ▶  Close fin masked 01020304, 2 bytes: 1000 normal closure ""
1  +0.010000  client ▶  end after 229 bytes: connection reset by peer
`, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the recording differs (-want +got):\n%s", diff)
	}
}

func TestJSONLines(t *testing.T) {
	var out bytes.Buffer
	record(t, Options{Preview: 3}, whole, opening(
		sends(Client, "81 85 37fa213d 7f9f4d5158"),
		sends(Server, "82 02 ff00"+"01 04 e282ac78"+"88 04 03e8 c3bc"),
		ends(Server, nil), ends(Client, io.ErrUnexpectedEOF)), NewJSONLines(&out))
	want := strings.TrimLeft(`
{"time":"2026-11-22T12:00:00.001Z","conn":1,"event":"open","client":"127.0.0.1:50000","server":"127.0.0.1:9000","url":"ws://127.0.0.1:9000/"}
{"time":"2026-11-22T12:00:00.002Z","conn":1,"event":"head","from":"client","offset":0,"length":161,"text":`+quoted(request)+`}
{"time":"2026-11-22T12:00:00.003Z","conn":1,"event":"head","from":"server","offset":0,"length":129,"text":`+quoted(answer)+`}
{"time":"2026-11-22T12:00:00.004Z","conn":1,"event":"frame","from":"client","offset":161,"header":6,"fin":true,"rsv":0,"opcode":1,"type":"Text","masked":true,"key":"37fa213d","payload":5,"text":"Hel","left_out":2}
{"time":"2026-11-22T12:00:00.005Z","conn":1,"event":"frame","from":"server","offset":129,"header":2,"fin":true,"rsv":0,"opcode":2,"type":"Binary","masked":false,"payload":2,"base64":"/wA="}
{"time":"2026-11-22T12:00:00.005Z","conn":1,"event":"frame","from":"server","offset":133,"header":2,"fin":false,"rsv":0,"opcode":1,"type":"Text","masked":false,"payload":4,"text":"€","left_out":1}
{"time":"2026-11-22T12:00:00.005Z","conn":1,"event":"frame","from":"server","offset":139,"header":2,"fin":true,"rsv":0,"opcode":8,"type":"Close","masked":false,"payload":4,"close":{"code":1000,"reason":"ü"}}
{"time":"2026-11-22T12:00:00.006Z","conn":1,"event":"end","from":"server","offset":145}
{"time":"2026-11-22T12:00:00.007Z","conn":1,"event":"end","from":"client","offset":172,"error":"unexpected EOF","problems":[{"rule":"the stream ended without a Close frame (1006)","section":"RFC 6455 §7.1.5"}]}
`, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the recording differs (-want +got):\n%s", diff)
	}
}

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

// TestFaults holds that broken rules are noted, with their section, and that
// decoding goes on behind them.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps []step
		want  []string // "side: rule (section)", in order
	}{
		{"nothing is wrong", opening(sends(Client, "81 80 00000000"), sends(Server, "88 00"), sends(Client, "88 80 00000000")), nil},
		{"a client does not mask", opening(sends(Client, "81 00")),
			[]string{"client: unmasked frame from a client (RFC 6455 §5.1)"}},
		{"a server masks", opening(sends(Server, "81 80 00000000")),
			[]string{"server: masked frame from a server (RFC 6455 §5.1)"}},
		{"every frame of a bad row is judged", opening(sends(Server, "c1 00"+"83 00"+"80 00"+"01 01 61"+"82 00")),
			[]string{"server: reserved bit set without an extension that defines it (RFC 6455 §5.2)",
				"server: reserved opcode (RFC 6455 §5.2)",
				"server: continuation frame without a message to continue (RFC 6455 §5.4)",
				"server: new message before the end of the last one (RFC 6455 §5.4)"}},
		{"a control frame is fragmented", opening(sends(Server, "09 00")),
			[]string{"server: fragmented control frame (RFC 6455 §5.5)"}},
		{"a length is not minimal", opening(sends(Server, "82 7e 0001 61")),
			[]string{"server: length not in the fewest possible bytes (RFC 6455 §5.2)"}},
		{"a length is impossible", opening(sends(Server, "82 7f 8000000000000000 61")),
			[]string{"server: most significant bit of a 64-bit length set (RFC 6455 §5.2)",
				"server: the length cannot be right; what follows is not decoded ()"}},
		{"an impossible length behind a reserved opcode", opening(sends(Server, "83 7f 8000000000000000 61")),
			[]string{"server: most significant bit of a 64-bit length set (RFC 6455 §5.2)",
				"server: the length cannot be right; what follows is not decoded ()"}},
		{"text is not UTF-8", opening(sends(Server, "81 02 c328")),
			[]string{"server: text message is not UTF-8 (RFC 6455 §8.1)"}},
		{"text ends within a character, two frames on", opening(sends(Server, "01 01 e2"+"80 01 82")),
			[]string{"server: text message is not UTF-8 (RFC 6455 §8.1)"}},
		{"a character is cut by a fragment", opening(sends(Server, "01 01 e2"+"80 02 82ac")), nil},
		{"a close code is not for the wire", opening(sends(Server, "88 02 03ed")),
			[]string{"server: status code that must not be in a close frame (RFC 6455 §7.4)"}},
		{"a frame follows the Close", opening(sends(Server, "88 00 89 00")),
			[]string{"server: frame after the close frame (RFC 6455 §5.5.1)"}},
		{"the stream ends within a frame", opening(sends(Server, "81 05 6162"), ends(Server, nil)),
			[]string{"server: the stream ended within the frame ()",
				"server: the stream ended without a Close frame (1006) (RFC 6455 §7.1.5)"}},
		{"the client does not wait for the answer", []step{says(Client, request+unhex("81 80 00000000")), says(Server, answer)},
			[]string{"client: the client sent more before the server's answer (RFC 6455 §4.1)"}},
		{"a subprotocol with a blank", []step{says(Client, requestText+"Sec-WebSocket-Protocol: COINEX protocol\r\n\r\n")},
			[]string{"client: a subprotocol is not a token (RFC 6455 §4.1)"}},
		{"a wrong accept", []step{says(Client, request), says(Server, strings.Replace(answer, "s3p", "S3p", 1))},
			[]string{"server: Sec-WebSocket-Accept does not belong to the key (RFC 6455 §4.1)"}},
		{"a TLS client", []step{sends(Client, "16 0301 0200")},
			[]string{"client: the client speaks TLS, to what is no TLS server ()"}},
		{"a TLS server", []step{says(Client, request), sends(Server, "15 0301 0002 0246")},
			[]string{"server: the server speaks TLS; the URL should be wss:// ()"}},
		{"no HTTP", []step{says(Server, "SSH-2.0-x\r\n")},
			[]string{"server: the first bytes are not HTTP (RFC 6455 §4.1)"}},
		{"a head without end", []step{says(Client, "GET / HTTP/1.1\r\nA: "+strings.Repeat("x", 70000))},
			[]string{"client: the head is longer than the limit (RFC 6455 §10.4)"}},
		{"a head that is cut", []step{says(Client, "GET / HTT"), ends(Client, nil)},
			[]string{"client: the stream ended within a head ()"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{whole, 1, 7} {
				var got faultList
				record(t, Options{}, size, tt.steps, &got)
				if diff := cmp.Diff(tt.want, []string(got)); diff != "" {
					t.Fatalf("in pieces of %d bytes, the faults differ (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

// A faultList is a writer that keeps the faults only.
type faultList []string

func (l *faultList) Flush() error { return nil }
func (l *faultList) Write(e *Event) error {
	for _, f := range e.Problems {
		*l = append(*l, e.From.String()+": "+f.Rule+" ("+f.Section+")")
	}
	return nil
}

// TestPiecesDoNotMatter records a conversation cut in every size of pieces and
// wants the same events but for the time.
func TestPiecesDoNotMatter(t *testing.T) {
	steps := opening(
		sends(Client, "01 83 01020304 606060"+"89 81 00000000 61"+"80 83 00000000 616263"),
		sends(Server, "81 7e 00c8"+strings.Repeat("61", 200)+"8a 01 61"),
		sends(Client, "88 82 00000000 03e8"), sends(Server, "88 02 03e8"),
		ends(Client, nil), ends(Server, nil))
	want := untimed(t, whole, steps)
	for _, size := range []int{1, 2, 3, 5, 16, 100} {
		if diff := cmp.Diff(want, untimed(t, size, steps)); diff != "" {
			t.Errorf("in pieces of %d bytes (-whole +pieces):\n%s", size, diff)
		}
	}
}

func untimed(t *testing.T, size int, steps []step) (lines []string) {
	t.Helper()
	var out bytes.Buffer
	record(t, Options{}, size, steps, NewJSONLines(&out))
	for line := range strings.Lines(out.String()) {
		_, line, _ = strings.Cut(line, ",")
		lines = append(lines, line)
	}
	return lines
}

// TestBytesAreComplete holds that the Bytes events are the streams themselves,
// with nothing but secrets changed, whatever the streams are.
func TestBytesAreComplete(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"a session", opening(sends(Client, "81 85 37fa213d 7f9f4d5158"), sends(Server, "88 00"), ends(Server, nil), ends(Client, nil))},
		{"frames before the answer", []step{says(Client, request+unhex("81 80 00000000")), says(Server, answer)}},
		{"a refusal and a second try", []step{says(Client, request), says(Server, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"),
			says(Client, request), says(Server, answer+unhex("89 00"))}},
		{"chunks", []step{says(Client, request), says(Server, "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n"),
			says(Client, request), says(Server, "HTTP/1.1 103 Early Hints\r\n\r\n"+answer)}},
		{"no HTTP at all", []step{sends(Client, "16 03 01"), sends(Server, "15 03 01"), ends(Client, nil), ends(Server, nil)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var want, got [2]bytes.Buffer
			for _, st := range tt.steps {
				want[st.from].WriteString(st.bytes)
			}
			steps := append(tt.steps, ends(Client, nil), ends(Server, nil))
			record(t, Options{}, 5, steps, writerFunc(func(e *Event) error {
				if e.Kind == Bytes {
					got[e.From].Write(e.Data)
				}
				return nil
			}))
			for side := range want {
				if diff := cmp.Diff(want[side].String(), got[side].String()); diff != "" {
					t.Errorf("what the %v sent (-want +got):\n%s", Side(side), diff)
				}
			}
		})
	}
}

type writerFunc func(*Event) error

func (f writerFunc) Write(e *Event) error { return f(e) }
func (f writerFunc) Flush() error         { return nil }

func TestHTTPBeforeTheUpgrade(t *testing.T) {
	got := textOf(t, Options{}, []step{
		says(Client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
		says(Server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<htm>\r\n0\r\n\r\n"),
		says(Client, request), says(Server, answer),
		sends(Server, "81 02 6869"),
	})
	for _, want := range []string{
		"server ◀  body, 5 bytes\n     <htm>\n", "client ▶  head, 161 bytes\n", "server ◀  Text fin, 2 bytes\n     hi\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the recording has no %q:\n%s", want, got)
		}
	}
}

// TestCompressedMessages decodes the examples of RFC 7692 §7.2.3.1 and
// §7.2.3.2, where the second message refers back to the first.
func TestCompressedMessages(t *testing.T) {
	const offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
	got := textOf(t, Options{}, []step{
		says(Client, requestText+offer), says(Server, answerText+offer),
		sends(Server, "c1 07 f248cdc9c90700"+"c1 05 f200110000"+"81 02 6869"),
		sends(Server, "41 03 f248cd"+"80 04 c9c90700"),
	})
	if n := strings.Count(got, "= Text message of 5 bytes, decompressed\n     Hello\n"); n != 3 {
		t.Errorf("%d messages were decompressed, want 3:\n%s", n, got)
	}
	if strings.Contains(got, "!") {
		t.Errorf("a rule is said to be broken:\n%s", got)
	}
}

func TestAFailingWriterDoesNotStopTheOthers(t *testing.T) {
	var out bytes.Buffer
	full := errors.New("disk full")
	r := New(Options{}, writerFunc(func(*Event) error { return full }), NewText(&out))
	s := r.Open(peers)
	s.Bytes(Client, []byte(request))
	s.End(Client, nil)
	s.End(Server, nil)
	if err := r.Close(); !errors.Is(err, full) {
		t.Errorf("Close returned %v, want what the writer returned", err)
	}
	if !strings.Contains(out.String(), "GET /chat") {
		t.Errorf("the other recording is %q", out.String())
	}
	s.Bytes(Client, []byte("late")) // dropped, not a panic
}
