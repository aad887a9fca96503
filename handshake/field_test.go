package handshake

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFields(t *testing.T) {
	fs := Fields{{Name: "A", Value: "1"}, {Name: "b", Value: "2", Sep: ":"}, {Value: "raw"}, {Name: "a", Value: "3"}, {Name: "C", Value: "4"}}
	if fs.Index("B") != 1 || fs.Index("x") != -1 || !fs.Has("c") || fs.Has("") != true {
		t.Error("fields are found in any case; a raw line is the one without name")
	}
	if fs.Get("A") != "1" || fs.Get("x") != "" || fs.Count("a") != 2 {
		t.Error("Get gives the first value, Count counts all")
	}
	if diff := cmp.Diff([]string{"1", "3"}, fs.Values("A")); diff != "" {
		t.Errorf("Values (-want +got):\n%s", diff)
	}
	before := fs.Clone()
	set := fs.Clone()
	set.Set("B", "x")
	set.Set("a", "y")
	set.Set("D", "z")
	want := Fields{{Name: "A", Value: "y"}, {Name: "b", Value: "x", Sep: ":"}, {Value: "raw"}, {Name: "C", Value: "4"}, {Name: "D", Value: "z"}}
	if diff := cmp.Diff(want, set); diff != "" {
		t.Errorf("Set keeps place, case and spacing (-want +got):\n%s", diff)
	}
	del := fs.Clone()
	del.Del("a")
	if diff := cmp.Diff(Fields{{Name: "b", Value: "2", Sep: ":"}, {Value: "raw"}, {Name: "C", Value: "4"}}, del); diff != "" {
		t.Errorf("Del (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, fs); diff != "" {
		t.Errorf("clones share memory (-want +got):\n%s", diff)
	}
}

func TestFieldAppendRaw(t *testing.T) {
	for _, row := range []struct {
		f    Field
		want string
	}{
		{Field{}, "\r\n"},
		{Field{Name: "A", Value: "b"}, "A: b\r\n"},
		{Field{Name: "a", Value: "b", Sep: " :\t", End: " \n"}, "a :\tb \n"},
		{Field{Value: "raw: line", Sep: "ignored"}, "raw: line\r\n"},
		{Field{Value: "x", End: "\r\n\r\n"}, "x\r\n\r\n"},
	} {
		if got := string(row.f.AppendRaw(nil)); got != row.want {
			t.Errorf("%+v: got %q, want %q", row.f, got, row.want)
		}
	}
}

func TestUnfolded(t *testing.T) { // T2
	fs := Fields{{Name: "A", Value: "1,"}, {Value: " 2"}, {Value: "\t3 ", End: "\n"}, {Name: "B", Value: ""}, {Value: " 4"}, {Value: "raw"}}
	want := Fields{{Name: "A", Value: "1, 2 3"}, {Name: "B", Value: "4"}, {Value: "raw"}}
	if diff := cmp.Diff(want, fs.unfolded()); diff != "" {
		t.Errorf("unfolded (-want +got):\n%s", diff)
	}
	if fs[0].Value != "1," {
		t.Error("unfolding changed the head itself")
	}
}

func TestIsSecret(t *testing.T) {
	for _, name := range []string{"Cookie", "set-cookie", "AUTHORIZATION", "Proxy-Authorization"} {
		if !IsSecret(name) {
			t.Errorf("%s is a secret", name)
		}
	}
	for _, name := range []string{"", "Origin", "Sec-WebSocket-Key", "Cookies"} {
		if IsSecret(name) {
			t.Errorf("%s is no secret", name)
		}
	}
}
