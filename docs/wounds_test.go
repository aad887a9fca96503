package docs

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// The tests that wounds.md names exist.
func TestWoundsAreTested(t *testing.T) {
	tests := make(map[string]bool) // "FOLDER Test…"
	for _, f := range goFiles(t) {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test && fn.Recv == nil {
				tests[f.pkg()+" "+fn.Name.Name] = true
			}
		}
	}
	rows := tableIn(t, "wounds.md", "who", "what happens", "here", "test")
	if len(rows) < 20 {
		t.Errorf("wounds.md has %d rows, want all of them", len(rows))
	}
	for _, row := range rows {
		for name := range strings.SplitSeq(row[3], ", ") {
			if !tests[name] {
				t.Errorf("wounds.md names the test %q, for what %s gets wrong; there is none", name, row[0])
			}
		}
	}
}

// Keys of handshakes and masking keys come from crypto/rand, and where math/rand
// is imported it decides on times alone (C16, F16).
func TestRandomnessIsStrong(t *testing.T) {
	strong := []string{"conn/keys.go", "handshake/key.go"}
	times := []string{"conn/keepalive.go", "conn/ws/backoff.go"}
	for _, f := range goFiles(t) {
		if f.test || strings.HasPrefix(f.path, "bench/") {
			continue
		}
		imports := func(path string) bool {
			return slices.ContainsFunc(f.ast.Imports, func(i *ast.ImportSpec) bool { return strings.HasPrefix(i.Path.Value, `"`+path) })
		}
		if slices.Contains(strong, f.path) && !imports("crypto/rand") {
			t.Errorf("%s makes keys and does not import crypto/rand", f.path)
		}
		if imports("math/rand") && !slices.Contains(times, f.path) {
			t.Errorf("%s imports math/rand", f.path)
		}
	}
}
