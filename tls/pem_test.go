package tls_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	wstls "github.com/octet-ws/octet/tls"
	"github.com/octet-ws/octet/tls/tlstest"
)

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := t.TempDir() + "/" + name
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkKeyLog wants n lines that begin with label, in a file only its owner
// can read.
func checkKeyLog(t *testing.T, path, label string, n int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(b, []byte(label+" ")); got != n {
		t.Errorf("%d lines of %s, want %d, in\n%s", got, label, n, b)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm()&0o044 != 0 {
		t.Errorf("others may read the key log: %v, %v", fi.Mode(), err)
	}
}

func TestFilesOfTheConfiguration(t *testing.T) {
	root := tlstest.NewRoot(t)
	leaf := root.Leaf("octet.test")
	cert, key := tlstest.PEM(t, leaf)
	certFile, keyFile := write(t, "cert.pem", cert), write(t, "key.pem", key)

	pool, err := wstls.ReadRoots(write(t, "root.pem", append([]byte("# a comment\n"), root.PEM()...)))
	if err != nil {
		t.Fatal(err)
	}
	if !pool.Equal(root.Pool()) {
		t.Error("the pool read is not the root's")
	}
	pair, err := wstls.LoadCertificate(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, cerr, _ := handshake(t, "octet.test", &wstls.ClientConfig{Roots: pool}, serve(pair)); cerr != nil {
		t.Error(cerr)
	}

	encrypted := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{1}})
	older := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}, Bytes: []byte{1}})
	broken := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}})
	load := func(cert, key string) func() error {
		return func() error { _, err := wstls.LoadCertificate(cert, key); return err }
	}
	roots := func(b []byte) func() error {
		path := write(t, "roots.pem", b)
		return func() error { _, err := wstls.ReadRoots(path); return err }
	}
	for _, tt := range []struct {
		name string
		do   func() error
		text string
	}{
		{"a root file that is not there", func() error { _, err := wstls.ReadRoots("absent.pem"); return err }, "absent.pem"},
		{"a root file of nothing", roots(nil), "no PEM certificate found"},
		{"a key in the place of a root", roots(key), "PEM text holds no certificate, only PRIVATE KEY"},
		{"a root that does not parse", roots(append(root.PEM(), broken...)), "x509: "},
		{"a certificate that is not there", load("absent.pem", keyFile), "absent.pem"},
		{"a key that is not there", load(certFile, "absent.pem"), "absent.pem"},
		{"an encrypted key", load(certFile, write(t, "k", encrypted)), "private key is encrypted; decrypt it first"},
		{"an encrypted key of the older form", load(certFile, write(t, "k", older)), "private key is encrypted; decrypt it first"},
		{"a key of another certificate", func() error {
			_, other := tlstest.PEM(t, root.Leaf("other.test"))
			return load(certFile, write(t, "k", other))()
		}, "private key does not match public key"},
	} {
		err := tt.do()
		if err == nil || !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", tt.name, err, tt.text)
		}
	}
}
