package docs

import (
	"bytes"
	"flag"
	"go/ast"
	"go/build"
	"go/doc"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the source says into api.txt and conformance.md")

// What other programs may rely on is written down, so that no change of it goes
// unseen. After a change that is meant: go test ./docs -update
func TestAPI(t *testing.T) {
	var listing bytes.Buffer
	for _, p := range apiPackages(t) {
		printAPI(t, &listing, p)
	}
	compareFile(t, "api.txt", listing.Bytes())
}

// Every exported name says what it is. In a group of constants or variables,
// the group's comment does, or comments on names in it.
func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, p := range apiPackages(t) {
		if p.doc.Doc == "" {
			t.Errorf("package %s has no comment", p.name)
		}
		for _, d := range p.declarations() {
			if d.doc == "" {
				t.Errorf("%s: %s has no comment", p.name, d.name)
			}
		}
	}
}

// An apiPackage is one package that programs import.
type apiPackage struct {
	name string // below the module's
	fset *token.FileSet
	doc  *doc.Package
}

// apiPackages reads every package of the import table that exists and is no
// command, as it is on linux/amd64: there, all of it is.
func apiPackages(t *testing.T) []apiPackage {
	t.Helper()
	context := build.Default
	context.GOOS, context.GOARCH, context.CgoEnabled = "linux", "amd64", false
	var packages []apiPackage
	for _, name := range slices.Sorted(maps.Keys(importTable(t))) {
		dir := filepath.Join("..", filepath.FromSlash(name))
		if sources, _ := filepath.Glob(filepath.Join(dir, "*.go")); len(sources) == 0 {
			continue // it stands in the table before it is built
		}
		p, err := context.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		if p.Name == "main" {
			continue
		}
		fset := token.NewFileSet()
		var files []*ast.File
		for _, source := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(dir, source), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		d, err := doc.NewFromFiles(fset, files, module+"/"+name)
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, apiPackage{name, fset, d})
	}
	return packages
}

// A declaration is one exported name, or one group of constants or variables.
type declaration struct {
	name string
	doc  string
	node ast.Node
}

// declarations returns what the package exports, in the order of go doc.
func (p apiPackage) declarations() []declaration {
	var all []declaration
	values := func(groups []*doc.Value) {
		for _, g := range groups {
			comment := g.Doc
			for _, spec := range g.Decl.Specs {
				comment += spec.(*ast.ValueSpec).Doc.Text() + spec.(*ast.ValueSpec).Comment.Text()
			}
			all = append(all, declaration{strings.Join(g.Names, ", "), comment, g.Decl})
		}
	}
	funcs := func(receiver string, list []*doc.Func) {
		for _, f := range list {
			all = append(all, declaration{receiver + f.Name, f.Doc, f.Decl})
		}
	}
	values(p.doc.Consts)
	values(p.doc.Vars)
	funcs("", p.doc.Funcs)
	for _, typ := range p.doc.Types {
		all = append(all, declaration{typ.Name, typ.Doc, typ.Decl})
		values(typ.Consts)
		values(typ.Vars)
		funcs("", typ.Funcs)
		funcs(typ.Name+".", typ.Methods)
	}
	return all
}

// printAPI writes the package's declarations without comments and bodies.
func printAPI(t *testing.T, out *bytes.Buffer, p apiPackage) {
	t.Helper()
	out.WriteString("package " + p.name + "\n\n")
	for _, d := range p.declarations() {
		ast.Inspect(d.node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				n.Doc = nil
			case *ast.FuncDecl:
				n.Doc, n.Body = nil, nil
			case *ast.TypeSpec:
				n.Doc, n.Comment = nil, nil
			case *ast.ValueSpec:
				n.Doc, n.Comment = nil, nil
			case *ast.Field:
				n.Doc, n.Comment = nil, nil
			}
			return true
		})
		var text, dense bytes.Buffer
		if err := printer.Fprint(&text, p.fset, d.node); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text.String()) {
			if strings.TrimSpace(line) != "" { // where a comment was
				dense.WriteString(line)
			}
		}
		aligned, err := format.Source(dense.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(bytes.TrimSpace(aligned), '\n'))
	}
	out.WriteString("\n")
}

// compareFile compares a file of this folder with what it should hold, or
// writes it, with -update.
func compareFile(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what the source says; if the change is meant, run go test ./docs -update (-source +%s):\n%s", name, name, diff)
	}
}
