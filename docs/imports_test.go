package docs

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An importRule is one row of the import table in design.md, which is a
// statement of policy: do not edit it to make a build pass. Every package of
// the module has a row, or stands in notShipped.
type importRule struct {
	pkg     string
	ours    []string // which packages of ours it may import; nil allows all
	closure []string // what is never in its closure: what it imports, what that imports, …
	direct  []string // what it never imports itself
}

// importTable reads the table.
func importTable(t *testing.T) map[string]importRule {
	t.Helper()
	rules := make(map[string]importRule)
	for _, row := range tableIn(t, "design.md", "package", "imports of ours", "never in its closure", "never imported directly") {
		for _, pkg := range list(row[0]) {
			rules[pkg] = importRule{pkg, list(row[1]), list(row[2]), list(row[3])}
		}
	}
	return rules
}

// list splits a cell of the import table. A dash stands for the empty list.
func list(cell string) []string {
	switch cell {
	case "all":
		return nil
	case "", "–":
		return []string{}
	}
	return strings.Split(cell, ", ")
}

// notShipped holds the packages that exist for tests and measurements. They may
// import what they like of ours and of the standard library.
var notShipped = []string{"bench", "conn/interop", "docs", "fuzz", "tls/tlstest"}

// testRequirement is the one module that the root module requires, and only
// its tests import.
const testRequirement = "github.com/google/go-cmp"

// The files are read whatever their build constraints, so that no platform has
// imports that escape this test.
func TestDirectImports(t *testing.T) {
	rules := importTable(t)
	for _, f := range goFiles(t) {
		rule, shipped := rules[f.pkg()]
		if !shipped && !isNotShipped(f.pkg()) {
			t.Errorf("%s belongs to no package of the import table", f.path)
			continue
		}
		for _, spec := range f.ast.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours, isOurs := strings.CutPrefix(path, module+"/")
			switch {
			case !isOurs && !isStandard(path):
				if !f.test || !strings.HasPrefix(path, testRequirement+"/") {
					t.Errorf("%s imports %s, which is neither ours nor the standard library's", f.path, path)
				}
			case f.test || !shipped:
				// May import what it likes of the two.
			case isOurs && rule.ours != nil && !slices.Contains(rule.ours, ours):
				t.Errorf("%s imports our %s; the import table allows %q", f.path, ours, rule.ours)
			case slices.Contains(rule.direct, path):
				t.Errorf("%s imports %s, which the import table forbids", f.path, path)
			}
		}
	}
}

func TestImportClosures(t *testing.T) {
	rules := importTable(t)
	for _, target := range []string{"linux/amd64", "windows/amd64", "js/wasm"} {
		deps := listDeps(t, target)
		for _, rule := range rules {
			for _, forbidden := range rule.closure {
				if slices.Contains(deps[rule.pkg], forbidden) {
					t.Errorf("on %s, %s reaches %s, which the import table forbids (go list -deps tells how)", target, rule.pkg, forbidden)
				}
			}
		}
	}
}

// listDeps returns the closure of every package of the module that can be built
// for target.
func listDeps(t *testing.T, target string) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Deps", "./...")
	cmd.Dir = ".."
	goos, goarch, _ := strings.Cut(target, "/")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list for %s: %v", target, err)
	}
	deps := make(map[string][]string)
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p struct {
			ImportPath string
			Deps       []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		deps[strings.TrimPrefix(p.ImportPath, module+"/")] = p.Deps
	}
	if len(deps["frame"]) == 0 {
		t.Fatalf("go list for %s does not know what frame imports", target)
	}
	return deps
}

func TestRootModuleRequiresOnlyTests(t *testing.T) {
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Module           struct{ Path string }
		Require          []struct{ Path string }
		Replace, Exclude []any
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	want := mod
	want.Module.Path = module
	want.Require = []struct{ Path string }{{testRequirement}}
	want.Replace, want.Exclude = nil, nil
	if diff := cmp.Diff(want, mod); diff != "" {
		t.Errorf("go.mod at the top says more than that (-want +got):\n%s", diff)
	}
}

// isStandard reports whether path names a package of the standard library: its
// first element is not a domain.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func isNotShipped(pkg string) bool {
	return slices.ContainsFunc(notShipped, func(root string) bool {
		return pkg == root || strings.HasPrefix(pkg, root+"/")
	})
}
