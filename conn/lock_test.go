package conn

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLockExcludes(t *testing.T) {
	var l lock
	var wg sync.WaitGroup
	n := 0
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				l.Lock()
				n++
				l.Unlock()
				if l.TryLock() {
					n++
					n--
					l.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if n != 8000 {
		t.Fatalf("%d of 8000 increments", n)
	}
}

func TestLockIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lock
		var got []int
		l.Lock()
		for i := range 5 {
			go func() {
				l.Lock()
				got = append(got, i)
				l.Unlock()
			}()
			synctest.Wait()
		}
		time.Sleep(time.Second) // time passes while others wait for a lock
		if l.TryLock() {
			t.Error("TryLock takes a lock that is held")
		}
		l.Unlock()
		synctest.Wait()
		for i, g := range got {
			if i != g {
				t.Errorf("number %d came at %d", g, i)
			}
		}
	})
}

func TestLockFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lock
		l.Lock()
		for range 3 {
			go func() { l.Lock(); l.Unlock() }()
		}
		synctest.Wait()
		l.free() // lets the three through, or the bubble does not end
		l.Unlock()
		l.Lock()
		l.Lock()
	})
}
