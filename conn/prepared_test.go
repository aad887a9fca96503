package conn_test

import (
	"strings"
	"testing"

	"github.com/octet-ws/octet/conn"
	. "github.com/octet-ws/octet/conn/conntest"
)

func TestPrepared(t *testing.T) {
	for _, n := range []int{0, 5, 126, 70000} {
		s := strings.Repeat("p", n)
		p, err := conn.NewPrepared(conn.Text, []byte(s))
		if err != nil {
			t.Fatal(err)
		}
		sides(t, conn.Options{}, func(k *talk) {
			wrote := later(func() error {
				if err := k.conn.WritePrepared(p); err != nil {
					return err
				}
				return k.conn.WritePrepared(p)
			})
			k.peer.Want("a prepared message can be sent again and again", Text(s), Text(s))
			if err := wrote(); err != nil {
				k.Fatal(err)
			}
		})
	}
}
