package proto

import (
	"reflect"
	"testing"
)

// TestEventFitsRegisters holds Event to what the compiler keeps in registers:
// four words, and four fields in a struct.
func TestEventFitsRegisters(t *testing.T) {
	event := reflect.TypeFor[Event]()
	if most := 4 * reflect.TypeFor[uintptr]().Size(); event.Size() > most && most == 32 {
		t.Errorf("an Event has %d bytes, want %d at most", event.Size(), most)
	}
	for _, s := range []reflect.Type{event, reflect.TypeFor[Status](), reflect.TypeFor[Piece]()} {
		if n := s.NumField(); n > 4 {
			t.Errorf("%v has %d fields, want 4 at most", s, n)
		}
	}
}
