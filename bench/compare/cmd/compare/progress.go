//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress is one line at a terminal that is written over; elsewhere nothing.
type progress struct {
	w           io.Writer // nil: silent
	start       time.Time
	done, total int
}

func newProgress(w io.Writer) *progress {
	p := &progress{start: time.Now()}
	if f, ok := w.(*os.File); ok {
		if fi, err := f.Stat(); err == nil && fi.Mode()&os.ModeCharDevice != 0 {
			p.w = w
		}
	}
	return p
}

// step says what is done next. The time left is guessed from the steps so far.
func (p *progress) step(format string, args ...any) {
	p.done++
	if p.w == nil {
		return
	}
	left := ""
	if p.done > 1 && p.total >= p.done {
		per := time.Since(p.start) / time.Duration(p.done-1)
		left = fmt.Sprintf(", %v left", (per * time.Duration(p.total-p.done+1)).Round(time.Second))
	}
	fmt.Fprintf(p.w, "\r\x1b[K%d of %d: %s%s", p.done, p.total, fmt.Sprintf(format, args...), left)
}

func (p *progress) clear() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
