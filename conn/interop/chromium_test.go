//go:build interop && unix

package interop

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// runChromium shows the browser a page that holds the conversation and posts
// its report.
func runChromium(t *testing.T, target, root string) string {
	t.Helper()
	reports := make(chan string, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, "peers/chromium/client.html")
	})
	mux.HandleFunc("POST /report", func(w http.ResponseWriter, r *http.Request) {
		report, _ := io.ReadAll(r.Body)
		reports <- string(report)
	})
	page := httptest.NewServer(mux)
	t.Cleanup(page.Close)

	startChromium(t, root, page.URL+"/?ws="+url.QueryEscape(target))
	select {
	case report := <-reports:
		return report
	case <-time.After(patience):
		t.Fatal("the page in Chromium posted no report")
		panic("unreachable")
	}
}

// startChromium opens the page in a browser that has a home of its own. There
// lies its list of roots, in the format of NSS, which certutil writes.
func startChromium(t *testing.T, root, page string) {
	t.Helper()
	chromium := need(t, "chromium", "apt-get install chromium")
	// Not t.TempDir: the browser's helpers may write for a moment after its
	// end, which would fail the test that removes the folder.
	home, err := os.MkdirTemp(filepath.Dir(octet), "chromium-")
	if err != nil {
		t.Fatal(err)
	}
	if root != "" {
		certutil := need(t, "certutil", "apt-get install libnss3-tools")
		db := filepath.Join(home, ".pki", "nssdb")
		if err := os.MkdirAll(db, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"-N", "-d", "sql:" + db, "--empty-password"},
			{"-A", "-d", "sql:" + db, "-n", "octet", "-t", "C,,", "-i", root},
		} {
			if _, stderr, exit := run(t, "", append([]string{certutil}, args...)...); exit != 0 {
				t.Fatalf("certutil %v: %s", args, stderr)
			}
		}
	}
	start(t, nil, "env", "HOME="+home, chromium,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir="+filepath.Join(home, "profile"), page)
}
