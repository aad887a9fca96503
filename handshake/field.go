package handshake

import "strings"

// A Field is one field line of a head, as it stands on the wire:
//
//	Name Sep Value End
//
// The zero values of Sep and End stand for what almost every line has, so that
// Field{Name: "Origin", Value: "https://example.com"} is an ordinary line.
type Field struct {
	// Name as written; its case is kept. Names compare without regard to case.
	// A Field without Name is a raw line: Value and End, with no colon added.
	// The parser makes one of a line that is no field, such as the continuation
	// of a folded line.
	Name string
	// Value without the blanks around it.
	Value string
	// Sep is the colon with the blanks on its sides. If empty, ": ".
	Sep string
	// End is what follows Value: blanks, then the line end. If empty, "\r\n".
	End string
}

const (
	usualSep = ": "
	usualEnd = "\r\n"
)

// AppendRaw appends the line as it stands, unchecked.
func (f Field) AppendRaw(dst []byte) []byte { return append(dst, f.line()...) }

// line returns the line as it stands.
func (f *Field) line() string {
	line := f.Value + orUsual(f.End, usualEnd)
	if f.Name != "" {
		line = f.Name + orUsual(f.Sep, usualSep) + line
	}
	return line
}

func orUsual(s, usual string) string {
	if s == "" {
		return usual
	}
	return s
}

// Is reports whether the field has the given name, in any case of its letters.
func (f Field) Is(name string) bool { return isNamed(f.Name, name) }

// isName is inlined up to the comparison of what is most often equal.
func isName[T text](s T, name string) bool {
	return len(s) == len(name) && (string(s) == name || equalFold(s, name))
}

// isNamed is isName for who would rather be small than fast, as a client.
//
//go:noinline
func isNamed(s, name string) bool { return isName(s, name) }

// check reports what makes the line illegal to send.
func (f *Field) check() error {
	blanks, ok := strings.CutSuffix(orUsual(f.End, usualEnd), usualEnd)
	switch {
	case !IsToken(f.Name):
		return fault(MalformedField, f.Name, "")
	case f.Sep != "" && (f.Sep[0] != ':' || trimBlanks(f.Sep[1:]) != ""):
		return fault(SpaceBeforeColon, f.Name, "")
	case !ok || trimBlanks(blanks) != "":
		return fault(BareCR, f.Name, "")
	}
	return checkValue(f.Name, f.Value)
}

// checkValue reports what makes the value of a field illegal to send.
func checkValue(name, value string) error {
	if i := badValueChar(value); i >= 0 {
		err := fault(ControlInValue, name, value)
		err.Offset = i
		return err
	}
	return nil
}

// Fields is the ordered list of the field lines of a head. Its methods compare
// names without regard to case and keep the order of what they do not touch.
type Fields []Field

// Index returns the place of the first field of that name, or -1.
func (fs Fields) Index(name string) int {
	for i := range fs {
		if fs[i].Is(name) {
			return i
		}
	}
	return -1
}

// Has reports whether there is a field of that name.
func (fs Fields) Has(name string) bool { return fs.Index(name) >= 0 }

// Get returns the value of the first field of that name, or "".
func (fs Fields) Get(name string) string {
	if i := fs.Index(name); i >= 0 {
		return fs[i].Value
	}
	return ""
}

// Count returns the number of fields of that name.
func (fs Fields) Count(name string) int {
	n := 0
	for i := range fs {
		if fs[i].Is(name) {
			n++
		}
	}
	return n
}

// Values returns the values of all fields of that name, in order.
func (fs Fields) Values(name string) []string {
	var values []string
	for i := range fs {
		if fs[i].Is(name) {
			values = append(values, fs[i].Value)
		}
	}
	return values
}

// Add appends a field, whether or not there is one of that name already.
func (fs *Fields) Add(name, value string) {
	*fs = append(*fs, Field{Name: name, Value: value})
}

// Set gives the first field of that name the value and removes the others of
// that name; the name's case and the spacing of its line stay. If there is none,
// Set appends a field.
func (fs *Fields) Set(name, value string) {
	i := fs.Index(name)
	if i < 0 {
		fs.Add(name, value)
		return
	}
	(*fs)[i].Value = value
	kept := (*fs)[:i+1]
	for _, f := range (*fs)[i+1:] {
		if !f.Is(name) {
			kept = append(kept, f)
		}
	}
	clear((*fs)[len(kept):])
	*fs = kept
}

// Del removes all fields of that name.
func (fs *Fields) Del(name string) {
	kept := (*fs)[:0]
	for _, f := range *fs {
		if !f.Is(name) {
			kept = append(kept, f)
		}
	}
	clear((*fs)[len(kept):])
	*fs = kept
}

// Clone returns a copy that shares no array with fs.
func (fs Fields) Clone() Fields { return append(Fields(nil), fs...) }

// unfolded returns a copy of fs with every continuation line joined to the line
// before it.
func (fs Fields) unfolded() Fields {
	out := make(Fields, 0, len(fs))
	for i := 0; i < len(fs); {
		var f *Field
		f, i = fs.unfold(i)
		out = append(out, *f)
	}
	return out
}

// unfold returns the field at i with the continuation lines behind it, joined by
// one space each, as a client must read a folded answer (T2, RFC 9112 §5.2), and
// the index of the field behind them. It is the field in fs if there are none.
func (fs Fields) unfold(i int) (f *Field, next int) {
	f = &fs[i]
	for i++; i < len(fs) && fs[i].Name == "" && fs[i].Value != "" && isBlank(fs[i].Value[0]); i++ {
		f = &Field{Name: f.Name, Value: trimBlanks(f.Value + " " + trimBlanks(fs[i].Value))}
	}
	return f, i
}

// Names of the fields that RFC 6455 §11.3 and HTTP give a part in the handshake.
const (
	fieldHost       = "Host"
	fieldOrigin     = "Origin"
	fieldUpgrade    = "Upgrade"
	fieldConnection = "Connection"
	fieldKey        = "Sec-WebSocket-Key"
	fieldAccept     = "Sec-WebSocket-Accept"
	fieldVersion    = "Sec-WebSocket-Version"
	fieldProtocol   = "Sec-WebSocket-Protocol"
	fieldExtensions = "Sec-WebSocket-Extensions"
	fieldLength     = "Content-Length"
	fieldEncoding   = "Transfer-Encoding"
)
