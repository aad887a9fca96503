package wslog

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/frame"
)

// LevelStream is the level of single reads and writes: one step of slog's
// below Debug.
const LevelStream = slog.LevelDebug - 4

// Trace returns hooks that write what happens on a connection to l. One Trace
// may serve many connections, whose records then look alike.
//
// The records are "frame received" and "frame sent", with the fields of the
// header (RFC 6455 §5.2) as fin, opcode, masked, length and, where a bit is
// set, rsv; "connection open", "connection closing" and "connection closed";
// "round trip" with its time; "read" and "written" with the bytes.
// "connection closed" says what ended the connection: by ("peer" or "this
// side"), code and reason of the peer's Close, or error, and for a peer that
// broke the protocol rule, section and the code it was sent.
func Trace(l *slog.Logger) *conn.Trace {
	t := &conn.Trace{Phase: func(p conn.Phase, err error) { phase(l, p, err) }}
	if on(l, slog.LevelDebug) {
		t.FrameReceived = func(h frame.Header) { header(l, "frame received", h) }
		t.FrameSent = func(h frame.Header) { header(l, "frame sent", h) }
		t.RoundTrip = func(d time.Duration) {
			if on(l, slog.LevelDebug) {
				write(l, slog.LevelDebug, "round trip", slog.Duration("took", d))
			}
		}
	}
	if on(l, LevelStream) {
		t.Read = func(n int, err error) { moved(l, "read", n, err) }
		t.Written = func(n int, err error) { moved(l, "written", n, err) }
	}
	return t
}

// on reports whether l takes records of the level. To ask first is what keeps
// attributes from being made for nobody.
func on(l *slog.Logger, level slog.Level) bool { return l.Enabled(context.Background(), level) }

func write(l *slog.Logger, level slog.Level, message string, attrs ...slog.Attr) {
	l.LogAttrs(context.Background(), level, message, attrs...)
}

func header(l *slog.Logger, message string, h frame.Header) {
	if !on(l, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.Bool("fin", h.Fin),
		slog.String("opcode", h.Opcode.String()),
		slog.Bool("masked", h.Masked),
		slog.Int64("length", h.Length),
	}
	if h.RSV != 0 {
		attrs = append(attrs, slog.String("rsv", h.RSV.String()))
	}
	write(l, slog.LevelDebug, message, attrs...)
}

func moved(l *slog.Logger, message string, n int, err error) {
	if !on(l, LevelStream) {
		return
	}
	attrs := []slog.Attr{slog.Int("bytes", n)}
	if err != nil {
		attrs = append(attrs, failure(err))
	}
	write(l, LevelStream, message, attrs...)
}

func phase(l *slog.Logger, p conn.Phase, err error) {
	if !on(l, slog.LevelWarn) { // before looking into err, which costs memory
		return
	}
	level := slog.LevelInfo
	if p == conn.PhaseClosed && failed(err) {
		level = slog.LevelWarn
	}
	if on(l, level) {
		write(l, level, "connection "+p.String(), ending(err)...)
	}
}

// failed reports whether a connection that ended with err ended badly: not by
// a Close, or by one in which the peer complains (RFC 6455 §7.4.1).
func failed(err error) bool {
	var e *conn.CloseError
	switch {
	case !errors.As(err, &e):
		return !errors.Is(err, conn.ErrClosed)
	case e.Answer:
		return false // the code is our own, sent back
	}
	switch e.Code {
	case frame.CloseNormal, frame.CloseGoingAway, frame.CloseNoStatus, frame.CloseServiceRestart, frame.CloseTryAgainLater:
		return false
	}
	return e.Code < 3000 // what the codes above mean is the application's business
}

// ending says what ended a connection. Of one that has not ended err is nil.
func ending(err error) (attrs []slog.Attr) {
	var closed *conn.CloseError
	var rule *frame.Error
	switch {
	case err == nil:
	case errors.As(err, &closed):
		by := "peer"
		if closed.Answer {
			by = "this side"
		}
		attrs = append(attrs, slog.String("by", by), slog.Int("code", int(closed.Code)))
		if closed.Reason != "" {
			attrs = append(attrs, slog.String("reason", closed.Reason))
		}
	case errors.Is(err, conn.ErrClosed):
		attrs = append(attrs, slog.String("by", "this side"))
	case errors.As(err, &rule):
		attrs = append(attrs, failure(err), slog.String("rule", rule.Rule.String()),
			slog.String("section", rule.Rule.Section()), slog.Int("code", int(rule.Rule.CloseCode())))
	default:
		attrs = append(attrs, failure(err))
	}
	return attrs
}

// failure is err as text: a handler that looked into it would show what
// Error leaves out.
func failure(err error) slog.Attr { return slog.String("error", err.Error()) }
