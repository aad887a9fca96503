package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tests of this package hold the project's policies: they read the source
// and compare it with what the documents beside them say. A statement of policy
// is not edited to make a build pass.

const module = "github.com/octet-ws/octet"

// topLevel is what stands at the top of the repository, beside entries whose
// names begin with a dot. It is a statement of policy: do not edit it to make a
// build pass.
var topLevel = []string{
	"LICENSE", "README.md",
	"bench", "conn", "docs", "frame", "fuzz",
	"go.mod", "go.sum",
	"handshake", "tls",
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			got = append(got, e.Name())
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(topLevel, got); diff != "" {
		t.Errorf("the top of the repository is not what was agreed (-want +got):\n%s", diff)
	}
}

// A file is one Go file of the module, with its comments, whatever its build
// constraints.
type file struct {
	path string // slash-separated, below the top of the repository
	test bool
	fset *token.FileSet
	ast  *ast.File
}

// pkg returns the folder of the file: the name of its package below the
// module's.
func (f *file) pkg() string { return filepath.ToSlash(filepath.Dir(f.path)) }

// goFiles returns every Go file of the root module. Nested modules are left
// out: they are not shipped, and may require what they like.
func goFiles(t *testing.T) []*file {
	t.Helper()
	var files []*file
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, nested := os.Stat(filepath.Join(path, "go.mod"))
			if path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata" || nested == nil) {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		rel, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		f := &file{path: filepath.ToSlash(rel), test: strings.HasSuffix(path, "_test.go"), fset: token.NewFileSet()}
		f.ast, err = parser.ParseFile(f.fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Work that is put off is written down in the issues, where somebody looks for
// it, and a test that does not run is no test.
func TestNothingIsPutOff(t *testing.T) {
	for _, f := range goFiles(t) {
		source, err := os.ReadFile(filepath.Join("..", f.path))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"TO" + "DO", "FIX" + "ME", "t.Skip" + "("} {
			if strings.Contains(string(source), word) {
				t.Errorf("%s contains %q", f.path, word)
			}
		}
	}
}

// tableIn returns the rows of the one table in a document whose heading is
// that, cell by cell.
func tableIn(t *testing.T, name string, heading ...string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case slices.Equal(cells, heading):
			inside = true
		case !strings.HasPrefix(line, "|"):
			inside = false
		case inside && len(cells) != len(heading):
			t.Fatalf("%s: this row has %d cells, its table %d columns: %s", name, len(cells), len(heading), line)
		case inside && !strings.HasPrefix(line, "|---"):
			rows = append(rows, cells)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no table with the heading %q", name, heading)
	}
	return rows
}
