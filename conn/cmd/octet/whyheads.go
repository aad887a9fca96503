package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/diagnose"
)

// heads shows the suspect beside the head that was accepted, with what matters
// marked, or the suspect alone.
func (t *reportText) heads() {
	suspect, other, name := t.Heads.Suspect, t.Heads.Control, ""
	if t.Control != nil {
		name = t.Control.Profile
	}
	if len(t.Causes) == 0 || other == nil {
		t.title("The request")
		t.quoted(printable(startLine(suspect)))
		for _, f := range suspect.Fields {
			t.quoted(t.field(f))
		}
		return
	}
	places := slices.ContainsFunc(t.Causes, func(cause []diagnose.Change) bool {
		return slices.ContainsFunc(cause, func(c diagnose.Change) bool { return c.Op == diagnose.Move })
	})
	if places && t.Heads.Fixed != nil {
		other, name = t.Heads.Fixed, t.Suspect.Profile+", mended"
	}
	t.title("The heads")
	t.row(" ", printable(t.Suspect.Profile)+": refused", printable(name)+": accepted", t.style.bold)
	t.line("    ", strings.Repeat("─", cellWidth+1), "┼", strings.Repeat("─", cellWidth+1))
	var used [2]bool // marks
	show := func(left, right string, cause, differs bool) {
		mark, paint := " ", func(s string) string { return s }
		switch {
		case cause:
			mark, paint, used[0] = "✗", t.style.bad, true
		case differs:
			mark, paint, used[1] = "·", t.style.dim, true
		}
		t.row(mark, left, right, paint)
	}
	start, otherStart := startLine(suspect), startLine(other)
	show(printable(start), printable(otherStart), t.isCause(diagnose.FieldMethod) || t.isCause(diagnose.FieldVersion), start != otherStart)
	delta := diagnose.Compare(suspect, other)
	for _, row := range delta.Rows(places) {
		left, right, field := "", "", ""
		if row.A >= 0 {
			field, left = suspect.Fields[row.A].Name, t.field(suspect.Fields[row.A])
		}
		if row.B >= 0 {
			field, right = other.Fields[row.B].Name, t.field(other.Fields[row.B])
		}
		if field == "" {
			field = diagnose.FieldLine
		}
		long := row.B < 0 && len(suspect.Fields[row.A].Value) > longField && t.isCause(diagnose.FieldLength)
		show(left, right, long || t.isCause(diagnose.RFCName(field)), left != right)
	}
	for _, cause := range t.Causes {
		for _, c := range cause {
			if c.Op == diagnose.Transport || c.Field == diagnose.FieldLineEnd {
				show(c.Field+" "+orNone(c.From), c.Field+" "+orNone(c.To), true, true)
			}
		}
	}
	t.line()
	legend := "    "
	if used[0] {
		legend += t.style.bad("✗") + " is the cause   "
	}
	if used[1] {
		legend += t.style.dim("· differs, and makes no difference here")
	}
	t.line(legend)
}

// longField is the length from which a value is blamed for the length of a head.
const longField = 100

// isCause reports whether a change to the field is part of a cause.
func (t *reportText) isCause(field string) bool {
	return slices.ContainsFunc(t.Causes, func(cause []diagnose.Change) bool {
		return slices.ContainsFunc(cause, func(c diagnose.Change) bool { return c.Field == field })
	})
}

func startLine(r *handshake.Request) string {
	if r.StartLine != "" {
		return r.StartLine
	}
	return r.Method + " " + r.Target + " " + r.Proto
}

// field shows a field line. Odd line ends are not shown.
func (t *reportText) field(f handshake.Field) string {
	switch {
	case f.Is("Sec-WebSocket-Key"):
		f.Value = "(new each time)"
	case !t.secrets:
		f.Value = handshake.Redact(f.Name, f.Value)
	}
	f.End = " "
	return printable(strings.TrimRight(string(f.AppendRaw(nil)), " "))
}

// row writes two cells beside each other, on as many lines as they need.
func (t *reportText) row(mark, left, right string, paint func(string) string) {
	l, r := wrapCell(left), wrapCell(right)
	for i := range max(len(l), len(r)) {
		var cells [2]string
		if i < len(l) {
			cells[0] = l[i]
		}
		if i < len(r) {
			cells[1] = r[i]
		}
		t.line("  ", paint(mark), " ", paint(pad(cells[0], cellWidth)), " │ ", paint(cells[1]))
		mark = " "
	}
}

// wrapCell breaks a line of a head so that it fits into a cell. What is cut off
// of a very long one is counted.
func wrapCell(s string) []string {
	lines := wrap(s, cellWidth, "  ")
	if len(lines) > cellLines {
		rest := strings.Join(lines[cellLines-1:], "")
		lines = append(lines[:cellLines-1], fmt.Sprintf("  … and %d bytes more", len(rest)))
	}
	return lines
}

// wrap breaks s into lines of at most width characters, at blanks where there
// are any. Lines but the first begin with indent.
func wrap(s string, width int, indent string) []string {
	var lines []string
	lead := ""
	for {
		room := width - len(lead)
		runes := []rune(s)
		if len(runes) <= room {
			return append(lines, lead+s)
		}
		cut := room
		for i := room; i > room/2; i-- {
			if runes[i] == ' ' {
				cut = i
				break
			}
		}
		lines = append(lines, lead+strings.TrimRight(string(runes[:cut]), " "))
		s, lead = strings.TrimLeft(string(runes[cut:]), " "), indent
	}
}
