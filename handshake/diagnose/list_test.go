package diagnose

import "testing"

// Every step of a change of a list can be taken alone; all together make the
// other value, byte for byte.
func TestListSteps(t *testing.T) {
	for _, tt := range []struct {
		field, from, to string
		alone           []string // the value after each step alone
	}{
		{"Sec-WebSocket-Protocol", "chat, superchat", "chat", []string{"chat"}},
		{"Sec-WebSocket-Protocol", "chat,superchat", "", []string{"superchat", "chat"}},
		{"Sec-WebSocket-Protocol", "", "chat,superchat", []string{"chat", "superchat"}},
		{"Sec-WebSocket-Protocol", "a, b", "b ,a", nil},
		{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits", "permessage-deflate", []string{"permessage-deflate"}},
		{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits=15; x", "permessage-deflate; client_max_window_bits",
			[]string{"permessage-deflate; client_max_window_bits; x", "permessage-deflate; client_max_window_bits=15"}},
		{"Sec-WebSocket-Extensions", `a; p="x,y;z", b`, "b", []string{"a, b", "b"}},
		{"Sec-WebSocket-Extensions", ";", "a", []string{"", ";, a"}},
		{"Connection", "keep-alive, upgrade", "Upgrade", []string{"upgrade", "keep-alive, Upgrade"}},
		{"Cookie", "a=1; b=2", "b=2", []string{"b=2"}},
	} {
		d := compareLists(tt.field, tt.from, tt.to)
		if len(d.steps) != len(tt.alone) {
			t.Errorf("%s from %q to %q: %d steps, want %d", tt.field, tt.from, tt.to, len(d.steps), len(tt.alone))
			continue
		}
		for i, want := range tt.alone {
			if len(d.steps) == 1 {
				continue // alone and all together are the same
			}
			if got := d.apply(d.steps[i : i+1]); got != want {
				t.Errorf("%s from %q to %q: step %d alone makes %q, want %q", tt.field, tt.from, tt.to, i+1, got, want)
			}
		}
		if got := d.apply(d.steps); got != tt.to {
			t.Errorf("%s from %q to %q: all steps make %q", tt.field, tt.from, tt.to, got)
		}
	}
	if d := compareLists("User-Agent", "a, b", "c"); d != nil {
		t.Errorf("User-Agent is taken for a list: %v", d.steps)
	}
}

func FuzzListSteps(f *testing.F) {
	f.Add("Sec-WebSocket-Extensions", `a; p="x,y", b`, "b; q, c")
	f.Add("Cookie", "a=1;;b", "")
	f.Fuzz(func(t *testing.T, field, from, to string) {
		d := compareLists(field, from, to)
		if d == nil {
			return
		}
		if got := d.apply(d.steps); len(d.steps) > 0 && got != to {
			t.Errorf("%s from %q to %q: all steps make %q", field, from, to, got)
		}
		for i := range d.steps {
			d.apply(d.steps[:i])
			d.apply(d.steps[i:])
		}
	})
}
