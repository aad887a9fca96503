package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

var snippetPattern = regexp.MustCompile("(?s)<!-- ([\\w ]+) -->\n```go\n.*?```\n")

// Every snippet of a document is the source of the examples that its comment
// names. After a change of one: go test ./docs -update
func TestSnippets(t *testing.T) {
	for document, examples := range map[string]string{
		"libwebsockets.md": "libwebsockets_test.go",
		"../README.md":     "readme_test.go",
	} {
		t.Run(document, func(t *testing.T) { testSnippets(t, document, examples) })
	}
}

func testSnippets(t *testing.T, document, examples string) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(examples)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	text = snippetPattern.ReplaceAllFunc(text, func(block []byte) []byte {
		names := string(snippetPattern.FindSubmatch(block)[1])
		out := "<!-- " + names + " -->\n```go\n"
		for i, name := range strings.Fields(names) {
			if i > 0 {
				out += "\n"
			}
			used[name] = true
			out += snippet(t, source, name)
		}
		return []byte(out + "```\n")
	})
	compareFile(t, document, text)
	for _, name := range regexp.MustCompile(`func (Example_\w+)`).FindAllSubmatch(source, -1) {
		if !used[string(name[1])] {
			t.Errorf("%s is in no snippet of %s", name[1], document)
		}
	}
}

// snippet returns the source of a type with its methods, or of an example's
// body from its second paragraph to its output.
func snippet(t *testing.T, source []byte, name string) string {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	out := ""
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.TYPE && d.Specs[0].(*ast.TypeSpec).Name.Name == name {
				out += string(source[at(d.Pos()):at(d.End())]) + "\n\n"
			}
		case *ast.FuncDecl:
			if d.Recv != nil {
				if id, ok := d.Recv.List[0].Type.(*ast.Ident); ok && id.Name == name {
					out += string(source[at(d.Pos()):at(d.End())]) + "\n"
				}
			} else if d.Name.Name == name {
				_, body, _ := strings.Cut(string(source[at(d.Body.Lbrace)+1:at(d.Body.Rbrace)]), "\n\n")
				body, _, _ = strings.Cut(body, "\t// Output:")
				for line := range strings.Lines(body) {
					out += strings.TrimPrefix(line, "\t")
				}
			}
		}
	}
	if out == "" {
		t.Fatalf("there is no example %s", name)
	}
	return out
}
