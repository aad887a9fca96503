package conntest

import (
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// Endpoint runs an endpoint of RFC 6455 as role over s, on which the opening
// handshake is over: it echoes every message, without extensions, until the
// connection ends, and returns when it has closed s. Its limit on messages is
// 1 MiB or more.
type Endpoint func(role proto.Role, s Stream)

// Case is a row of the conformance suite: what a peer sends, and what an
// endpoint must answer.
type Case struct {
	Name string
	Ids  string // requirements, as docs/conformance numbers them

	// Say is what the peer sends; Raw, if set, is sent instead, as made for
	// frames that are masked or not as the peer's role demands.
	Say []Frame
	Raw func(masked bool) []byte

	// Want is what must come back, in this order; of a Close the reason is
	// free. Pongs of all but the last Ping may be missing (F48).
	Want []Frame

	// Closes says that the endpoint closes the connection by itself
	// afterwards. Otherwise the peer closes it, and the endpoint must answer.
	Closes bool
}

// Run runs every case of [Cases] in both roles: all bytes at once, one by one,
// and cut in two at every byte if they are few.
func Run(t *testing.T, endpoint Endpoint) {
	for _, role := range []proto.Role{proto.Server, proto.Client} {
		for _, c := range Cases() {
			t.Run(role.String()+"/"+c.Name, func(t *testing.T) {
				b := c.bytes(role == proto.Server)
				c.run(t, endpoint, role, "whole", b)
				if len(b) > 2000 {
					return
				}
				one := make([][]byte, len(b))
				for i := range b {
					one[i] = b[i : i+1]
				}
				c.run(t, endpoint, role, "byte by byte", one...)
				for cut := 1; cut < min(len(b), 100); cut++ {
					c.run(t, endpoint, role, "cut at byte "+strconv.Itoa(cut), b[:cut], b[cut:])
				}
			})
		}
	}
}

// bytes returns what the peer sends.
func (c *Case) bytes(masked bool) (b []byte) {
	if c.Raw != nil {
		return c.Raw(masked)
	}
	for _, f := range c.Say {
		b = f.Append(b, masked)
	}
	return b
}

// run runs the case once, with parts sent one after the other.
func (c *Case) run(t *testing.T, endpoint Endpoint, role proto.Role, how string, parts ...[]byte) {
	t.Helper()
	near, far := Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		endpoint(role, near)
	}()
	go func() {
		for _, p := range parts {
			if _, err := far.Write(p); err != nil {
				return // it has closed already
			}
		}
	}()
	peer := NewPeer(t, 1-role, far)
	c.expect(t, peer, how)
	if !c.Closes {
		peer.Say(Close(1000, ""))
		c.match(t, peer, how, Close(1000, ""))
	}
	if role == proto.Server {
		if f, err := peer.Next(); err != io.EOF {
			t.Fatalf("%s: after the last frame the server closes first (F41): want the end, got %v, %v", how, f, err)
		}
	}
	far.Close()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s: the endpoint does not return after the connection is closed", how)
	}
}

// expect compares what comes back with c.Want.
func (c *Case) expect(t *testing.T, peer *Peer, how string) {
	t.Helper()
	for i := 0; i < len(c.Want); i++ {
		got, err := peer.Next()
		for err == nil && !same(got, c.Want[i]) && c.Want[i].Op == frame.Pong && later(c.Want[i+1:]) {
			i++ // that Pong was left out for a later one
		}
		if err != nil || !same(got, c.Want[i]) {
			t.Fatalf("%s (%s): want %v, got %v, %v", how, c.Ids, c.Want[i], got, err)
		}
	}
}

func (c *Case) match(t *testing.T, peer *Peer, how string, want Frame) {
	t.Helper()
	if got, err := peer.Next(); err != nil || !same(got, want) {
		t.Fatalf("%s (%s): want %v, got %v, %v", how, c.Ids, want, got, err)
	}
}

// later reports whether a Pong is still to come.
func later(frames []Frame) bool {
	for _, f := range frames {
		if f.Op == frame.Pong {
			return true
		}
	}
	return false
}

// same compares frames, but not the reasons of Closes.
func same(a, b Frame) bool {
	if a.Op == frame.Close && b.Op == frame.Close {
		return a.Payload[:min(len(a.Payload), 2)] == b.Payload[:min(len(b.Payload), 2)]
	}
	return a == b
}

// header returns a Raw of one frame whose header is h, masked as it says or,
// if flip, the other way.
func header(h frame.Header, flip bool, payload string) func(bool) []byte {
	return func(masked bool) []byte {
		h := h
		if h.Masked = masked != flip; h.Masked {
			h.Key = frame.MaskKey{1, 2, 3, 4}
		}
		b := h.Append(nil)
		n := len(b)
		b = append(b, payload...)
		frame.Mask(b[n:], h.Key, 0)
		return b
	}
}

// long returns a Raw of one text frame with its length in n bytes.
func long(n int, length uint64, payload string) func(bool) []byte {
	return func(masked bool) []byte {
		b := []byte{0x81, map[int]byte{2: 126, 8: 127}[n]}
		for i := n - 1; i >= 0; i-- {
			b = append(b, byte(length>>(8*i)))
		}
		if masked {
			b[1] |= 0x80
			b = append(b, 0, 0, 0, 0)
		}
		return append(b, payload...)
	}
}

// closes1002 and closes1007 are how an endpoint fails the connection.
var (
	closes1002 = []Frame{Close(frame.CloseProtocolError, "")}
	closes1007 = []Frame{Close(frame.CloseInvalidPayload, "")}
)

// Cases returns the suite.
func Cases() []Case {
	cases := []Case{
		{Name: "text", Ids: "F19 F50", Say: []Frame{Text("Hello, wörld")}, Want: []Frame{Text("Hello, wörld")}},
		{Name: "binary", Ids: "F51", Say: []Frame{Binary("\x00\xff\xfe")}, Want: []Frame{Binary("\x00\xff\xfe")}},
		{Name: "fragments", Ids: "F20 F26 F27 F29",
			Say:  []Frame{First(frame.Text, "a"), More(""), More("b"), Last("c"), First(frame.Binary, ""), Last("")},
			Want: []Frame{Text("abc"), Binary("")}},
		{Name: "a character in two frames", Ids: "F50",
			Say: []Frame{First(frame.Text, "\xf0\x9f"), More("\x98"), Last("\x80")}, Want: []Frame{Text("😀")}},
		{Name: "pings", Ids: "F45 F47 F48",
			Say:  []Frame{Ping(""), Ping("a"), Ping(strings.Repeat("x", 125))},
			Want: []Frame{Pong(""), Pong("a"), Pong(strings.Repeat("x", 125))}},
		{Name: "ping inside a message", Ids: "F21 F25",
			Say:  []Frame{First(frame.Text, "a"), Ping("p"), Last("b")},
			Want: []Frame{Pong("p"), Text("ab")}},
		{Name: "pong that nobody asked for", Ids: "F49", Say: []Frame{Pong("x"), Text("a")}, Want: []Frame{Text("a")}},
		{Name: "close without a code", Ids: "F37", Say: []Frame{Close(0, "")}, Want: []Frame{Close(0, "")}, Closes: true},
		{Name: "nothing after close", Ids: "F36 K13",
			Say: []Frame{Text("a"), Close(1000, "bye"), Ping("x"), Text("b")}, Want: []Frame{Text("a"), Close(1000, "")}, Closes: true},
		{Name: "close inside a message", Ids: "F37",
			Say: []Frame{First(frame.Text, "a"), Close(1001, "")}, Want: []Frame{Close(1001, "")}, Closes: true},

		{Name: "wrong masking", Ids: "F2 F4 F14", Raw: header(frame.Header{Fin: true, Opcode: frame.Text, Length: 1}, true, "a"),
			Want: closes1002, Closes: true},
		{Name: "length above 2^63", Ids: "F9", Raw: long(8, 1<<63+1, ""), Want: closes1002, Closes: true},
		{Name: "ping of 126 bytes", Ids: "F31", Say: []Frame{Ping(strings.Repeat("x", 126))}, Want: closes1002, Closes: true},
		{Name: "close of 126 bytes", Ids: "F31", Say: []Frame{Close(1000, strings.Repeat("x", 124))}, Want: closes1002, Closes: true},
		{Name: "fragmented ping", Ids: "F22 F31", Say: []Frame{{Op: frame.Ping, More: true}}, Want: closes1002, Closes: true},
		{Name: "fragmented close", Ids: "F22 F31", Say: []Frame{{Op: frame.Close, More: true}}, Want: closes1002, Closes: true},
		{Name: "continuation of nothing", Ids: "F24", Say: []Frame{Last("a")}, Want: closes1002, Closes: true},
		{Name: "continuation after the end", Ids: "F24", Say: []Frame{First(frame.Text, "a"), Last("b"), Last("c")},
			Want: []Frame{Text("ab"), closes1002[0]}, Closes: true},
		{Name: "message inside a message", Ids: "F24", Say: []Frame{First(frame.Text, "a"), Text("b")}, Want: closes1002, Closes: true},
		{Name: "close of one byte", Ids: "F32", Say: []Frame{{Op: frame.Close, Payload: "\x03"}}, Want: closes1002, Closes: true},
		{Name: "close reason that is not UTF-8", Ids: "F33 X1", Say: []Frame{Close(1000, "\xff")}, Want: closes1007, Closes: true},
		{Name: "large message", Ids: "F26 X14", Say: []Frame{Binary(strings.Repeat("0123456789abcdef", 1<<14))},
			Want: []Frame{Binary(strings.Repeat("0123456789abcdef", 1<<14))}},
	}
	for rsv := frame.RSV(1); rsv < 8; rsv++ {
		cases = append(cases,
			Case{Name: "rsv " + strconv.Itoa(int(rsv)) + " on text", Ids: "F6 F7 P8",
				Say: []Frame{{Op: frame.Text, RSV: rsv, Payload: "a"}}, Want: closes1002, Closes: true},
			Case{Name: "rsv " + strconv.Itoa(int(rsv)) + " on ping", Ids: "F7 P7",
				Say: []Frame{{Op: frame.Ping, RSV: rsv}}, Want: closes1002, Closes: true})
	}
	for op := frame.Opcode(3); op < 16; op++ {
		if op.IsReserved() {
			cases = append(cases, Case{Name: "opcode " + strconv.Itoa(int(op)), Ids: "F8",
				Say: []Frame{{Op: op, Payload: "a"}}, Want: closes1002, Closes: true})
		}
	}
	for _, n := range []int{0, 1, 125, 126, 127, 65535, 65536} {
		s := strings.Repeat("*", n)
		cases = append(cases, Case{Name: strconv.Itoa(n) + " bytes", Ids: "F10 F12", Say: []Frame{Text(s)}, Want: []Frame{Text(s)}})
	}
	for _, code := range []frame.CloseCode{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		cases = append(cases, Case{Name: "close " + strconv.Itoa(int(code)), Ids: "F37 K21 K25 K26",
			Say: []Frame{Close(code, "reason é")}, Want: []Frame{Close(code, "")}, Closes: true})
	}
	for _, code := range []frame.CloseCode{1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		cases = append(cases, Case{Name: "close " + strconv.Itoa(int(code)), Ids: "K22 K23 K25",
			Say: []Frame{Close(code, "")}, Want: closes1002, Closes: true})
	}
	for _, bad := range []string{"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xff", "\xe2\x82", "\xf8\x88\x80\x80\x80"} {
		cases = append(cases,
			Case{Name: "text " + strconv.QuoteToASCII(bad), Ids: "F50 X1", Say: []Frame{Text(bad)}, Want: closes1007, Closes: true},
			Case{Name: "fragmented text " + strconv.QuoteToASCII(bad), Ids: "F50 X1",
				Say: []Frame{First(frame.Text, bad[:1]), Last(bad[1:])}, Want: closes1007, Closes: true})
	}
	return cases
}

// Strict returns the cases of rules that peers in the field are lenient about,
// which [Run] leaves out: lengths that are not encoded in the fewest bytes.
func Strict() []Case {
	return []Case{
		{Name: "3 bytes announced in 16 bits", Ids: "F10 F11", Raw: long(2, 3, "abc"), Want: closes1002, Closes: true},
		{Name: "3 bytes announced in 64 bits", Ids: "F10 F11", Raw: long(8, 3, "abc"), Want: closes1002, Closes: true},
	}
}

// RunStrict runs the cases of [Strict].
func RunStrict(t *testing.T, endpoint Endpoint) {
	for _, role := range []proto.Role{proto.Server, proto.Client} {
		for _, c := range Strict() {
			t.Run(role.String()+"/"+c.Name, func(t *testing.T) {
				c.run(t, endpoint, role, "whole", c.bytes(role == proto.Server))
			})
		}
	}
}
