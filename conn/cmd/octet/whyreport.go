package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/octet-ws/octet/handshake/diagnose"
)

// reportOptions say how a report is written.
type reportOptions struct {
	secrets bool // show credentials
	verbose bool // list all attempts
	style   style
}

// The measures of a report, in columns. The two heads stand beside each other:
//
//	__m_left………………_│_right………………
const (
	reportWidth = 96
	cellWidth   = (reportWidth - len("  m ") - len(" | ")) / 2
	cellLines   = 5 // of a long value
	listedTries = 12
)

// writeReport writes a report for people.
func writeReport(w io.Writer, r *diagnose.Report, o reportOptions) error {
	t := &reportText{Report: r, reportOptions: o}
	t.verdict()
	t.causes()
	t.heads()
	t.answer()
	t.list("What it means", r.Meaning)
	for i, fix := range r.Fixes {
		title := "What to do"
		if len(r.Fixes) > 1 {
			title += ", fix " + strconv.Itoa(i+1)
		}
		t.list(title, fix)
	}
	t.attempts()
	_, err := io.WriteString(w, t.String())
	return err
}

// reportText is a report being written.
type reportText struct {
	*diagnose.Report
	reportOptions
	strings.Builder
}

func (t *reportText) line(parts ...string) {
	t.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
}

func (t *reportText) title(s string) {
	t.line()
	t.line(t.style.bold(s))
	t.line()
}

// verdict says in one line how it stands, and what the answers were.
func (t *reportText) verdict() {
	name, say := t.Suspect.Profile, ""
	switch t.Verdict {
	case diagnose.Accepted:
		say = t.style.good("Accepted") + ": the server takes the handshake of " + name + " as it is."
	case diagnose.Explained:
		say = t.style.bad("Refused") + ", and " + t.style.good("explained") + ": " + countCauses(t.Causes)
	case diagnose.Unexplained:
		say = t.style.bad("Refused") + ", and unexplained: no fix was found."
	case diagnose.Unreachable:
		say = t.style.bad("Unreachable") + ": no attempt got an HTTP answer."
	}
	t.line(t.style.bold(printable(t.URL)))
	t.line()
	t.line(say)
	t.line()
	width := utf8.RuneCountInString(name)
	if t.Control != nil {
		width = max(width, utf8.RuneCountInString(t.Control.Profile))
	}
	row := func(b diagnose.Baseline, verdict, reason string) {
		status := "no answer"
		if b.Status != 0 {
			status = strconv.Itoa(b.Status) + " " + printable(reason)
		}
		t.line("  ", pad(printable(b.Profile), width), "  ", verdict, "  ", status)
	}
	reason := ""
	if t.Response != nil {
		reason = t.Response.Reason
	}
	row(t.Suspect, t.outcome(t.Verdict == diagnose.Accepted), reason)
	if t.Control != nil {
		row(*t.Control, t.outcome(true), "Switching Protocols")
	}
}

// outcome says how an attempt ended, in eight columns.
func (t *reportText) outcome(accepted bool) string {
	if accepted {
		return t.style.good("accepted")
	}
	return t.style.bad("refused") + " "
}

func countCauses(causes [][]diagnose.Change) string {
	switch {
	case len(causes) > 1:
		return "each of " + strconv.Itoa(len(causes)) + " fixes is enough alone."
	case len(causes[0]) > 1:
		return strconv.Itoa(len(causes[0])) + " things have to change together."
	case causes[0][0].Op == diagnose.Transport:
		return "one property of the connection is the cause."
	case strings.HasPrefix(causes[0][0].Field, "("):
		return "one property of the head is the cause."
	}
	return "one field is the cause."
}

// causes lists the changes that mend the handshake, with the rule that the
// first one's value breaks pointed out beneath it.
func (t *reportText) causes() {
	for i, cause := range t.Causes {
		if len(t.Causes) > 1 {
			t.title("Fix " + strconv.Itoa(i+1))
		} else {
			t.title("The cause")
		}
		for _, c := range cause {
			lead, value := causeText(c)
			lead, value = "  "+printable(lead), clip(printable(value), 2*cellWidth)
			if utf8.RuneCountInString(lead+value) > reportWidth {
				t.line(lead)
				lead = "      "
				t.WriteString(lead)
			} else {
				t.WriteString(lead)
			}
			t.line(t.style.bad(value))
			if i == 0 && t.Rule != "" && c.From == value {
				t.line(strings.Repeat(" ", utf8.RuneCountInString(lead)), t.style.bad(strings.Repeat("^", utf8.RuneCountInString(value))))
				t.line("  ", t.Rule, " (", t.Section, ")")
			}
		}
	}
}

// causeText says a change, with the value that is the trouble apart.
func causeText(c diagnose.Change) (lead, value string) {
	switch {
	case c.Op == diagnose.Remove, c.Op == diagnose.Duplicate && c.To == "":
		return c.Field + ": ", c.From
	case c.Op == diagnose.Add, c.Op == diagnose.Duplicate:
		return "missing  " + c.Field + ": ", c.To
	case c.Field == diagnose.FieldLength:
		return "the head is too long: ", c.From + " bytes are refused, " + c.To + " accepted"
	case c.Op == diagnose.Move:
		return c.Field + " is sent ", c.From + ", and has to be sent " + c.To
	case c.Op == diagnose.Case && strings.EqualFold(c.From, c.Field):
		return "the name ", c.From + ", which has to be spelt " + c.To
	}
	return c.Field + ": ", orNone(c.From) + "  →  " + orNone(c.To)
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// answer shows the answer to the suspect.
func (t *reportText) answer() {
	a := t.Response
	if a == nil {
		return
	}
	t.title("The answer to " + printable(t.Suspect.Profile))
	t.quoted(strings.TrimSpace(fmt.Sprintf("HTTP/1.1 %d %s", a.Status, printable(a.Reason))))
	for _, f := range a.Fields {
		t.quoted(printable(f[0] + ": " + f[1]))
	}
	if a.Body == "" {
		return
	}
	t.line()
	lines := strings.Split(strings.TrimRight(a.Body, "\r\n"), "\n")
	for i, line := range lines {
		if i == 8 {
			t.line("    … and " + strconv.Itoa(len(lines)-i) + " lines more")
			break
		}
		t.quoted(clip(printable(strings.TrimRight(line, "\r")), 3*reportWidth))
	}
}

// printable returns s with what could drive a terminal escaped: control
// characters, invisible ones, and what is not UTF-8.
func printable(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
			b.WriteString(escaped(s[:n]))
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// quoted writes lines of a head, which are escaped already.
func (t *reportText) quoted(text string) {
	for line := range strings.Lines(text) {
		for _, part := range wrap(strings.TrimRight(line, "\r\n"), reportWidth-4, "  ") {
			t.line("    ", part)
		}
	}
}

// list writes sentences as the items of a list.
func (t *reportText) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	t.title(title)
	for _, item := range items {
		for i, part := range wrap(printable(item), reportWidth-4, "") {
			if i == 0 {
				t.line("  - ", part)
			} else {
				t.line("    ", part)
			}
		}
	}
}

// attempts lists what was tried.
func (t *reportText) attempts() {
	say := strconv.Itoa(t.Attempts) + " attempts"
	if t.Attempts == 1 {
		say = "1 attempt"
	}
	if !t.verbose && len(t.Tried) > listedTries {
		t.line()
		t.line(t.style.bold(say), " (-v lists them)")
		return
	}
	t.title(say)
	for i, trial := range t.Tried {
		what := trial.Name
		switch what {
		case "":
			what = t.difference(trial.Changes)
		case diagnose.VariationName:
			what = describe(trial.Changes, 2)
		}
		answer := strconv.Itoa(trial.Status)
		if trial.Status == 0 {
			answer = "---"
		}
		t.line(fmt.Sprintf("  %3d  ", i+1), answer, " ", t.outcome(trial.Accepted), "  ", clip(printable(what), reportWidth-24))
	}
}

// difference says what distinguishes an attempt from the suspect, or from the
// control if that is shorter.
func (t *reportText) difference(changes []diagnose.Change) string {
	for _, trial := range t.Tried {
		if trial.Name == "" || !trial.Accepted { // it is not the control
			continue
		}
		missing, more := without(trial.Changes, changes), without(changes, trial.Changes)
		if len(missing)+len(more) > min(2, len(changes)-1) {
			continue
		}
		what := trial.Name
		if len(missing) > 0 {
			what += ", but for " + strings.Join(fieldNames(missing), " and ")
		}
		if len(more) > 0 {
			what += ", and " + describe(more, 2)
		}
		return what
	}
	return describe(changes, 2)
}

// without returns the changes that are not among others.
func without(changes, others []diagnose.Change) []diagnose.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c diagnose.Change) bool { return slices.Contains(others, c) })
}

// fieldNames names the fields that changes concern.
func fieldNames(changes []diagnose.Change) []string {
	var names []string
	for _, c := range changes {
		names = append(names, c.Field)
	}
	return slices.Compact(names)
}
