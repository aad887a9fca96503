package proto

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/frame"
)

// conversations are unmasked frames, as a server sends them, and what an
// endpoint makes of them. For the server's side they are masked.
var conversations = []struct {
	name string
	wire string // hex, frames apart
	opts Options
	want []string
}{
	{name: "F19 D9 a message in one frame", wire: "81 05 48656c6c6f", want: []string{`Text "Hello"`}},
	{name: "F20 D9 a message in two", wire: "01 03 48656c  80 02 6c6f", want: []string{`Text "Hello"`}},
	{name: "F23 F27 F29 fragments in order, the first says the type", wire: "02 01 61  00 01 62  00 01 63  80 01 64", want: []string{`Binary "abcd"`}},
	{name: "F26 empty fragments", wire: "01 00  00 00  00 02 6869  00 00  80 00", want: []string{`Text "hi"`}},
	{name: "F19 an empty message", wire: "81 00  82 00", want: []string{`Text ""`, `Binary ""`}},
	{name: "F51 any octets in binary", wire: "82 04 ff00c080", want: []string{`Binary "\xff\x00\xc0\x80"`}},
	{name: "F27 fragmented and unfragmented in turn", wire: "01 01 61  80 01 62  82 01 63  02 01 64  80 00", want: []string{`Text "ab"`, `Binary "c"`, `Binary "d"`}},
	{name: "F12 two bytes of length", wire: "82 7e 0080 " + strings.Repeat("41", 128), want: []string{`Binary "` + strings.Repeat("A", 128) + `"`}},

	{name: "F21 F25 D8 control frames inside a message", wire: "01 01 61  89 01 78  00 01 62  8a 00  80 01 63", want: []string{`ping "x"`, `pong ""`, `Text "abc"`}},
	{name: "F25 a control frame inside a character", wire: "01 01 e2  89 00  80 02 9c93", want: []string{`ping ""`, `Text "✓"`}},
	{name: "F44 F49 pings and pongs without a message", wire: "8a 01 61  89 7d " + strings.Repeat("7a", 125), want: []string{`pong "a"`, `ping "` + strings.Repeat("z", 125) + `"`}},

	{name: "F7 RSV1 without extension", wire: "c1 00", want: []string{"fail 1002 " + frame.RuleRSV.String()}},
	{name: "F7 RSV2", wire: "a1 00", opts: Options{Compression: true}, want: []string{"fail 1002 " + frame.RuleRSV.String()}},
	{name: "F7 RSV3 on a ping", wire: "99 00", opts: Options{Compression: true}, want: []string{"fail 1002 " + frame.RuleRSV.String()}},
	{name: "F7 RSV1 and RSV2", wire: "e1 00", opts: Options{Compression: true}, want: []string{"fail 1002 " + frame.RuleRSV.String()}},
	{name: "P8 RSV1 when compression was not agreed", wire: "81 01 61  c2 01 62", want: []string{`Text "a"`, "fail 1002 " + frame.RuleRSV.String()}},
	{name: "P6 P7 RSV1 on a ping", wire: "c9 00", opts: Options{Compression: true}, want: []string{"fail 1002 " + frame.RuleRSV.String()}},
	{name: "P6 P7 RSV1 on a pong", wire: "ca 00", opts: Options{Compression: true}, want: []string{"fail 1002 " + frame.RuleRSV.String()}},
	{name: "P6 P7 RSV1 on a close", wire: "c8 00", opts: Options{Compression: true}, want: []string{"fail 1002 " + frame.RuleRSV.String()}},
	{name: "P6 P7 RSV1 on a continuation", wire: "41 01 61  c0 01 62", opts: Options{Compression: true}, want: []string{"fail 1002 " + frame.RuleRSV.String()}},
	{name: "P5 P10 F52 a compressed message", wire: "41 02 f248  80 05 cdc9c90700", opts: Options{Compression: true}, want: []string{`compressed Text "\xf2H\xcd\xc9\xc9\a\x00"`}},
	{name: "P9 P11 compressed and plain in turn, a ping inside", wire: "42 01 ff  89 01 61  80 01 fe  82 01 fd  c2 01 fc", opts: Options{Compression: true},
		want: []string{`ping "a"`, `compressed Binary "\xff\xfe"`, `Binary "\xfd"`, `compressed Binary "\xfc"`}},

	{name: "F8 opcode 3", wire: "83 00", want: []string{"fail 1002 " + frame.RuleOpcode.String()}},
	{name: "F8 opcode B inside a message", wire: "01 01 61  8b 00", want: []string{"fail 1002 " + frame.RuleOpcode.String()}},
	{name: "F9 the highest bit of the length", wire: "82 7f 8000000000000000", opts: Options{MaxFrame: -1, MaxMessage: -1}, want: []string{"fail 1002 " + frame.RuleLengthRange.String()}},
	{name: "F11 a long way to say 5", wire: "81 7e 0005 48656c6c6f", want: []string{"fail 1002 " + frame.RuleLengthMinimal.String()}},
	{name: "F11 tolerated", wire: "81 7e 0005 48656c6c6f", opts: Options{AllowLongLengths: true}, want: []string{`Text "Hello"`}},
	{name: "F22 a fragment of a ping", wire: "09 00", want: []string{"fail 1002 " + frame.RuleControlFragmented.String()}},
	{name: "F31 a ping of 126 bytes", wire: "89 7e 007e " + strings.Repeat("00", 126), want: []string{"fail 1002 " + frame.RuleControlLength.String()}},
	{name: "F24 a continuation of nothing", wire: "80 01 61", want: []string{"fail 1002 " + frame.RuleOrphan.String()}},
	{name: "F24 a continuation after the last", wire: "01 00  80 00  00 00", want: []string{`Text ""`, "fail 1002 " + frame.RuleOrphan.String()}},
	{name: "F24 a message inside another", wire: "01 01 61  81 01 62", want: []string{"fail 1002 " + frame.RuleInterleaved.String()}},
	{name: "F24 a fragment of another message", wire: "01 01 61  02 01 62", want: []string{"fail 1002 " + frame.RuleInterleaved.String()}},

	{name: "F50 X1 text that is not UTF-8", wire: "81 03 61ff62", want: []string{"fail 1007 " + frame.RuleUTF8.String()}},
	{name: "F50 a character over two frames", wire: "01 02 61e2  80 02 9c93", want: []string{`Text "a✓"`}},
	{name: "F50 a character that is not finished", wire: "81 02 61e2", want: []string{"fail 1007 " + frame.RuleUTF8.String()}},
	{name: "F50 not finished, after an empty last fragment", wire: "01 02 61e2  80 00", want: []string{"fail 1007 " + frame.RuleUTF8.String()}},
	{name: "X1 refused at the first bad octet, before the frame is whole", wire: "81 7e 1000 61f490", want: []string{"fail 1007 " + frame.RuleUTF8.String()}},
	{name: "X1 a surrogate in two fragments", wire: "01 01 ed  80 02 a080", want: []string{"fail 1007 " + frame.RuleUTF8.String()}},
	{name: "F50 a new message starts afresh", wire: "81 03 e29c93  81 03 e29c93", want: []string{`Text "✓"`, `Text "✓"`}},

	{name: "F32 K5 K8 K9 a close with code and reason", wire: "88 05 03e8 627965", want: []string{`close 1000 "bye"`}},
	{name: "K8 a close without a code", wire: "88 00", want: []string{`close 1005 ""`}},
	{name: "F32 a close of one octet", wire: "88 01 03", want: []string{"fail 1002 " + frame.RuleCloseLength.String()}},
	{name: "F33 a reason that is not UTF-8", wire: "88 03 03e8 ff", want: []string{"fail 1007 " + frame.RuleCloseReason.String()}},
	{name: "K22 1005 on the wire", wire: "88 02 03ed", want: []string{"fail 1002 " + frame.RuleCloseCode.String()}},
	{name: "K22 1006 on the wire", wire: "88 02 03ee", want: []string{"fail 1002 " + frame.RuleCloseCode.String()}},
	{name: "K22 1015 on the wire", wire: "88 02 03f7", want: []string{"fail 1002 " + frame.RuleCloseCode.String()}},
	{name: "K23 1004", wire: "88 02 03ec", want: []string{"fail 1002 " + frame.RuleCloseCode.String()}},
	{name: "K25 999", wire: "88 02 03e7", want: []string{"fail 1002 " + frame.RuleCloseCode.String()}},
	{name: "K25 a private code", wire: "88 02 0fa0", want: []string{`close 4000 ""`}},
	{name: "K26 bad gateway", wire: "88 02 03f6", want: []string{`close 1014 ""`}},
	{name: "F36 whatever follows a close is ignored", wire: "88 00  81 01 61  ff ff ff ff", want: []string{`close 1005 ""`}},
	{name: "F43 a close inside a message ends it", wire: "01 01 61  88 00  80 01 62", want: []string{`close 1005 ""`}},
	{name: "K13 nothing is processed after a failure", wire: "83 00  88 02 03e8", want: []string{"fail 1002 " + frame.RuleOpcode.String()}},

	{name: "X14 X15 a frame at its limit", wire: "82 03 616263", opts: Options{MaxFrame: 3}, want: []string{`Binary "abc"`}},
	{name: "X14 X15 a frame over its limit", wire: "82 04 61", opts: Options{MaxFrame: 3}, want: []string{"fail 1009 " + frame.RuleFrameSize.String()}},
	{name: "X15 a message at its limit", wire: "02 02 6162  80 01 63", opts: Options{MaxMessage: 3}, want: []string{`Binary "abc"`}},
	{name: "X15 a message over its limit", wire: "02 02 6162  80 02 63", opts: Options{MaxMessage: 3}, want: []string{"fail 1009 " + frame.RuleMessageSize.String()}},
	{name: "X15 the limit is for each message", wire: "82 02 6162  82 02 6364", opts: Options{MaxMessage: 3}, want: []string{`Binary "ab"`, `Binary "cd"`}},
	{name: "X15 fragments at their limit", wire: "02 00  00 00  80 00", opts: Options{MaxFragments: 3}, want: []string{`Binary ""`}},
	{name: "X15 empty fragments count", wire: "02 00  00 00  00 00  80 00", opts: Options{MaxFragments: 3}, want: []string{"fail 1009 " + frame.RuleFragmentCount.String()}},
	{name: "X15 the default limit", wire: "82 7f 0000000001000001", want: []string{"fail 1009 " + frame.RuleFrameSize.String()}},
	{name: "X14 lengths that add up to more than 63 bits", wire: "02 01 61  80 7f 7fffffffffffffff", opts: Options{MaxFrame: -1, MaxMessage: -1}, want: []string{"fail 1009 " + frame.RuleMessageSize.String()}},
	{name: "X14 no limit", wire: "82 7f 7fffffffffffffff 61", opts: Options{MaxFrame: -1, MaxMessage: -1}},
}

// TestConversations replays each at once, byte by byte and in every cut in
// two, on both sides (F2, F4, F18, F30, D10, X18).
func TestConversations(t *testing.T) {
	for _, tt := range conversations {
		t.Run(tt.name, func(t *testing.T) {
			sides(t, func(t *testing.T, role Role) {
				wire := toward(role, unhex(tt.wire))
				check := func(how string, sizes ...int) {
					t.Helper()
					got := transcript(t, New(role, options(role, tt.opts)), wire, sizes...)
					if diff := cmp.Diff(tt.want, got); diff != "" {
						t.Fatalf("%s, the frames % x are read as (-want +got)\n%s", how, wire, diff)
					}
					got = transcriptOf(t, wholeFirst(New(role, options(role, tt.opts)), 100), wire, sizes...)
					if diff := cmp.Diff(tt.want, got); diff != "" {
						t.Fatalf("%s, with NextWhole where it can, the frames % x are read as (-want +got)\n%s", how, wire, diff)
					}
				}
				check("at once", len(wire))
				check("byte by byte", 1)
				for cut := 1; cut < len(wire); cut++ {
					check("cut in two", cut, len(wire))
				}
			})
		})
	}
}

// TestMasking says that each side refuses what the other must not send.
func TestMasking(t *testing.T) {
	wire := unhex("81 01 61")
	for _, tt := range []struct {
		name string
		role Role
		wire []byte
		rule frame.Rule
	}{
		{"F2 a server refuses an unmasked frame", Server, wire, frame.RuleUnmasked},
		{"F4 a client refuses a masked frame", Client, toward(Server, wire), frame.RuleMasked},
		{"F2 a server refuses an unmasked ping", Server, unhex("89 00"), frame.RuleUnmasked},
		{"F4 a client refuses a masked close", Client, toward(Server, unhex("88 00")), frame.RuleMasked},
	} {
		_, _, err := New(tt.role, options(tt.role, Options{})).Next(tt.wire)
		if !errors.Is(err, tt.rule) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.rule)
		}
	}
}

// TestErrorOffset says that an error tells which octet of the connection
// broke the rule, however the octets arrive.
func TestErrorOffset(t *testing.T) {
	for _, tt := range []struct {
		name, wire string
		offset     int64
		rule       frame.Rule
	}{
		{"the header of the third frame", "81 01 61  89 00  83 00", 5, frame.RuleOpcode},
		{"an octet of text", "81 01 61  01 02 6162  80 05 6364ff6566", 11, frame.RuleUTF8},
		{"the end of a text", "81 01 61  81 02 62e2", 7, frame.RuleUTF8},
		{"the payload of a close", "81 01 61  88 01 03", 5, frame.RuleCloseLength},
	} {
		wire := unhex(tt.wire)
		for size := 1; size <= len(wire); size++ {
			e := New(Client, options(Client, Options{}))
			transcript(t, e, wire, size)
			var err *frame.Error
			if _, _, got := e.Next(nil); !errors.As(got, &err) || err.Offset != tt.offset || err.Rule != tt.rule {
				t.Errorf("%s, in pieces of %d: got %+v, want rule %v at %d", tt.name, size, got, tt.rule, tt.offset)
			}
		}
	}
}

// TestInPlace says that the payload of an event lies in the buffer given to
// Next, whole if the frame is, and that nothing beyond is touched (F30).
func TestInPlace(t *testing.T) {
	sides(t, func(t *testing.T, role Role) {
		wire := toward(role, unhex("82 05 48656c6c6f  89 01 78  82 01 61"))
		e := New(role, options(role, Options{}))
		ev, n, err := e.Next(wire)
		if err != nil || string(ev.Payload) != "Hello" || !ev.First || !ev.Fin {
			t.Fatalf("a whole frame is read as %+v, %v", ev, err)
		}
		if &ev.Payload[0] != &wire[n-5] {
			t.Errorf("the payload was copied")
		}
		if want := toward(role, unhex("89 01 78  82 01 61")); string(wire[n:]) != string(want) {
			t.Errorf("what follows the frame was changed to % x", wire[n:])
		}
	})
}

// TestPending follows the payload of a large frame that arrives in pieces
// into buffers of the caller's (F30).
func TestPending(t *testing.T) {
	sides(t, func(t *testing.T, role Role) {
		wire := toward(role, append(unhex("02 7e 0400"), make([]byte, 1024)...))
		e := New(role, options(role, Options{}))
		head := len(wire) - 1024
		steps := []struct {
			from, to int // what is given
			kind     Kind
			n        int
			pending  int64
		}{
			{0, 1, KindNone, 0, 0},
			{0, head, KindNone, head, 1024},
			{head, head, KindNone, 0, 1024},
			{head, head + 24, KindData, 24, 1000},
			{head + 24, len(wire), KindData, 1000, 0},
		}
		for i, s := range steps {
			ev, n, err := e.Next(wire[s.from:s.to])
			if ev.Kind != s.kind || n != s.n || err != nil || e.Pending() != s.pending {
				t.Errorf("step %d: %v, %d consumed, %v, %d pending; want %v, %d, %d pending", i, ev.Kind, n, err, e.Pending(), s.kind, s.n, s.pending)
			}
			if ev.Fin || ev.First != (i == 3) {
				t.Errorf("step %d: first is %v, last is %v", i, ev.First, ev.Fin)
			}
		}
		if e.ReceiveState() != StateMessage {
			t.Errorf("after a first fragment the state is %v", e.ReceiveState())
		}
	})
}

func TestWholeMessageBuffered(t *testing.T) {
	sides(t, func(t *testing.T, role Role) {
		for _, tt := range []struct {
			name, before, wire string
			want               bool
		}{
			{"nothing", "", "", false},
			{"a part of a header", "", "82", false},
			{"a header without its payload", "", "82 02 61", false},
			{"a message", "", "82 02 6162", true},
			{"a message and more", "", "82 02 6162 82", true},
			{"a fragment that does not end the message", "", "02 02 6162", false},
			{"the last fragment", "02 00", "80 00", true},
			{"a ping", "", "89 00", false},
		} {
			e := New(role, options(role, Options{}))
			transcript(t, e, toward(role, unhex(tt.before)), 100)
			if got := e.WholeMessageBuffered(toward(role, unhex(tt.wire))); got != tt.want {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
		}
		wire := toward(role, unhex("82 04 61626364"))
		e := New(role, options(role, Options{}))
		transcript(t, e, wire[:len(wire)-2], 100)
		if e.WholeMessageBuffered(wire[len(wire)-2:len(wire)-1]) || !e.WholeMessageBuffered(wire[len(wire)-2:]) {
			t.Errorf("the end of a message under way is not recognised")
		}
	})
}

// TestNextWhole says what NextWhole takes; that it leaves the rest for Next is
// part of TestConversations.
func TestNextWhole(t *testing.T) {
	sides(t, func(t *testing.T, role Role) {
		for _, tt := range []struct {
			name, before, wire string
			want               string // "" if it is left to Next
		}{
			{"a message", "", "82 02 6162", "ab"},
			{"a message and more", "", "81 02 6162 82", "ab"},
			{"a message at the limit", "", "82 04 61626364", "abcd"},
			{"a message over the limit", "", "82 05 6162636465", ""},
			{"a message that is not all there", "", "82 02 61", ""},
			{"a fragment", "", "02 02 6162", ""},
			{"the last fragment", "02 00", "80 02 6162", ""},
			{"a message inside another", "02 00", "82 02 6162", ""},
			{"the rest of a frame", "82 02 61", "62", ""},
			{"a ping", "", "89 02 6162", ""},
			{"text that is none", "", "81 02 61ff", ""},
			{"anything behind a Close", "88 00", "82 02 6162", ""},
		} {
			e := New(role, options(role, Options{}))
			before := toward(role, unhex(tt.before))
			wire := toward(role, unhex(tt.before+tt.wire))[len(before):]
			transcript(t, e, before, 100)
			ev, n := e.NextWhole(wire, 4)
			if string(ev.Payload) != tt.want || (n > 0) != (tt.want != "") || n > 0 && !(ev.Kind == KindData && ev.First && ev.Fin) {
				t.Errorf("%s: %v %q of %d bytes, want %q", tt.name, ev.Kind, ev.Payload, n, tt.want)
			}
		}
	})
}

// TestInflated hands decompressed bytes back: they are held to UTF-8 and to
// the size limit, in any pieces (P10, P44, X15).
func TestInflated(t *testing.T) {
	for _, tt := range []struct {
		name   string
		op     string // first byte of the compressed frame
		pieces []string
		rule   frame.Rule
	}{
		{"P10 text", "c1", []string{"a\xe2", "\x9c", "\x93"}, 0},
		{"P10 text that is not UTF-8", "c1", []string{"a\xe2", "a"}, frame.RuleUTF8},
		{"P10 text that is not finished", "c1", []string{"a\xe2"}, frame.RuleUTF8},
		{"P10 binary", "c2", []string{"\xff", "\xfe"}, 0},
		{"P44 at the limit", "c2", []string{"12345", "67890"}, 0},
		{"P44 over the limit", "c2", []string{"12345", "678901"}, frame.RuleMessageSize},
	} {
		sides(t, func(t *testing.T, role Role) {
			e := New(role, options(role, Options{Compression: true, MaxMessage: 10}))
			for range 2 { // a second message starts afresh
				wire := toward(role, unhex(tt.op+"01 00"))
				ev, _, err := e.Next(wire)
				if err != nil || !ev.Compressed || !ev.Fin {
					t.Fatalf("a compressed frame is read as %+v, %v", ev, err)
				}
				for i, p := range tt.pieces {
					ev, err = e.Inflated([]byte(p), i == len(tt.pieces)-1)
				}
				if tt.rule == 0 {
					if err != nil || !ev.Fin {
						t.Errorf("%s: %+v, %v", tt.name, ev, err)
					}
					continue
				}
				if !errors.Is(err, tt.rule) || ev.Kind != KindFailed || ev.Rule != tt.rule {
					t.Errorf("%s: %+v, %v; want %v", tt.name, ev, err, tt.rule)
				}
				if _, _, again := e.Next(nil); again != err {
					t.Errorf("%s: K13: afterwards Next returns %v", tt.name, again)
				}
				if _, again := e.Inflated(nil, true); again != err {
					t.Errorf("%s: K13: afterwards Inflated returns %v", tt.name, again)
				}
				break
			}
		})
	}
}

// TestFail fails the connection for a reason that only the shell can see
// (K10), but not after the peer has closed it.
func TestFail(t *testing.T) {
	e := New(Client, options(Client, Options{}))
	ev, err := e.Fail(frame.RuleCompressed)
	if !errors.Is(err, frame.RuleCompressed) || ev.Code != frame.CloseInvalidPayload || e.ReceiveState() != StateFailed {
		t.Errorf("Fail returns %+v, %v in state %v", ev, err, e.ReceiveState())
	}
	e = New(Client, options(Client, Options{}))
	e.Next(unhex("88 00"))
	if ev, err := e.Fail(frame.RuleCompressed); err != nil || ev.Kind != KindNone || e.ReceiveState() != StateClosed {
		t.Errorf("after a Close, Fail returns %+v, %v in state %v", ev, err, e.ReceiveState())
	}
}

// TestLimitDefaults says what zero and negative limits mean.
func TestLimitDefaults(t *testing.T) {
	r := New(Server, Options{}).recv
	if r.maxFrame != 16<<20 || r.maxMessage != 16<<20 || r.maxFragments != 131072 {
		t.Errorf("the default limits are %d, %d and %d", r.maxFrame, r.maxMessage, r.maxFragments)
	}
	r = New(Server, Options{MaxFrame: -1, MaxMessage: -1, MaxFragments: -1}).recv
	if r.maxFrame != math.MaxInt64 || r.maxMessage != math.MaxInt64 || r.maxFragments != math.MaxInt32 {
		t.Errorf("no limits are %d, %d and %d", r.maxFrame, r.maxMessage, r.maxFragments)
	}
}
