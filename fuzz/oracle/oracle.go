// Package oracle reads WebSocket frames slowly: a decoder written from the
// text of RFC 6455, sentence by sentence, for inputs that are there as a
// whole. It shares no code with the packages it judges, keeps no state between
// calls and is not fast. Fuzz targets compare conn/proto with it.
package oracle

import "fmt"

// Config is what a connection was set up with. Limits of 0 are no limits.
type Config struct {
	Server           bool // the reader is the server
	Compression      bool // permessage-deflate was agreed
	AllowLongLengths bool
	MaxFrame         uint64
	MaxMessage       uint64
	MaxFragments     int
}

// Fault is a rule that the input breaks: the section and the code to fail the
// connection with.
type Fault struct {
	Section string
	Code    int
}

// Read decodes what a peer sent. events has a line for each whole message and
// control frame, in order. faults has every rule that the first faulty frame
// breaks, as an implementation may look for them in any order; it is empty if
// the input is flawless as far as it goes. What follows a Close or a fault
// does not matter (§5.5.1, §7.1.7).
func Read(wire []byte, c Config) (events []string, faults []Fault) {
	var message []byte // of the message under way
	var kind byte      // its opcode; 0 if there is none
	var compressed bool
	var fragments int

	for {
		f, ok := parse(wire)
		if !ok {
			return events, nil
		}
		faults := f.faults(c)
		fault := func(section string, code int) { faults = append(faults, Fault{section, code}) }

		control := f.opcode >= 8
		if !control {
			// §5.4: the first frame has an opcode other than 0, the others 0.
			if f.opcode == 0 && kind == 0 || f.opcode != 0 && kind != 0 {
				fault("5.4", 1002)
			}
			if f.opcode != 0 {
				message, kind, compressed, fragments = nil, f.opcode, f.rsv1, 0
			}
			fragments++
			// §10.4: limits on the frame, on the message, and on its fragments.
			if c.MaxFrame > 0 && f.length > c.MaxFrame ||
				c.MaxMessage > 0 && uint64(len(message))+f.length > c.MaxMessage ||
				c.MaxFragments > 0 && fragments > c.MaxFragments ||
				uint64(len(message))+f.length > 1<<63-1 {
				fault("10.4", 1009)
			}
			message = append(message, f.payload...)
			// §8.1: text is UTF-8, as far as it is there.
			if kind == 1 && !compressed {
				valid, complete := Text(message)
				if valid < len(message) || f.whole && f.fin && !complete {
					fault("8.1", 1007)
				}
			}
		}
		code, reason := 1005, []byte(nil)
		if f.opcode == 8 && f.whole {
			// §5.5.1: a body begins with two bytes of code; the reason is UTF-8.
			switch p := f.payload; {
			case len(p) == 1:
				fault("5.5.1", 1002)
			case len(p) >= 2:
				code, reason = int(p[0])<<8|int(p[1]), p[2:]
				if !mayBeSent(code) {
					fault("7.4", 1002)
				}
				if valid, complete := Text(reason); valid < len(reason) || !complete {
					fault("5.5.1", 1007)
				}
			}
		}
		if len(faults) > 0 {
			return events, faults
		}
		if !f.whole {
			return events, nil
		}
		switch {
		case f.opcode == 8:
			return append(events, fmt.Sprintf("close %d %q", code, reason)), nil
		case f.opcode == 9:
			events = append(events, fmt.Sprintf("ping %q", f.payload))
		case f.opcode == 10:
			events = append(events, fmt.Sprintf("pong %q", f.payload))
		case f.fin:
			events = append(events, Message(kind, compressed, message))
			kind = 0
		}
		wire = f.rest
	}
}

// Message is the line for a message.
func Message(opcode byte, compressed bool, payload []byte) string {
	s := map[byte]string{1: "text", 2: "binary"}[opcode]
	if compressed {
		s = "compressed " + s
	}
	return fmt.Sprintf("%s %q", s, payload)
}

// frame is one frame, or its header and what is there of its payload.
type frame struct {
	fin, rsv1, rsv2, rsv3 bool
	opcode                byte
	masked                bool
	length                uint64
	lengthBytes           int // that hold the length beside the seven bits
	payload               []byte
	whole                 bool
	rest                  []byte
}

// parse takes the frame at the start of wire apart as the figure of §5.2 has
// it, bit by bit. It fails if the header is not whole.
func parse(wire []byte) (f frame, ok bool) {
	bit := 0
	take := func(n int) (v uint64) {
		for range n {
			v = v<<1 | uint64(wire[bit/8]>>(7-bit%8)&1)
			bit++
		}
		return v
	}
	has := func(n int) bool { return len(wire)*8-bit >= n }

	if !has(16) {
		return f, false
	}
	f.fin, f.rsv1, f.rsv2, f.rsv3 = take(1) == 1, take(1) == 1, take(1) == 1, take(1) == 1
	f.opcode = byte(take(4))
	f.masked = take(1) == 1
	f.length = take(7)
	switch f.length {
	case 126:
		f.lengthBytes = 2
	case 127:
		f.lengthBytes = 8
	}
	if !has(f.lengthBytes * 8) {
		return f, false
	}
	if f.lengthBytes > 0 {
		f.length = take(f.lengthBytes * 8)
	}
	var key [4]byte
	if f.masked {
		if !has(32) {
			return f, false
		}
		for i := range key {
			key[i] = byte(take(8))
		}
	}
	// §5.3: octet i of the payload is XORed with octet i modulo 4 of the key.
	for uint64(len(f.payload)) < f.length && has(8) {
		f.payload = append(f.payload, byte(take(8))^key[len(f.payload)%4])
	}
	f.whole = uint64(len(f.payload)) == f.length
	f.rest = wire[bit/8:]
	return f, true
}

// faults finds what is wrong with the header by itself and with who sent it.
func (f frame) faults(c Config) (faults []Fault) {
	fault := func(section string, code int) { faults = append(faults, Fault{section, code}) }

	// §5.2: RSV bits are 0 unless an extension defines them. RFC 7692 §6
	// defines RSV1 for the first frame of a message.
	if f.rsv1 && !(c.Compression && (f.opcode == 1 || f.opcode == 2)) || f.rsv2 || f.rsv3 {
		fault("5.2", 1002)
	}
	// §5.2: opcodes 3 to 7 and B to F are reserved.
	switch f.opcode {
	case 0, 1, 2, 8, 9, 10:
	default:
		fault("5.2", 1002)
	}
	// §5.2: the most significant bit of a 64-bit length is 0, and the fewest
	// bytes are used.
	if f.length >= 1<<63 {
		fault("5.2", 1002)
	}
	if !c.AllowLongLengths && (f.lengthBytes == 2 && f.length < 126 || f.lengthBytes == 8 && f.length < 1<<16) {
		fault("5.2", 1002)
	}
	// §5.5: control frames have at most 125 bytes and are not fragmented.
	if f.opcode >= 8 && (f.length > 125 || !f.fin) {
		fault("5.5", 1002)
	}
	// §5.1: a client masks all frames, a server none.
	if f.masked != c.Server {
		fault("5.1", 1002)
	}
	return faults
}

// mayBeSent is §7.4: which codes may stand in a Close.
func mayBeSent(code int) bool {
	switch code {
	case 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011: // §7.4.1
		return true
	case 1012, 1013, 1014: // registered with IANA later
		return true
	}
	return code >= 3000 && code <= 4999 // §7.4.2
}
