package wslog

import (
	"log/slog"
	"time"

	"github.com/octet-ws/octet/handshake"
)

// Phase returns the hook ws.DialTrace.Phase: a record "dial phase" for each,
// with the phase, the time it took and, if it failed, the error.
func Phase(l *slog.Logger) func(handshake.Phase, time.Duration, error) {
	return func(p handshake.Phase, took time.Duration, err error) {
		level := slog.LevelDebug
		if err != nil {
			level = slog.LevelWarn
		}
		if !on(l, level) {
			return
		}
		attrs := []slog.Attr{slog.String("phase", p.String()), slog.Duration("took", took)}
		if err != nil {
			attrs = append(attrs, failure(err))
		}
		write(l, level, "dial phase", attrs...)
	}
}

// Redirected returns the hook ws.DialTrace.Redirected: a record "redirected"
// with the URL that is dialled next, without its userinfo.
func Redirected(l *slog.Logger) func(handshake.URL) {
	return func(to handshake.URL) {
		if on(l, slog.LevelInfo) {
			write(l, slog.LevelInfo, "redirected", slog.String("to", to.String()))
		}
	}
}
