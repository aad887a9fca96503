package docs

import (
	"bytes"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A requirement of a specification has an id: F10, C20. conformance.md lists
// them with what they demand; the code that meets one names it in a comment (or
// in a string, as an error does), and so does the test that proves it.
//
// What follows it keeps the X11 of a browser's User-Agent out.
var idPattern = regexp.MustCompile(`\b([UCSFDKXPHRT][1-9][0-9]?|E[0-9]{4})(?:[ ,):.]|$)`)

var (
	requirementColumns = []string{"id", "section", "requirement", "code", "tests"}
	exceptionColumns   = []string{"id", "section", "requirement", "why it is not met here"}
)

// Every requirement is cited by code and by a test, and the table says by
// which; or it stands among the exceptions, with a reason. The last two columns
// are written by go test ./docs -update
func TestRequirementsAreCited(t *testing.T) {
	known := make(map[string]bool)
	cited := citations(t)
	for _, row := range tableIn(t, "conformance.md", exceptionColumns...) {
		for _, id := range idRange(t, row[0]) {
			if reason := row[3]; known[id] || reason == "" {
				t.Errorf("conformance.md: the exception %s stands twice or without a reason", id)
			}
			known[id] = true
		}
	}
	for _, row := range tableIn(t, "conformance.md", requirementColumns...) {
		id := row[0]
		if known[id] {
			t.Errorf("conformance.md: %s stands twice", id)
		}
		known[id] = true
		if len(cited[id].code) == 0 {
			t.Errorf("no code cites %s: %s", id, row[2])
		}
		if len(cited[id].tests) == 0 {
			t.Errorf("no test cites %s: %s", id, row[2])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(cited)) {
		if !known[id] {
			t.Errorf("%s is cited by %q but conformance.md does not list it", id, append(cited[id].code, cited[id].tests...))
		}
	}

	text, err := os.ReadFile("conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	compareFile(t, "conformance.md", withCitations(text, cited))
}

// idRange returns the ids that a cell names: one, or with a dash from the first
// to the last.
func idRange(t *testing.T, cell string) []string {
	t.Helper()
	first, last, isRange := strings.Cut(cell, "–")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first[1:])
	to, err2 := strconv.Atoi(last[1:])
	if err != nil || err2 != nil || first[0] != last[0] || from > to {
		t.Fatalf("conformance.md: %q is neither an id nor a range of ids", cell)
	}
	var ids []string
	for ; from <= to; from++ {
		ids = append(ids, first[:1]+strconv.Itoa(from))
	}
	return ids
}

// A citedBy lists the files that cite one requirement.
type citedBy struct{ code, tests []string }

// citations returns who cites what in the Go files of the module.
func citations(t *testing.T) map[string]citedBy {
	t.Helper()
	cited := make(map[string]citedBy)
	for _, f := range goFiles(t) {
		if f.pkg() == "docs" {
			continue // these files speak of ids as such
		}
		ids := make(map[string]bool)
		for _, text := range f.texts(t) {
			for _, m := range idPattern.FindAllStringSubmatch(text, -1) {
				ids[m[1]] = true
			}
		}
		for id := range ids {
			by := cited[id]
			if f.test {
				by.tests = append(by.tests, f.path)
			} else {
				by.code = append(by.code, f.path)
			}
			cited[id] = by
		}
	}
	return cited
}

// texts returns the comments of a file, each with its lines joined, and the
// contents of its strings.
func (f *file) texts(t *testing.T) []string {
	t.Helper()
	var texts []string
	for _, group := range f.ast.Comments {
		texts = append(texts, strings.Join(strings.Fields(group.Text()), " "))
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
		}
		return true
	})
	return texts
}

// withCitations fills in the last two columns of the table of requirements.
func withCitations(text []byte, cited map[string]citedBy) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		cells := strings.Split(string(line), "|")
		if len(cells) == len(requirementColumns)+2 && idPattern.MatchString(cells[1]) {
			by := cited[strings.TrimSpace(cells[1])]
			cells[4] = " " + strings.Join(by.code, ", ") + " "
			cells[5] = " " + strings.Join(by.tests, ", ") + " "
			line = []byte(strings.Join(cells, "|"))
		}
		out.Write(line)
	}
	return out.Bytes()
}
