package wshttp_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/conn/wshttp"
)

// member is a connection of conns that is read until it ends, and its peer.
func member(t *testing.T, conns *wshttp.Conns) (*conn.Conn, *Peer) {
	near, far := Pipe()
	c := conn.Server(near, nil)
	conns.Go(c, func() {
		for {
			if _, _, err := c.NextMessage(); err != nil {
				return
			}
		}
	})
	return c, NewPeer(t, proto.Client, far)
}

// A connection is one of them until it has ended, and sent to as long.
func TestConns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var conns wshttp.Conns
		if n := len(slices.Collect(conns.All())); n != 0 {
			t.Errorf("%d connections before the first", n)
		}
		a, ann := member(t, &conns)
		_, bob := member(t, &conns)
		news, err := conn.NewPrepared(conn.Text, []byte("news"))
		if err != nil {
			t.Fatal(err)
		}
		new(conn.Broadcaster).Send(news, conns.All())
		ann.Want("everybody gets it", Text("news"))
		bob.Want("everybody gets it", Text("news"))
		bob.Say(Close(1000, ""))
		bob.Want("a Close is answered", Close(1000, ""))
		bob.WantEnd("and the connection is closed when it was served")
		bob.Close()
		synctest.Wait()
		if got := slices.Collect(conns.All()); len(got) != 1 || got[0] != a {
			t.Errorf("%d connections are left, want one", len(got))
		}
		a.Abort()
	})
}

// Shutdown says 1001 to every peer, waits until each has been served, and lets
// in nobody who comes too late.
func TestConnsShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var conns wshttp.Conns
		_, ann := member(t, &conns)
		_, bob := member(t, &conns)
		down := make(chan error)
		go func() { down <- conns.Shutdown(t.Context()) }()
		for _, peer := range []*Peer{ann, bob} {
			peer.Want("the server goes away", Close(1001, ""))
			select {
			case err := <-down:
				t.Errorf("Shutdown returns too early: %v", err)
			default:
			}
			peer.Say(Close(1001, ""))
			peer.WantEnd("and closes first")
			peer.Close()
		}
		if err := <-down; err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		near, far := Pipe()
		go conns.Go(conn.Server(near, nil), func() { t.Error("a late connection is served") })
		late := NewPeer(t, proto.Client, far)
		late.Want("a late one is told the same", Close(1001, ""))
		late.Say(Close(1001, ""))
		late.WantEnd("and closed")
		late.Close()
		if err := conns.Shutdown(t.Context()); err != nil {
			t.Errorf("a second Shutdown = %v", err)
		}
	})
}

// A peer that does not answer cannot hold Shutdown beyond its context.
func TestConnsShutdownIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var conns wshttp.Conns
		_, silent := member(t, &conns)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		if err := conns.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 2*time.Second {
			t.Errorf("Shutdown = %v after %v", err, time.Since(start))
		}
		silent.Want("it was told", Close(1001, ""))
		silent.Close()
	})
}
