package diagnose_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/handshake"
	. "github.com/octet-ws/octet/handshake/diagnose"
	"github.com/octet-ws/octet/handshake/profile"
)

const testKey = "dGhlIHNhbXBsZSBub25jZQ=="

// target is what all heads of the tests are made for.
var target = profile.Target{Host: "example.com:9000", Target: "/feed", Key: testKey}

// head parses a request head written with LF, or with the line ends it has
// where it has any CR.
func head(t testing.TB, text string) *handshake.Request {
	t.Helper()
	r, n, _ := handshake.ParseRequest([]byte(text), handshake.Limits{})
	if r == nil || n != len(text) {
		t.Fatalf("no single head: %q", text)
	}
	return r
}

func raw(r *handshake.Request) string { return string(r.AppendRaw(nil)) }

func TestDiff(t *testing.T) {
	const base = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
	for _, tt := range []struct {
		name, a, b string
		want       []Change
	}{
		{"equal heads do not differ", base, base, []Change{}},
		{"a field less", base, "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n\r\n",
			[]Change{{Remove, "Upgrade", "websocket", ""}}},
		{"a field more", "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n", base,
			[]Change{{Add, "Connection", "", "Upgrade"}}},
		{"the case of a name", base, "GET / HTTP/1.1\r\nhost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
			[]Change{{Case, "Host", "Host", "host"}}},
		{"the case of a value", base, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n",
			[]Change{{Case, "Upgrade", "websocket", "WebSocket"}}},
		{"another value", base, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n",
			[]Change{{Value, "Connection", "Upgrade", "keep-alive, Upgrade"}}},
		{"another place", base, "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nHost: h\r\n\r\n",
			[]Change{{Move, "Host", "first", "last"}}},
		{"when either of two could be moved, it is Host", "GET / HTTP/1.1\r\nUpgrade: websocket\r\nHost: h\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n",
			[]Change{{Move, "Host", "last", "first"}}},
		{"a place between others", "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", "GET / HTTP/1.1\r\nB: 2\r\nC: 3\r\nA: 1\r\nD: 4\r\n\r\n",
			[]Change{{Move, "A", "first", "before D"}}},
		{"no blank behind the colon", base, "GET / HTTP/1.1\r\nHost:h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
			[]Change{{Spacing, "Host", ": ", ":"}}},
		{"blanks before the colon and behind the value", base, "GET / HTTP/1.1\r\nHost : h  \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
			[]Change{{Spacing, "Host", ": ", " : …  "}}},
		{"a field repeated", base, "GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
			[]Change{{Duplicate, "Host", "", "i"}}},
		{"a repeated field no more", "GET / HTTP/1.1\r\nHost: i\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", base,
			[]Change{{Duplicate, "Host", "i", ""}}},
		{"the start line", base, "PUT /x HTTP/1.0\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
			[]Change{{Value, FieldMethod, "GET", "PUT"}, {Value, FieldTarget, "/", "/x"}, {Value, FieldVersion, "HTTP/1.1", "HTTP/1.0"}}},
		{"line ends", base, "GET / HTTP/1.1\nHost: h\nUpgrade: websocket\nConnection: Upgrade\n\n",
			[]Change{{Value, FieldLineEnd, "CRLF", "LF"}}},
		{"some line ends", base, "GET / HTTP/1.1\r\nHost: h\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
			[]Change{{Value, FieldLineEnd, "CRLF", "mixed"}}},
	} {
		got := Diff(head(t, tt.a), head(t, tt.b))
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: changes (-want +got)\n%s", tt.name, d)
		}
	}
}

func TestRows(t *testing.T) {
	a := head(t, "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n")
	b := head(t, "GET / HTTP/1.1\r\nB: 2\r\nX: 0\r\nC: 5\r\nA: 1\r\n\r\n")
	for places, want := range map[bool][]Row{
		false: {{0, 3}, {1, 0}, {-1, 1}, {2, 2}, {3, -1}},
		true:  {{0, -1}, {1, 0}, {-1, 1}, {2, 2}, {3, -1}, {-1, 3}},
	} {
		if d := cmp.Diff(want, Compare(a, b).Rows(places)); d != "" {
			t.Errorf("rows with lines in their places: %t (-want +got)\n%s", places, d)
		}
	}
}

// All changes together make of one profile the other, byte for byte; none
// leave it as it is; and every part of them makes a head that is parsed back.
func TestApplyAllPairsOfProfiles(t *testing.T) {
	for _, from := range profile.All() {
		for _, to := range profile.All() {
			a, b := from.Request(target), to.Request(target)
			checkApply(t, from.Name+" to "+to.Name, a, b)
		}
	}
}

func checkApply(t *testing.T, name string, a, b *handshake.Request) {
	t.Helper()
	d := Compare(a, b)
	all := make([]int, len(d.Changes()))
	for i := range all {
		all[i] = i
	}
	if got := raw(d.Apply(all...)); got != raw(b) {
		t.Errorf("%s: all %d changes make\n%q\nwant\n%q\nchanges %v", name, len(all), got, raw(b), d.Changes())
	}
	if got := raw(d.Apply()); got != raw(a) {
		t.Errorf("%s: no change makes\n%q\nwant\n%q", name, got, raw(a))
	}
	if same := raw(a) == raw(b); same != (len(all) == 0) {
		t.Errorf("%s: %d changes between heads that are equal: %t", name, len(all), same)
	}
	rng := rand.New(rand.NewPCG(1, uint64(len(all))))
	for range 4 {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		part := all[:rng.IntN(len(all)+1)]
		once, again := raw(d.Apply(part...)), raw(d.Apply(slices.Sorted(slices.Values(part))...))
		if once != again {
			t.Errorf("%s: the order in which changes are named makes a difference:\n%q\n%q", name, once, again)
		}
	}
}

func FuzzApply(f *testing.F) {
	for _, p := range profile.All() {
		f.Add(p.Capture(), profile.All()[0].Capture())
	}
	f.Add([]byte("GET / HTTP/1.0\nA:1\r\na : 2 \n\tfold\r\nnonsense\r\n\n"), []byte("\r\nGET  / HTTP/1.1\r\nA: 2\r\nA: 1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, x, y []byte) {
		a, n, _ := handshake.ParseRequest(x, handshake.Limits{})
		b, m, _ := handshake.ParseRequest(y, handshake.Limits{})
		if n > 0 && m > 0 {
			checkApply(t, "fuzz", a, b)
		}
	})
}
