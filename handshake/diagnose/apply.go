package diagnose

import (
	"slices"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// Apply returns the head a with the given changes, which are indices into
// [Delta.Changes]. With all of them the result is b byte for byte; with none
// it is a.
func (d *Delta) Apply(changes ...int) *handshake.Request {
	edits := make([]edit, len(changes))
	for i, c := range changes {
		edits[i] = d.edits[c]
	}
	r, _ := d.apply(edits)
	return r
}

// A slot is a line of the head that apply makes, with where it comes from.
type slot struct {
	handshake.Field
	a, b int
}

// apply also returns the line of the result for each line of b that is in it
// (-1 otherwise), so that the places of moved lines can be told.
//
// Lines that are not edited stay in the order of a. A line that is added or
// moved goes first if it is the first of b, otherwise before the nearest line
// behind it in b that is settled: one of the spine, or one that was added or
// moved as well. With all edits that is the order of b.
func (d *Delta) apply(edits []edit) (r *handshake.Request, places []int) {
	set := editSet{edits}
	r = &handshake.Request{
		Method: d.a.Method, Target: d.a.Target, Proto: d.a.Proto,
		StartLine: d.a.StartLine, LineEnd: d.a.LineEnd, Blank: d.a.Blank,
	}
	if set.startLine() {
		d.applyStartLine(r, set)
	}
	ends := d.a
	if set.has(kindLineEnd, -1, -1) {
		ends = d.b
		r.LineEnd, r.Blank = d.b.LineEnd, d.b.Blank
	}

	var slots []slot
	for i, f := range d.a.Fields {
		if f, ok := d.applyLine(f, i, set, ends); ok {
			slots = append(slots, slot{f, i, d.inA[i]})
		}
	}
	anchor := -1 // the settled line of b behind the current one
	for j := len(d.b.Fields) - 1; j >= 0; j-- {
		at := slices.IndexFunc(slots, func(s slot) bool { return s.b == j })
		switch {
		case d.inB[j] < 0:
			value, ok := set.addedValue(j)
			if !ok {
				continue
			}
			f := d.b.Fields[j]
			f.Value, f.End = value, withLineEnd(f.End, ends, d.b)
			slots = insert(slots, slot{f, -1, j}, anchor)
		case at < 0: // a line of a that was removed
			continue
		case set.has(kindMove, d.inB[j], j):
			s := slots[at]
			slots = insert(slices.Delete(slots, at, at+1), s, anchor)
		case d.moved[j]:
			continue
		}
		anchor = j
	}

	places = slices.Repeat([]int{-1}, len(d.b.Fields))
	for i, s := range slots {
		r.Fields = append(r.Fields, s.Field)
		if s.b >= 0 {
			places[s.b] = i
		}
	}
	return r, places
}

// insert puts a line before the one that comes from line anchor of b, or last
// if that is -1. The first line of b is put first.
func insert(slots []slot, s slot, anchor int) []slot {
	at := len(slots)
	switch {
	case s.b == 0:
		at = 0
	case anchor >= 0:
		at = slices.IndexFunc(slots, func(o slot) bool { return o.b == anchor })
	}
	return slices.Insert(slots, at, s)
}

func (d *Delta) applyStartLine(r *handshake.Request, set editSet) {
	if set.has(kindMethod, -1, -1) {
		r.Method = d.b.Method
	}
	if set.has(kindTarget, -1, -1) {
		r.Target = d.b.Target
	}
	if set.has(kindVersion, -1, -1) {
		r.Proto = d.b.Proto
	}
	r.StartLine = ""
	if set.has(kindStart, -1, -1) && r.Method == d.b.Method && r.Target == d.b.Target && r.Proto == d.b.Proto {
		r.StartLine = d.b.StartLine
	}
}

// applyLine returns line i of a after the edits that concern it; ok is false if
// one of them removes it.
func (d *Delta) applyLine(f handshake.Field, i int, set editSet, ends *handshake.Request) (_ handshake.Field, ok bool) {
	if ends == d.b { // other line ends: those of the line's counterpart
		end := withLineEnd(f.End, d.b, d.a)
		if j := d.inA[i]; j >= 0 {
			blanks, _ := cutLineEnd(f.End)
			_, eol := cutLineEnd(d.b.Fields[j].End)
			end = blanks + eol
		}
		f.End = end
	}
	var list *listDelta
	var steps []listStep
	for _, e := range set.edits {
		if e.a != i {
			continue
		}
		switch e.kind {
		case kindRemove:
			return f, false
		case kindName:
			f.Name = e.To
		case kindValue:
			f.Value = e.To
		case kindSpacing:
			var g handshake.Field // the usual spacing
			if e.b >= 0 {
				g = d.b.Fields[e.b]
			}
			blanks, _ := cutLineEnd(g.End)
			_, eol := cutLineEnd(f.End)
			f.Sep, f.End = g.Sep, blanks+eol
		case kindList:
			list, steps = e.list, append(steps, e.list.steps[e.step])
		}
	}
	if list != nil {
		f.Value = list.apply(steps)
		if f.Value == "" {
			return f, false
		}
	}
	return f, true
}

// withLineEnd returns the End of a field taken from one head for use in another
// one: its blanks, and the line end of the other's start line where the two
// heads differ in that.
func withLineEnd(end string, in, from *handshake.Request) string {
	if in == from {
		return end
	}
	blanks, _ := cutLineEnd(end)
	_, eol := cutLineEnd(in.LineEnd)
	return blanks + eol
}

// An editSet is a set of edits, asked for by what they concern.
type editSet struct{ edits []edit }

func (s editSet) has(k kind, a, b int) bool {
	return slices.ContainsFunc(s.edits, func(e edit) bool { return e.kind == k && e.a == a && e.b == b })
}

func (s editSet) startLine() bool {
	return slices.ContainsFunc(s.edits, func(e edit) bool { return e.kind <= kindStart })
}

// addedValue returns the value with which line j of b is added, if it is.
func (s editSet) addedValue(j int) (value string, ok bool) {
	var list *listDelta
	var steps []listStep
	for _, e := range s.edits {
		switch {
		case e.a >= 0 || e.b != j:
		case e.kind == kindAdd:
			return e.To, true
		case e.kind == kindList:
			list, steps = e.list, append(steps, e.list.steps[e.step])
		}
	}
	if list == nil {
		return "", false
	}
	value = list.apply(steps)
	return value, value != ""
}

// split takes an edit of a list's value apart into edits of its elements, or
// returns nil if there is nothing to take apart.
func (d *Delta) split(e edit) []edit {
	if e.kind != kindValue && e.kind != kindRemove && e.kind != kindAdd {
		return nil
	}
	list := compareLists(e.Field, e.From, e.To)
	if list == nil || len(list.steps) < 2 {
		return nil
	}
	parts := make([]edit, len(list.steps))
	for i := range parts {
		parts[i] = edit{e.Change, kindList, e.a, e.b, list, i}
	}
	return parts
}

// merge puts edits of the elements of one value together again, into one change
// for each field.
func merge(edits []edit) []edit {
	var merged []edit
	for _, e := range edits {
		if e.kind != kindList {
			merged = append(merged, e)
			continue
		}
		if slices.ContainsFunc(merged, func(m edit) bool { return m.list == e.list }) {
			continue
		}
		var steps []listStep
		for _, o := range edits {
			if o.list == e.list {
				steps = append(steps, o.list.steps[o.step])
			}
		}
		e.To = e.list.apply(steps)
		switch {
		case e.a < 0: // it is added, once or once more
			e.kind = kindAdd
		case e.To == "" && e.Op == Duplicate:
			e.kind = kindRemove
		case e.To == "":
			e.kind, e.Op = kindRemove, Remove
		case strings.EqualFold(e.To, e.From):
			e.kind, e.Op = kindValue, Case
		default:
			e.kind, e.Op = kindValue, Value
		}
		merged = append(merged, e)
	}
	return merged
}
