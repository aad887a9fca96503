package conntest

import (
	"errors"
	"io"
)

// Fault is something that goes wrong in one direction of a transport after a
// number of bytes.
type Fault struct {
	After int // bytes that pass before it strikes
	Kind  FaultKind
	Err   error // what Fail returns
}

// FaultKind says what goes wrong.
type FaultKind uint8

const (
	Cut   FaultKind = iota + 1 // io.EOF for a reader, io.ErrClosedPipe for a writer
	Stall                      // nothing passes any more; deadlines and Close still work
	Fail                       // Fault.Err
	Short                      // a Write returns early without an error, against its contract
)

// String returns the kind in lower case.
func (k FaultKind) String() string {
	return [...]string{"no fault", "cut", "stall", "fail", "short"}[k]
}

var errShort = errors.New("conntest: short write")

// faults is the fault of one direction and how far it is.
type faults struct {
	fault  *Fault
	passed int
}

// limit returns how many more bytes may pass, and what happens then.
func (f *faults) limit() (int, error) {
	if f.fault == nil {
		return orAll(0), nil
	}
	if left := f.fault.After - f.passed; left > 0 {
		return left, nil
	}
	switch f.fault.Kind {
	case Cut:
		return 0, io.EOF
	case Fail:
		return 0, f.fault.Err
	case Short:
		return 0, errShort
	}
	return 0, nil // Stall
}

// FailReads makes f happen to the Reads of e.
func (e *End) FailReads(f Fault) { e.fail(&e.reading, f) }

// FailWrites makes f happen to the Writes of e. A Cut ends what the peer reads
// as well.
func (e *End) FailWrites(f Fault) { e.fail(&e.writing, f) }

func (e *End) fail(to *faults, f Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	*to = faults{fault: &f}
	e.wake.Broadcast()
}

// Mend undoes FailReads and FailWrites.
func (e *End) Mend() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reading.fault, e.writing.fault = nil, nil
	e.wake.Broadcast()
}

// Chunk makes each Read of e return n bytes at most; 1 is one byte at a time,
// 0 as many as there are.
func (e *End) Chunk(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.chunk = n
}
