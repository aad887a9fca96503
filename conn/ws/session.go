package ws

import (
	"context"
	"fmt"
	"time"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/handshake"
)

// A Session keeps up a connection to one server: it dials, hands the connection
// to its user, and when that one ends dials again, until there is reason to
// stop. It runs in the goroutine of Run, and has one connection at a time (C1).
type Session struct {
	// URL is dialled with Options, which may be nil.
	URL     string
	Options *DialOptions

	// Backoff says how long to wait between attempts.
	Backoff Backoff

	// Serve is called with each connection and the answer that opened it: this
	// is where to subscribe anew, and then to read. When it returns, the
	// connection is closed. Its error says why the connection ended, usually in
	// the words of the read that failed; nil ends the session. When ctx ends
	// the connection is closed, so that a read in Serve returns.
	Serve func(ctx context.Context, c *conn.Conn, r *handshake.Response) error

	// Retry, if not nil, decides in place of Retryable.
	Retry func(error) bool

	// Waiting, if not nil, is told of every failure that will be retried,
	// before the wait.
	Waiting func(Wait)
}

// A Wait is what goes on between two attempts.
type Wait struct {
	Err      error         // why the last one failed, or its connection ended
	Failures int           // in a row
	Delay    time.Duration // until the next attempt

	// Same is how many times in a row the server has refused the handshake
	// with the same answer.
	Same int
	URL  string
}

// adviceAfter is how many like answers make chance unlikely.
const adviceAfter = 3

// Advice is one line for people once the same refusal has come three times,
// since repeating identical bytes is then unlikely to help; else "".
func (w Wait) Advice() string {
	if w.Same < adviceAfter {
		return ""
	}
	return fmt.Sprintf("the same refusal %d times: the request itself may be the cause; run `octet why %s`", w.Same, w.URL)
}

// Run keeps the session up until Serve returns nil, until an error that another
// attempt will not mend, until the failures are too many, or until ctx ends. It
// returns nil, that error, or the cause of ctx.
func (s *Session) Run(ctx context.Context) error {
	retry := s.Retry
	if retry == nil {
		retry = Retryable
	}
	var failures int
	var same refusals
	for {
		lived, err := s.once(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if lived >= orDefault(s.Backoff.Lived, defaultLived) {
			failures = 0
		}
		failures++
		if !retry(err) {
			return err
		}
		if s.Backoff.MaxFailures > 0 && failures >= s.Backoff.MaxFailures {
			return fmt.Errorf("ws: gave up after %d failures: %w", failures, err)
		}
		w := Wait{
			Err:      err,
			Failures: failures,
			Delay:    max(s.Backoff.Delay(failures), RetryAfter(err)),
			Same:     same.add(err),
			URL:      publicURL(s.URL),
		}
		if s.Waiting != nil {
			s.Waiting(w)
		}
		if err := sleep(ctx, w.Delay); err != nil {
			return err
		}
	}
}

// once makes one connection and sees it to its end. It returns how long the
// connection has stood.
func (s *Session) once(ctx context.Context) (lived time.Duration, err error) {
	c, r, err := Dial(ctx, s.URL, s.Options)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.Close()
		close(closed)
	})
	err = s.Serve(ctx, c, r)
	lived = time.Since(began)
	if stop() {
		c.Close()
	} else {
		<-closed
	}
	return lived, err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// publicURL is a URL without its userinfo.
func publicURL(s string) string {
	u, err := handshake.ParseURL(s)
	if err != nil {
		return ""
	}
	return u.String()
}
