//go:build interop && unix

package interop

import (
	"path/filepath"
	"testing"
)

// runBuiltin runs a client on the WebSocket that a JavaScript runtime has built
// in. The runtime takes args in front of the program.
func runBuiltin(runtime func(t *testing.T) string, args ...string) func(t *testing.T, url, root string) string {
	return func(t *testing.T, url, root string) string {
		t.Helper()
		command := []string{"env", "DENO_NO_UPDATE_CHECK=1", "DO_NOT_TRACK=1", "DENO_DIR=" + t.TempDir()}
		if root != "" {
			command = append(command, "NODE_EXTRA_CA_CERTS="+root, "DENO_CERT="+root)
		}
		command = append(append(command, runtime(t)), args...)
		report, _, _ := run(t, "", append(command, "peers/node/builtin.cjs", url)...)
		return report
	}
}

// bun and deno return the program of that name. The npm packages bun and deno
// bring it in a package for the system they are installed on, out of which the
// install script of bun, if npm runs it, moves it into bun's own.
func bun(t *testing.T) string {
	t.Helper()
	return fromNpm(t, "bun", "@oven/bun-*/bin/bun", "bun/bin/bun.exe")
}

func deno(t *testing.T) string {
	t.Helper()
	return fromNpm(t, "deno", "@deno/*/deno")
}

// fromNpm returns the first file that matches one of the patterns.
func fromNpm(t *testing.T, name string, patterns ...string) string {
	t.Helper()
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(filepath.Join("peers", "node", "node_modules", pattern)); len(found) > 0 {
			return found[0]
		}
	}
	t.Fatalf("the package %s is not installed: cd conn/interop/peers/node && npm install --no-package-lock", name)
	panic("unreachable")
}
