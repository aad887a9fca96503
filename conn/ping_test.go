package conn_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/frame"
)

func TestPing(t *testing.T) {
	var traced time.Duration
	trace := &conn.Trace{RoundTrip: func(d time.Duration) { traced = d }}
	sides(t, conn.Options{Trace: trace}, func(k *talk) {
		read := later(func() error { _, _, err := k.conn.NextMessage(); return err })
		ctx := context.Background()
		ping := func(s string) func() error {
			defer synctest.Wait()
			return later(func() error { return k.conn.Ping(ctx, []byte(s)) })
		}
		one, two, three := ping("1"), ping("2"), ping("3")
		k.peer.Want("Pings are sent", Ping("1"), Ping("2"), Ping("3"))
		time.Sleep(20 * time.Millisecond)
		k.peer.Say(Pong("of nothing"), Pong("2"))
		if err := errors.Join(one(), two()); err != nil {
			k.Fatalf("a Pong answers the Pings before it as well (F48): %v", err)
		}
		if rtt := k.conn.Stats().RoundTrip; rtt != 20*time.Millisecond || traced != rtt {
			k.Errorf("round trip %v, traced %v", rtt, traced)
		}

		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		start := time.Now()
		if err := k.conn.Ping(short, nil); err != context.DeadlineExceeded || time.Since(start) != time.Second {
			k.Errorf("a Ping waits as long as its context says: %v after %v", err, time.Since(start))
		}
		if err := k.conn.Ping(ctx, make([]byte, 126)); err != frame.RuleControlLength {
			k.Errorf("126 bytes are too many: %v", err)
		}
		k.conn.Abort()
		if err := three(); err != conn.ErrClosed {
			k.Errorf("want ErrClosed, got %v", err)
		}
		if err := k.conn.Ping(ctx, nil); err != conn.ErrClosed {
			k.Errorf("want ErrClosed, got %v", err)
		}
		read()
	})
}

func TestPingBehindAStuckWriter(t *testing.T) {
	sides(t, conn.Options{}, func(k *talk) {
		wrote := later(func() error { return k.conn.WriteMessage(conn.Binary, make([]byte, 200<<10)) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := k.conn.Ping(ctx, nil); err != context.DeadlineExceeded {
			k.Errorf("a Ping does not wait for a writer longer than its context says: %v", err)
		}
		k.conn.Abort()
		wrote()
	})
}
