package bench

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// Subject is one thing to measure.
type Subject struct {
	Group  string // what it is compared within
	Name   string
	Anchor bool // the others of the group are given as ratios to this one
	Bytes  int  // that one run works on, or 0
	Run    func()
}

// Sizes are the payload sizes that masking and validation are measured at.
var Sizes = []int{16, 64, 125, 512, 4 << 10, 16 << 10, 64 << 10, 1 << 20}

// Subjects returns everything there is to measure, groups together.
func Subjects() []Subject {
	return slices.Concat(masks(), headers(), texts(), endpoints())
}

// Best runs the subjects of one group in turn, seven rounds of about the time
// given for each, and returns the nanoseconds of one run in each one's best
// round.
func Best(group []Subject, round time.Duration) []float64 {
	const rounds = 7
	times := make([]int, len(group))
	for i, s := range group {
		times[i] = 1
		for took := time.Duration(0); took < round/4; times[i] *= 2 {
			took = run(s, times[i])
		}
	}
	best := make([]float64, len(group))
	for r := range rounds {
		for i, s := range group {
			ns := float64(run(s, times[i])) / float64(times[i])
			if r == 0 || ns < best[i] {
				best[i] = ns
			}
		}
	}
	return best
}

func run(s Subject, times int) time.Duration {
	from := time.Now()
	for range times {
		s.Run()
	}
	return time.Since(from)
}

var key = frame.MaskKey{0x37, 0xfa, 0x21, 0x3d}

// aligned returns n bytes that start offset bytes after the start of a page.
// Pages are found without unsafe: what is larger than the allocator's classes
// starts on one.
func aligned(n, offset int) []byte {
	return make([]byte, max(n+offset, 64<<10))[offset:][:n]
}

func masks() (all []Subject) {
	for _, offset := range []int{0, 1} {
		for _, n := range Sizes {
			group := "mask " + size(n)
			if offset != 0 {
				group += ", offset 1"
			}
			b, to := aligned(n, offset), aligned(n, offset)
			all = append(all,
				Subject{group, "memcpy", true, n, func() { copy(to, b) }},
				Subject{group, "Mask", false, n, func() { frame.Mask(b, key, 0) }},
				Subject{group, "MaskCopy", false, n, func() { frame.MaskCopy(to, b, key, 0) }},
				Subject{group, "byte loop", false, n, func() { maskBytes(b, key) }},
			)
		}
	}
	return all
}

// maskBytes is the definition of RFC 6455 §5.3.
func maskBytes(b []byte, key frame.MaskKey) {
	for i := range b {
		b[i] ^= key[i&3]
	}
}

// The results of what would otherwise be optimised away.
var (
	sinkHeader frame.Header
	sinkInt    int
	sinkBytes  []byte
)

func headers() (all []Subject) {
	for _, length := range []int64{5, 125, 126, 65535, 65536} {
		for _, masked := range []bool{false, true} {
			h := frame.Header{Fin: true, Opcode: frame.Binary, Masked: masked, Length: length}
			name := " header, length " + size(int(length))
			if masked {
				h.Key = key
				name += ", masked"
			}
			wire := h.Append(nil)
			room := make([]byte, 0, frame.MaxHeaderSize)
			all = append(all,
				Subject{"parse" + name, "slice floor", true, 0, func() { sinkInt = parseFloor(&sinkHeader, wire) }},
				Subject{"parse" + name, "Header.Parse", false, 0, func() { sinkInt, _ = sinkHeader.Parse(wire) }},
				Subject{"parse" + name, "ParseHeader", false, 0, func() { sinkHeader, sinkInt, _ = frame.ParseHeader(wire) }},
				Subject{"append" + name, "slice floor", true, 0, func() { sinkBytes = appendFloor(room, &h) }},
				Subject{"append" + name, "Header.Append", false, 0, func() { sinkBytes = h.Append(room) }},
			)
		}
	}
	return all
}

// parseFloor takes a header apart and checks nothing, not even whether it is
// whole. Like Header.Parse it fills a header where that is: to return one is
// to copy it, which costs more than all the rest.
//
//go:noinline
func parseFloor(h *frame.Header, b []byte) (n int) {
	h.Fin = b[0]&0x80 != 0
	h.RSV = frame.RSV(b[0] >> 4 & 7)
	h.Opcode = frame.Opcode(b[0] & 15)
	h.Masked = b[1]&0x80 != 0
	n = 2
	switch length := b[1] & 0x7f; length {
	default:
		h.Length = int64(length)
	case 126:
		h.Length = int64(binary.BigEndian.Uint16(b[2:]))
		n = 4
	case 127:
		h.Length = int64(binary.BigEndian.Uint64(b[2:]))
		n = 10
	}
	if h.Masked {
		h.Key = frame.MaskKey(b[n:])
		n += 4
	}
	return n
}

// appendFloor puts a header together without a check.
//
//go:noinline
func appendFloor(dst []byte, h *frame.Header) []byte {
	b0 := byte(h.RSV)<<4 | byte(h.Opcode)
	if h.Fin {
		b0 |= 0x80
	}
	b1 := byte(0)
	if h.Masked {
		b1 = 0x80
	}
	switch {
	case h.Length < 126:
		dst = append(dst, b0, b1|byte(h.Length))
	case h.Length < 65536:
		dst = append(dst, b0, b1|126, byte(h.Length>>8), byte(h.Length))
	default:
		dst = append(dst, b0, b1|127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(h.Length))
	}
	if h.Masked {
		dst = append(dst, h.Key[:]...)
	}
	return dst
}

func texts() (all []Subject) {
	for _, script := range []struct{ name, sample string }{
		{"ASCII", "The quick brown fox jumps over the lazy dog. "},
		{"Cyrillic", "Съешь же ещё этих мягких французских булок. "},
		{"Japanese", "いろはにほへとちりぬるを"},
		{"mixed", "naïve café, 世界 ✓ and mostly plain words "},
	} {
		for _, n := range Sizes {
			group := "validate " + size(n) + " of " + script.name
			b := text(script.sample, n)
			all = append(all,
				Subject{group, "utf8.Valid", true, n, func() { utf8.Valid(b) }},
				Subject{group, "UTF8.Write", false, n, func() {
					var u frame.UTF8
					u.Write(b)
				}},
			)
		}
	}
	return all
}

// text returns n bytes of valid text: the sample over and over.
func text(sample string, n int) []byte {
	b := []byte(strings.Repeat(sample, n/len(sample)+1)[:n])
	for i := len(b) - 1; !utf8.Valid(b); i-- {
		b[i] = '.'
	}
	return b
}

// endpoints compares a server's reading of text with its reading of binary,
// and writing with memcpy.
func endpoints() (all []Subject) {
	for _, n := range []int{125, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 128 << 10, 1 << 20} {
		group := "server reads " + size(n)
		read := reader(text("The quick brown fox jumps over the lazy dog. ", n))
		all = append(all,
			Subject{group, "binary", true, n, func() { read(frame.Binary) }},
			Subject{group, "ASCII text", false, n, func() { read(frame.Text) }},
		)
	}
	for _, n := range []int{125, 16 << 10, 128 << 10} {
		payload := text("The quick brown fox jumps over the lazy dog. ", n)
		to := make([]byte, n)
		group := "write " + size(n)
		all = append(all,
			Subject{group, "memcpy", true, n, func() { copy(to, payload) }},
			Subject{group, "server", false, n, writer(proto.Server, payload)},
			Subject{group, "client", false, n, writer(proto.Client, payload)},
		)
	}
	return all
}

// reader returns a function that feeds a server one whole message of a type.
// Both types lie in the same buffer, as where a buffer lies matters. Its
// masking key is zero, so that unmasking leaves the message as it is for the
// next run; it costs what it costs with any other.
func reader(payload []byte) func(frame.Opcode) {
	h := frame.Header{Fin: true, Masked: true, Length: int64(len(payload))}
	buf := append(h.Append(nil), payload...)
	e := proto.New(proto.Server, proto.Options{})
	return func(op frame.Opcode) {
		buf[0] = 0x80 | byte(op)
		if ev, _, err := e.Next(buf); err != nil || !ev.Fin {
			panic("BUG: the message was not read")
		}
	}
}

// writer returns a function that appends one binary message to an empty
// buffer with room for it.
func writer(role proto.Role, payload []byte) func() {
	e := proto.New(role, proto.Options{NewMaskKey: func() frame.MaskKey { return key }})
	room := make([]byte, 0, len(payload)+frame.MaxHeaderSize)
	return func() { sinkBytes, _ = e.AppendFrame(room, frame.Binary, payload, true) }
}

// size prints a number of bytes as the tables do.
func size(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return strconv.Itoa(n>>20) + " MiB"
	case n >= 1<<10 && n%(1<<10) == 0:
		return strconv.Itoa(n>>10) + " KiB"
	}
	return strconv.Itoa(n) + " B"
}
