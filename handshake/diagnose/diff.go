package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// Diff returns the changes that turn the head a into the head b: none for
// equal heads, and always in the same order. The keys are compared as any other
// value is.
func Diff(a, b *handshake.Request) []Change { return Compare(a, b).Changes() }

// A Delta is the difference between two heads, as changes any combination of
// which can be applied. It refers to the heads, which must not change.
type Delta struct {
	a, b *handshake.Request
	// pairs tells which line of a corresponds to which of b: the field of the
	// same name and value, or else the next one of that name.
	//
	//	inA[i] is the line of b for line i of a, or -1
	//	inB[j] is the line of a for line j of b, or -1
	inA, inB []int
	// moved[j] says that line j of b has a counterpart that is out of order.
	// The other pairs are the spine: they stand in the same order in a and b.
	moved []bool
	edits []edit
}

// An edit is a Change together with what it concerns in the two heads.
type edit struct {
	Change
	kind kind
	a, b int // lines of a and b; -1 where there is none

	list *listDelta // of a kindList
	step int        // the step of it that this edit takes
}

type kind uint8

const (
	kindMethod kind = iota
	kindTarget
	kindVersion
	kindStart // the form of the start line
	kindRemove
	kindName
	kindValue
	kindList // one step of a change of value
	kindSpacing
	kindAdd
	kindMove
	kindLineEnd
	kindTransport
	kindPadding
)

// Compare finds the difference between two heads.
//
// It is minimal in that a field is paired with one of the same name and value
// if there is one, and as few fields as possible are moved; where the choice is
// free, Host is the field that moves, since it is the one whose place servers
// look at.
func Compare(a, b *handshake.Request) *Delta {
	d := &Delta{a: a, b: b}
	if string(a.AppendRaw(nil)) == string(b.AppendRaw(nil)) {
		for i := range a.Fields {
			d.inA, d.inB = append(d.inA, i), append(d.inB, i)
		}
		d.moved = make([]bool, len(d.inB))
		return d
	}
	d.pair()
	d.order()

	d.startLine(kindMethod, FieldMethod, a.Method, b.Method)
	d.startLine(kindTarget, FieldTarget, a.Target, b.Target)
	d.startLine(kindVersion, FieldVersion, a.Proto, b.Proto)
	if a.StartLine != b.StartLine {
		d.edits = append(d.edits, edit{Change{Spacing, FieldTarget, startLine(a), startLine(b)}, kindStart, -1, -1, nil, 0})
	}
	for i := range a.Fields {
		d.line(i)
	}
	for j, f := range b.Fields {
		if d.inB[j] < 0 {
			op := Add
			if a.Fields.Has(f.Name) {
				op = Duplicate
			}
			d.edits = append(d.edits, edit{Change{op, lineName(b.Fields, j), "", f.Value}, kindAdd, -1, j, nil, 0})
		}
	}
	if from, to := lineEnds(a), lineEnds(b); from != to || from == mixedEnds {
		d.edits = append(d.edits, edit{Change{Value, FieldLineEnd, from, to}, kindLineEnd, -1, -1, nil, 0})
	}
	return d
}

// Changes returns the changes of the delta in their order: the start line, the
// fields of a from first to last, then what b has in addition.
func (d *Delta) Changes() []Change {
	changes := make([]Change, len(d.edits))
	for i, e := range d.edits {
		changes[i] = e.Change
	}
	return changes
}

// A Row pairs a line of a with one of b, as indices into their fields; -1 stands
// for no line.
type Row struct{ A, B int }

// Rows returns all lines of both heads, to be shown beside each other. Lines
// that correspond share a row, and the rows follow the order of a; if places is
// set, lines that have moved stand where each head has them, so that both
// columns are in order.
func (d *Delta) Rows(places bool) []Row {
	apart := func(j int) bool { return d.inB[j] < 0 || places && d.moved[j] }
	var rows []Row
	next := 0 // line of b
	fill := func(before int) {
		for ; next < before; next++ {
			if apart(next) {
				rows = append(rows, Row{-1, next})
			}
		}
	}
	for i, j := range d.inA {
		if j >= 0 && !d.moved[j] {
			fill(j)
		}
		switch {
		case j < 0 || places && d.moved[j]:
			rows = append(rows, Row{i, -1})
		default:
			rows = append(rows, Row{i, j})
		}
		if j >= 0 && !d.moved[j] {
			fill(j + 1)
		}
	}
	fill(len(d.inB))
	return rows
}

// pair fills inA and inB.
func (d *Delta) pair() {
	a, b := d.a.Fields, d.b.Fields
	d.inA, d.inB = slices.Repeat([]int{-1}, len(a)), slices.Repeat([]int{-1}, len(b))
	match := func(same func(f, g handshake.Field) bool) {
		for i := range a {
			for j := 0; j < len(b) && d.inA[i] < 0; j++ {
				if d.inB[j] < 0 && a[i].Is(b[j].Name) && same(a[i], b[j]) {
					d.inA[i], d.inB[j] = j, i
				}
			}
		}
	}
	match(func(f, g handshake.Field) bool { return f.Value == g.Value })
	match(func(f, g handshake.Field) bool { return f.Name != "" })
}

// order fills moved: all pairs but those of the heaviest common subsequence.
func (d *Delta) order() {
	d.moved = make([]bool, len(d.inB))
	// best[j] is the weight of the heaviest ordered run of pairs that ends in
	// line j of b; before[j] is the line before it in that run.
	best, before := make([]int, len(d.inB)), make([]int, len(d.inB))
	end := -1
	for _, j := range d.inA {
		if j < 0 {
			continue
		}
		d.moved[j] = true
		best[j], before[j] = 0, -1
		for k := range j {
			if i := d.inB[k]; i >= 0 && i < d.inB[j] && best[k] > best[j] {
				best[j], before[j] = best[k], k
			}
		}
		best[j] += 2 * len(d.inB) // one more field counts more than all Hosts
		if d.b.Fields[j].Is("Host") {
			best[j]--
		}
		if end < 0 || best[j] > best[end] {
			end = j
		}
	}
	for ; end >= 0; end = before[end] {
		d.moved[end] = false
	}
}

func (d *Delta) startLine(k kind, field, from, to string) {
	if from != to {
		c := Change{Value, field, from, to}
		if strings.EqualFold(from, to) {
			c.Op = Case
		}
		d.edits = append(d.edits, edit{c, k, -1, -1, nil, 0})
	}
}

// line adds the changes to line i of a.
func (d *Delta) line(i int) {
	f, j := d.a.Fields[i], d.inA[i]
	name := lineName(d.a.Fields, i)
	add := func(op Op, k kind, from, to string) {
		d.edits = append(d.edits, edit{Change{op, name, from, to}, k, i, j, nil, 0})
	}
	if j < 0 {
		if d.b.Fields.Has(f.Name) {
			add(Duplicate, kindRemove, f.Value, "")
		} else {
			add(Remove, kindRemove, f.Value, "")
		}
		return
	}
	g := d.b.Fields[j]
	if f.Name != g.Name {
		add(Case, kindName, f.Name, g.Name)
	}
	switch {
	case f.Value == g.Value:
	case strings.EqualFold(f.Value, g.Value):
		add(Case, kindValue, f.Value, g.Value)
	default:
		add(Value, kindValue, f.Value, g.Value)
	}
	if from, to := spacing(f), spacing(g); from != to {
		add(Spacing, kindSpacing, from, to)
	}
	if d.moved[j] {
		add(Move, kindMove, place(d.a.Fields, i), place(d.b.Fields, j))
	}
}

// lineName names line i of a head: the field, for the continuation of a folded
// line the field it belongs to.
func lineName(fs handshake.Fields, i int) string {
	for ; i >= 0; i-- {
		if fs[i].Name != "" {
			return RFCName(fs[i].Name)
		}
		if v := fs[i].Value; v == "" || v[0] != ' ' && v[0] != '\t' {
			break
		}
	}
	return FieldLine
}

// place says where a field stands.
func place(fs handshake.Fields, i int) string {
	switch i {
	case 0:
		return "first"
	case len(fs) - 1:
		return "last"
	}
	return "before " + lineName(fs, i+1)
}

const usualSep = ": "

// spacing shows what stands around a field's value.
func spacing(f handshake.Field) string {
	sep := cmp.Or(f.Sep, usualSep)
	if blanks, _ := cutLineEnd(f.End); blanks != "" {
		return sep + "…" + blanks
	}
	return sep
}

// cutLineEnd splits what follows a value into blanks and the end of the line.
func cutLineEnd(end string) (blanks, eol string) {
	if end == "" {
		return "", "\r\n"
	}
	blanks = strings.TrimRight(end, "\r\n")
	return blanks, end[len(blanks):]
}

func startLine(r *handshake.Request) string {
	if r.StartLine != "" {
		return r.StartLine
	}
	return r.Method + " " + r.Target + " " + r.Proto
}

const mixedEnds = "mixed"

// lineEnds says how the lines of a head end: "CRLF", "LF" or "mixed".
func lineEnds(r *handshake.Request) string {
	_, first := cutLineEnd(r.LineEnd)
	_, last := cutLineEnd(r.Blank)
	same := first == last
	for _, f := range r.Fields {
		_, eol := cutLineEnd(f.End)
		same = same && eol == first
	}
	switch {
	case !same:
		return mixedEnds
	case first == "\r\n":
		return "CRLF"
	case first == "\n":
		return "LF"
	}
	return first
}
