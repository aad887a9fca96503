package handshake

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var extensionRows = []struct {
	value string
	want  string // what AppendExtensions makes of it
	err   Requirement
	at    int
}{
	{"a", "a", 0, 0},
	{"permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits", 0, 0},
	{"a;b;c=1;d", "a; b; c=1; d", 0, 0},
	{"a , b;c ,\td", "a, b; c, d", 0, 0},
	{",, a ,, b ,", "a, b", 0, 0},
	{" a ; b = c ", "a; b=c", 0, 0},
	{"a;b;b;b=1", "a; b; b; b=1", 0, 0},
	{"a,a,a", "a, a, a", 0, 0},
	{`a;b="c"`, "a; b=c", 0, 0},
	{`a;b="\c\d"`, "a; b=cd", 0, 0},
	{`a; b="c" , d`, "a; b=c, d", 0, 0},
	{`a; b="c"; d="e"`, "a; b=c; d=e", 0, 0},
	{"__proto__; constructor=toString", "__proto__; constructor=toString", 0, 0},

	{"", "", MalformedExtensions, 0},
	{" ", "", MalformedExtensions, 0},
	{",", "", MalformedExtensions, 0},
	{";", "", MalformedExtensions, 0},
	{"a;", "", MalformedExtensions, 2},
	{"a;;b", "", MalformedExtensions, 2},
	{"a;,b", "", MalformedExtensions, 2},
	{"a b", "", MalformedExtensions, 2},
	{"a=b", "", MalformedExtensions, 1},
	{"a;b=", "", MalformedExtensions, 4},
	{"a;=b", "", MalformedExtensions, 2},
	{"a;b=c d", "", MalformedExtensions, 6},
	{"a;b==c", "", MalformedExtensions, 4},
	{`"a"`, "", MalformedExtensions, 0},
	{`a;"b"`, "", MalformedExtensions, 2},
	{`a;b="c"d`, "", MalformedExtensions, 7},
	{`a;b="`, "", MalformedExtensions, 5},
	{`a;b="c`, "", MalformedExtensions, 6},
	{`a;b="c\`, "", MalformedExtensions, 7},
	{`a;b="c\"`, "", MalformedExtensions, 8},
	{`a;b='c d'`, "", MalformedExtensions, 7},
	{"a;b=\xc3\xa4", "", MalformedExtensions, 4},
	{"a\x00", "", MalformedExtensions, 1},
	{"a@", "", MalformedExtensions, 1},
	{`a;b=""`, "", QuotedNotToken, 6},
	{`a;b="c d"`, "", QuotedNotToken, 9},
	{`a;b="c,d"`, "", QuotedNotToken, 9},
	{`a;b="\""`, "", QuotedNotToken, 8},
	{`a;b="\\"`, "", QuotedNotToken, 8},
	{"a;b=\"\xc3\xa4\"", "", QuotedNotToken, 8},
}

func TestParseExtensions(t *testing.T) {
	for _, row := range extensionRows {
		list, err := ParseExtensions(row.value)
		got := string(AppendExtensions(nil, list))
		if requirementOf(err) != row.err || err == nil && got != row.want {
			t.Errorf("%q: got %q, %v; want %q, %v", row.value, got, err, row.want, row.err)
		}
		if e, ok := err.(*Error); ok && e.Offset != row.at {
			t.Errorf("%q: the fault is at %d, not at %d", row.value, row.at, e.Offset)
		}
	}
}

func TestExtensionsOverSeveralFieldsAreOneList(t *testing.T) { // X5
	value := "a; b=1, c; d; e=2, f"
	whole, err := ParseExtensions(value)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range value {
		if value[cut] != ',' {
			continue
		}
		r := &Request{Fields: Fields{{Name: fieldExtensions, Value: value[:cut]}, {Name: fieldExtensions, Value: value[cut+1:]}}}
		if diff := cmp.Diff(whole, OfferOf(r).Extensions); diff != "" {
			t.Errorf("%q cut at %d (-whole +cut):\n%s", value, cut, diff)
		}
	}
}

func TestExtensionGet(t *testing.T) {
	list, err := ParseExtensions("x; a; B=1; b=2")
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := list[0].Get("b"); v != "1" || !ok {
		t.Errorf(`the first b is "1": got %q, %v`, v, ok)
	}
	if v, ok := list[0].Get("A"); v != "" || !ok {
		t.Errorf("a has no value: got %q, %v", v, ok)
	}
	if _, ok := list[0].Get("c"); ok {
		t.Error("there is no c")
	}
}

// TestHostileExtensions: inputs on which backtracking parsers take exponential
// or quadratic time (CVE-2020-7662). These are long enough to show it.
func TestHostileExtensions(t *testing.T) {
	const n = 1 << 20
	for _, value := range []string{
		`a;b="` + strings.Repeat(`\c`, n/2),
		`a;b="` + strings.Repeat(`c`, n),
		strings.Repeat(`a;b="`, n/5),
		"a" + strings.Repeat(";", n),
		"a" + strings.Repeat(" ", n) + "b",
		strings.Repeat(",", n),
	} {
		if _, err := ParseExtensions(value); requirementOf(err) == 0 {
			t.Errorf("%.20q... was accepted", value)
		}
	}
	if list, err := ParseExtensions(strings.Repeat("a;b=c,", n/6)); err != nil || len(list) != n/6 {
		t.Errorf("a long list: %d elements, %v", len(list), err)
	}
}
