package conntest

import (
	"errors"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func TestPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := PipeOf(4)
		var p [10]byte
		go a.Write([]byte("0123456789"))
		synctest.Wait()
		if n, err := b.Read(p[:]); string(p[:n]) != "0123" || err != nil {
			t.Errorf("a direction holds no more than its size: %q, %v", p[:n], err)
		}
		if n, err := io.ReadFull(b, p[:6]); string(p[:n]) != "456789" || err != nil {
			t.Errorf("the writer waits for room: %q, %v", p[:n], err)
		}
		start := time.Now()
		b.SetReadDeadline(start.Add(time.Second))
		if _, err := b.Read(p[:]); err != os.ErrDeadlineExceeded || time.Since(start) != time.Second {
			t.Errorf("a deadline ends a Read: %v after %v", err, time.Since(start))
		}
		b.SetReadDeadline(time.Time{})
		a.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := a.Write(p[:]); n != 4 || err != os.ErrDeadlineExceeded {
			t.Errorf("a deadline ends a Write: %d, %v", n, err)
		}
		a.CloseWrite()
		if q, err := io.ReadAll(b); len(q) != 4 || err != nil {
			t.Errorf("a half-closed end delivers what was written: %q, %v", q, err)
		}
		if _, err := b.Write([]byte("x")); err != nil {
			t.Errorf("and can still be written to: %v", err)
		}
		a.Close()
		if _, err := b.Read(p[:]); err != ErrReset {
			t.Errorf("closing an end with something unread resets the other: %v", err)
		}
	})
}

func TestPipeWriteAfterClose(t *testing.T) {
	a, b := Pipe()
	b.Write([]byte("on its way"))
	io.ReadFull(a, make([]byte, 10))
	a.Close()
	if _, err := b.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a clean close is the end: %v", err)
	}
	if _, err := b.Write([]byte("x")); err != nil {
		t.Errorf("the first write is taken, as a kernel does: %v", err)
	}
	if _, err := b.Write([]byte("x")); err != ErrReset {
		t.Errorf("the next one finds the reset: %v", err)
	}
}

func TestFaults(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		f    Fault
		n    int
		want error
	}{
		{Fault{After: 3, Kind: Cut}, 3, io.EOF},
		{Fault{After: 3, Kind: Fail, Err: broken}, 3, broken},
		{Fault{After: 3, Kind: Stall}, 3, os.ErrDeadlineExceeded},
		{Fault{After: 3, Kind: Short}, 3, nil},
		{Fault{After: 5, Kind: Cut}, 5, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			a, b := Pipe()
			a.FailWrites(tt.f)
			a.SetWriteDeadline(time.Now().Add(time.Second))
			if n, err := a.Write([]byte("hello")); n != tt.n || err != tt.want {
				t.Errorf("%v: wrote %d, %v; want %d, %v", tt.f.Kind, n, err, tt.n, tt.want)
			}
			if tt.f.Kind == Short {
				return
			}
			b.FailReads(Fault{After: 2, Kind: tt.f.Kind, Err: tt.f.Err})
			b.Chunk(1)
			b.SetReadDeadline(time.Now().Add(time.Second))
			want := tt.want
			if want == nil {
				want = io.EOF
			}
			n, err := io.Copy(io.Discard, readerOnly{b})
			if err == nil {
				err = io.EOF
			}
			if n != 2 || err != want {
				t.Errorf("%v: read %d, %v; want 2, %v", tt.f.Kind, n, err, want)
			}
		})
	}
}

type readerOnly struct{ io.Reader }

func TestNoLeaks(t *testing.T) {
	f := &fake{TB: t}
	NoLeaks(f, "conntest.TestNoLeaks")
	stop := make(chan bool)
	go func() { <-stop }()
	f.cleanup()
	close(stop)
	if !f.failed {
		t.Error("a goroutine left behind is found")
	}
}

// fake is a test that may fail.
type fake struct {
	testing.TB
	cleanup func()
	failed  bool
}

func (f *fake) Cleanup(c func())      { f.cleanup = c }
func (f *fake) Errorf(string, ...any) { f.failed = true }
