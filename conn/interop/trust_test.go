//go:build interop && unix

package interop

import (
	"strings"
	"testing"
	"time"
)

// A server that cannot prove who it is gets no handshake, and the error says
// what is wrong with its certificate (RFC 6455 §4.1: the TLS handshake fails,
// so the connection does).
func TestDialRefusesCertificate(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	for _, tt := range []struct {
		name  string
		id    *identity
		root  string
		words string // in the error
	}{
		{"of an unknown root", theirs.issue(t, "127.0.0.1", tomorrow()), ours.file, "unknown authority"},
		{"of no root given", ours.issue(t, "127.0.0.1", tomorrow()), "", "unknown authority"},
		{"for another name", ours.issue(t, "elsewhere.example", tomorrow()), ours.file, "127.0.0.1"},
		{"that has expired", ours.issue(t, "127.0.0.1", time.Now().Add(-time.Hour)), ours.file, "expired"},
	} {
		for _, s := range servers {
			t.Run(s.name+" with a certificate "+tt.name, func(t *testing.T) {
				t.Parallel()
				url, _ := s.start(t, tt.id)
				stdout, stderr, exit := run(t, "never sent\n", dial(url+"/echo", tt.root)...)
				if exit == 0 || stdout != "" {
					t.Errorf("octet dial ended with status %d after printing %q; want an error and nothing printed", exit, stdout)
				}
				if line := strings.TrimSuffix(stderr, "\n"); !strings.Contains(line, tt.words) || strings.Contains(line, "\n") {
					t.Errorf("octet dial said %q; want one line with %q", stderr, tt.words)
				}
			})
		}
	}
}

// The same certificates at octet serve, to clients that are not ours: what
// octet serve presents is what it was given.
func TestServeCertificateRefused(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	for _, tt := range []struct {
		name  string
		id    *identity
		words string
	}{
		{"of an unknown root", theirs.issue(t, "127.0.0.1", tomorrow()), "UNABLE_TO_VERIFY_LEAF_SIGNATURE"},
		{"for another name", ours.issue(t, "elsewhere.example", tomorrow()), "ERR_TLS_CERT_ALTNAME_INVALID"},
		{"that has expired", ours.issue(t, "127.0.0.1", time.Now().Add(-time.Hour)), "CERT_HAS_EXPIRED"},
	} {
		t.Run("a certificate "+tt.name, func(t *testing.T) {
			t.Parallel()
			url := serve(t, "-tls-cert", tt.id.cert, "-tls-key", tt.id.key)
			if got := runNode("client.cjs")(t, url, ours.file); !strings.HasPrefix(got, "failed: "+tt.words) {
				t.Errorf("the client ws reports %q; want a failure with %s", got, tt.words)
			}
		})
	}
}
