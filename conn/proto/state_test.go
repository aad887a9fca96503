package proto

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/frame"
)

// TestTransitions tries every event in every state against the table as the
// RFC has it: which events are allowed and where they lead, or which rule
// forbids them. A forbidden event leaves the state as it was.
func TestTransitions(t *testing.T) {
	const table = `
		state    whole       first       middle   last     control  close    fail
		open     open        message     orphan   orphan   open     closed   failed
		message  interleaved interleaved message  open     message  closed   failed
		closed   after       after       after    after    after    after    after
		failed   after       after       after    after    after    after    failed`
	states := map[string]State{"open": StateOpen, "message": StateMessage, "closed": StateClosed, "failed": StateFailed}
	rules := map[string]frame.Rule{
		"orphan":      frame.RuleOrphan,      // F24
		"interleaved": frame.RuleInterleaved, // F24
		"after":       frame.RuleAfterClose,  // F36, K13
	}
	rows := strings.Split(strings.TrimSpace(table), "\n")[1:]
	if len(rows) != int(numStates) {
		t.Fatalf("the test knows %d states, the machine %d", len(rows), numStates)
	}
	for _, row := range rows {
		cells := strings.Fields(row)
		if len(cells) != int(numEvents)+1 {
			t.Fatalf("the test knows %d events, the machine %d", len(cells)-1, numEvents)
		}
		from := states[cells[0]]
		for ev, cell := range cells[1:] {
			s := from
			broken := s.step(event(ev))
			next, allowed := states[cell]
			if !allowed {
				next = from
			}
			if s != next || broken != rules[cell] {
				t.Errorf("%v in state %v: goes to %v and breaks %d; want %v and %d", event(ev), from, s, broken, next, rules[cell])
			}
		}
	}
}

// TestEventOf says which event each frame is (F19, F20, F21).
func TestEventOf(t *testing.T) {
	for _, tt := range []struct {
		op   frame.Opcode
		fin  bool
		want event
	}{
		{frame.Text, true, evWhole},
		{frame.Binary, true, evWhole},
		{frame.Text, false, evFirst},
		{frame.Binary, false, evFirst},
		{frame.Continuation, false, evMiddle},
		{frame.Continuation, true, evLast},
		{frame.Ping, true, evControl},
		{frame.Pong, true, evControl},
		{frame.Close, true, evClose},
	} {
		if got := eventOf(tt.op, tt.fin); got != tt.want {
			t.Errorf("%v with FIN %v is %v, want %v", tt.op, tt.fin, got, tt.want)
		}
	}
}

// TestStrings says that everything printed has a name.
func TestStrings(t *testing.T) {
	for s := range numStates + 1 {
		for ev := range numEvents + 1 {
			for k := range KindFailed + 2 {
				if s.String() == "" || ev.String() == "" || k.String() == "" {
					t.Fatalf("state %d, event %d or kind %d has no name", s, ev, k)
				}
			}
		}
	}
}

var update = flag.Bool("update", false, "draw the diagram in docs again")

// TestDiagram says that the diagram in docs is the table in state.go.
func TestDiagram(t *testing.T) {
	const path, begin, end = "../../docs/states.md", "```mermaid\n", "```\n"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(page), begin)
	drawn, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no diagram", path)
	}
	want := diagram()
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, drawn); diff != "" {
		t.Errorf("the diagram in %s is not the table (-table +diagram); draw it again with go test ./conn/proto -run Diagram -update\n%s", path, diff)
	}
}

// diagram draws the table for Mermaid, one arrow for each pair of states.
func diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n\t[*] --> open\n")
	for from := range numStates {
		for next := range numStates {
			var events []string
			for ev, tr := range transitions[from] {
				if tr.broken == 0 && tr.next == next && from != StateFailed {
					events = append(events, event(ev).String())
				}
			}
			if len(events) > 0 {
				fmt.Fprintf(&b, "\t%v --> %v: %s\n", from, next, strings.Join(events, ", "))
			}
		}
	}
	b.WriteString("\tclosed --> [*]\n\tfailed --> [*]\n")
	return b.String()
}
