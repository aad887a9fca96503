package wshttp_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/conn/wshttp"
)

// logging is middleware as net/http wants it since Go 1.20.
type logging struct{ http.ResponseWriter }

func (l logging) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// older is middleware from before: it hands the interface on.
type older struct {
	http.ResponseWriter
	http.Hijacker
}

// gzipped is middleware that forgot about it.
type gzipped struct {
	http.ResponseWriter
	body io.Writer
}

func (g gzipped) Write(p []byte) (int, error) { return g.body.Write(p) }

// wrapped is h behind a ResponseWriter made by w.
func wrapped(h http.Handler, w func(http.ResponseWriter) http.ResponseWriter) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { h.ServeHTTP(w(rw), r) })
}

// Middleware that can be unwrapped, or leaves the ResponseWriter alone, is no
// obstacle.
func TestUpgradeBehindMiddleware(t *testing.T) {
	for name, through := range map[string]func(http.Handler) http.Handler{
		"none": func(h http.Handler) http.Handler { return h },
		"wrappers with Unwrap": func(h http.Handler) http.Handler {
			return wrapped(h, func(w http.ResponseWriter) http.ResponseWriter { return logging{logging{w}} })
		},
		"a wrapper with Hijack": func(h http.Handler) http.Handler {
			return wrapped(h, func(w http.ResponseWriter) http.ResponseWriter { return older{w, w.(http.Hijacker)} })
		},
		"http.StripPrefix":           func(h http.Handler) http.Handler { return http.StripPrefix("/", h) },
		"http.MaxBytesHandler":       func(h http.Handler) http.Handler { return http.MaxBytesHandler(h, 10) },
		"http.AllowQuerySemicolons":  http.AllowQuerySemicolons,
		"http.CrossOriginProtection": http.NewCrossOriginProtection().Handler,
		"a ServeMux, fields in the way": func(h http.Handler) http.Handler {
			mux := http.NewServeMux()
			mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				w.Header().Set("Connection", "close")
				h.ServeHTTP(w, r)
			})
			return mux
		},
	} {
		t.Run(name, func(t *testing.T) {
			talk(t, start(t, through(upgrader(nil, nil))), nil)
		})
	}
}

// Middleware that hides the connection is named, to the program and not to the
// client.
func TestUpgradeNamesWhatHidesTheConnection(t *testing.T) {
	for _, tt := range []struct {
		name    string
		through func(http.Handler) http.Handler
		writer  string
	}{
		{"a wrapper with neither", func(h http.Handler) http.Handler {
			return wrapped(h, func(w http.ResponseWriter) http.ResponseWriter {
				return logging{gzipped{w, gzip.NewWriter(w)}}
			})
		}, "wshttp_test.gzipped"},
		{"http.TimeoutHandler", func(h http.Handler) http.Handler {
			return http.TimeoutHandler(h, time.Minute, "too late")
		}, "*http.timeoutWriter"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			told := make(chan outcome, 1)
			s := start(t, tt.through(upgrader(nil, told)))
			_, resp, _ := ws.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http"), nil)
			if resp == nil || resp.Status != 500 || strings.Contains(string(resp.Body), "Writer") {
				t.Errorf("the answer is %+v, want a 500 that does not tell", resp)
			}
			o := <-told
			var e *wshttp.HijackError
			if !errors.As(o.err, &e) || !errors.Is(o.err, http.ErrNotSupported) || e.Writer != tt.writer {
				t.Fatalf("Upgrade = %v, want a *HijackError that names %s", o.err, tt.writer)
			}
			want := "wshttp: " + tt.writer + " does not let the connection be taken over (feature not supported): middleware must implement http.Hijacker or have an Unwrap method"
			if o.err.Error() != want {
				t.Errorf("it reads\n%v\nwant\n%s", o.err, want)
			}
		})
	}
}
