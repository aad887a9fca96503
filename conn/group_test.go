package conn_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
)

// member is a connection of a group, and its peer.
type member struct {
	*conn.Conn
	peer *Peer
	near *End
}

// group opens n connections of one group.
func group(t *testing.T, n int, opts conn.Options) []member {
	opts.Group = new(conn.Group)
	members := make([]member, n)
	for i := range members {
		near, far := Pipe()
		c := conn.Server(near, &opts)
		t.Cleanup(func() { c.Abort(); far.Close() })
		members[i] = member{c, NewPeer(t, 0, far), near}
	}
	return members
}

// hold has three messages arrive and answers the first.
func (m member) hold() error {
	m.peer.Say(Text("1"), Text("2"), Text("3"))
	return m.answer(1)
}

// answer reads n messages and sends them back.
func (m member) answer(n int) error {
	for range n {
		typ, p, err := m.NextMessage()
		if err == nil {
			err = m.WriteMessage(typ, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// The messages that connections of a group hold leave when their time has come,
// whenever in a tick of the group they began, and whoever else holds some.
func TestGroupSendsWhatIsHeld(t *testing.T) {
	for _, delay := range []time.Duration{0, 300 * time.Microsecond, time.Millisecond, 5 * time.Millisecond} {
		for _, n := range []int{1, 2, 5} {
			t.Run(fmt.Sprintf("%d connections, delay %v", n, delay), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					bound := delay
					if delay == 0 {
						bound = conn.DefaultHoldDelay
					}
					const apart = 100 * time.Microsecond
					members := group(t, n, conn.Options{Coalescing: conn.Coalescing{Delay: delay}})
					for _, m := range members {
						go func() {
							err := m.hold()
							start := time.Now()
							m.peer.Want("the message leaves", Text("1"))
							if d := time.Since(start); d > bound || d < bound/2 {
								t.Errorf("after %v; want half of %v to all of it", d, bound)
							}
							if err := errors.Join(err, m.answer(2)); err != nil {
								t.Error(err)
							}
							m.peer.Want("and the others", Text("2"), Text("3"))
						}()
						time.Sleep(apart)
					}
					time.Sleep(time.Minute)
				})
			})
		}
	}
}

// A connection that was seen to by the group and one that sees to itself may
// change places as others come and go.
func TestGroupWatchesWhoeverHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members := group(t, 3, conn.Options{})
		for i, who := range []int{0, 0, 0, 1, 0, 2, 2, 2, 1, 1, 0, 2, 1, 0} {
			m := members[who]
			err := m.hold()
			start := time.Now()
			m.peer.Want("a held message leaves", Text("1"))
			if d := time.Since(start); d > time.Millisecond {
				t.Errorf("turn %d: after %v", i, d)
			}
			if err := errors.Join(err, m.answer(2)); err != nil {
				t.Fatal(err)
			}
			m.peer.Want("and the others", Text("2"), Text("3"))
			time.Sleep(time.Duration(i%4) * 300 * time.Microsecond)
		}
	})
}

// One whose peer does not read does not keep the others' messages back.
func TestGroupWithStalledMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members := group(t, 3, conn.Options{})
		members[1].near.FailWrites(Fault{Kind: Stall})
		for _, m := range members {
			if err := m.hold(); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		members[0].peer.Want("a held message leaves", Text("1"))
		members[2].peer.Want("a held message leaves", Text("1"))
		if d := time.Since(start); d > time.Millisecond {
			t.Errorf("after %v", d)
		}
		members[1].near.Mend()
		members[1].peer.Want("the stalled one goes on", Text("1"))
	})
}

// A connection that ends while it holds messages is no concern of the group.
func TestGroupMemberEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members := group(t, 2, conn.Options{})
		for _, m := range members {
			if err := m.hold(); err != nil {
				t.Fatal(err)
			}
		}
		members[0].Abort()
		members[1].peer.Want("the other's message leaves", Text("1"))
		time.Sleep(time.Minute)
	})
}
