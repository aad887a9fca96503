//go:build interop && unix

package interop

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/octet-ws/octet/tls/tlstest"
)

// An authority is a private root whose certificates lie in PEM files, where
// programs find them.
type authority struct {
	*tlstest.Root
	file string // of the root's certificate
}

// An identity names the PEM files of a server's certificate and of its key.
type identity struct{ cert, key string }

func newAuthority(t *testing.T) *authority {
	t.Helper()
	root := tlstest.NewRoot(t)
	return &authority{root, writeFile(t, "root.pem", root.PEM())}
}

// issue signs a server certificate for name that is valid until the time given.
func (a *authority) issue(t *testing.T, name string, until time.Time) *identity {
	t.Helper()
	cert, key := tlstest.PEM(t, a.LeafBetween(until.Add(-24*time.Hour), until, name))
	return &identity{writeFile(t, "cert.pem", cert), writeFile(t, "key.pem", key)}
}

// tomorrow is when a certificate expires that is good today.
func tomorrow() time.Time { return time.Now().Add(12 * time.Hour) }

func writeFile(t *testing.T, name string, content []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
