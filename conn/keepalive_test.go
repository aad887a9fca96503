package conn_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
)

func alive(interval, timeout time.Duration) conn.Options {
	return conn.Options{Keepalive: conn.Keepalive{Interval: interval, Timeout: timeout, Exact: true}}
}

func TestKeepalive(t *testing.T) {
	sides(t, alive(10*time.Second, 3*time.Second), func(k *talk) {
		start := time.Now()
		at := func(sentence string, want time.Duration) {
			k.Helper()
			synctest.Wait()
			if d := time.Since(start); d != want {
				k.Fatalf("%s at %v, want %v", sentence, d, want)
			}
		}
		read := later(func() error {
			for {
				if _, _, err := k.conn.NextMessage(); err != nil {
					return err
				}
			}
		})
		k.peer.Want("a silent peer is pinged", Ping("keepalive"))
		at("after one interval", 10*time.Second)
		time.Sleep(time.Second)
		k.peer.Say(Pong("keepalive"))
		k.peer.WantSilence("the answer is enough", 11*time.Second)
		if rtt := k.conn.Stats().RoundTrip; rtt != time.Second {
			k.Errorf("round trip %v", rtt)
		}
		k.peer.Want("and it is asked again", Ping("keepalive"))
		at("an interval after the look that found the Pong", 23*time.Second)
		time.Sleep(2 * time.Second)
		k.peer.Say(Text("any byte will do"))
		k.peer.WantSilence("nothing is sent while something arrives", 10*time.Second)
		k.peer.Want("or soon after", Ping("keepalive"))
		at("it goes on", 36*time.Second)
		err := read()
		at("without an answer the connection ends", 39*time.Second)
		k.wantKind("as lost", err, conn.NoPong)
		if !k.near.Closed() || conn.CloseCode(err) != 1006 {
			k.Error("with the transport")
		}
	})
}

func TestKeepaliveWithoutTimeout(t *testing.T) {
	sides(t, alive(time.Second, -1), func(k *talk) {
		read := later(func() error { _, _, err := k.conn.NextMessage(); return err })
		for range 10 {
			time.Sleep(time.Second)
			k.peer.Want("Pings go out whether or not they are answered", Ping("keepalive"))
		}
		k.conn.Abort()
		read()
	})
}

// Nothing is known about a peer that nobody listens to.
func TestKeepaliveNeedsAReader(t *testing.T) {
	sides(t, alive(time.Second, time.Second), func(k *talk) {
		k.peer.WantSilence("nobody reads", time.Hour)
		if err := k.conn.WriteMessage(conn.Text, []byte("hi")); err != nil {
			k.Fatal(err)
		}
		k.peer.Want("the connection lives", Text("hi"))
	})
}

func TestKeepaliveBehindAStuckWriter(t *testing.T) {
	sides(t, alive(time.Second, time.Second), func(k *talk) {
		read := later(func() error { _, _, err := k.conn.NextMessage(); return err })
		wrote := later(func() error { return k.conn.WriteMessage(conn.Binary, make([]byte, 200<<10)) })
		time.Sleep(time.Hour)
		k.peer.Next()
		k.peer.Want("a peer that could not be asked is not given up", Ping("keepalive"))
		k.conn.Abort()
		wrote()
		read()
	})
}

func TestKeepaliveIsJittered(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 20 {
		side(t, 1, conn.Options{Keepalive: conn.Keepalive{Interval: 8 * time.Second}}, func(k *talk) {
			start := time.Now()
			read := later(func() error { _, _, err := k.conn.NextMessage(); return err })
			k.peer.Want("", Ping("keepalive"))
			d := time.Since(start)
			seen[d] = true
			if d < 7*time.Second || d > 8*time.Second {
				k.Errorf("pinged after %v", d)
			}
			k.conn.Abort()
			read()
		})
	}
	if len(seen) < 10 {
		t.Errorf("%d different intervals of 20", len(seen))
	}
}
