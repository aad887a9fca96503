package tap

import (
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
)

const (
	flagFIN = 0x01
	flagSYN = 0x02
	flagRST = 0x04
	flagPSH = 0x08
	flagACK = 0x10

	httpPort = 80

	// A segment is what fits an Ethernet frame of 1500 bytes, as in a capture
	// taken from a wire.
	segment4 = 1500 - 20 - 20
	segment6 = 1500 - 40 - 20

	// The receiving side acknowledges at least this often, so that no analysis
	// finds more under way than the window, 65535 << windowShift, allows.
	ackEvery    = 1 << 20
	windowShift = 14
)

// A flow makes the packets of one TCP connection from the bytes that were sent
// on it. Invariant: next[s] is the sequence number of the next byte that side s
// will send, and acked[s] the last one that the other side has acknowledged.
type flow struct {
	addr  [2]netip.AddrPort
	next  [2]uint32
	acked [2]uint32
	done  [2]bool
	url   string
	buf   []byte
}

func newFlow(p Peers) *flow {
	f := &flow{url: p.URL}
	client, server := p.Client.Addr().Unmap(), p.Server.Addr().Unmap()
	if !client.IsValid() || !server.IsValid() || client.Is4() != server.Is4() {
		// One end is no IP endpoint, or the two are of different families,
		// which no packet can express.
		client, server = mapped(client, 1), mapped(server, 2)
	}
	port := p.Client.Port()
	if port == 0 {
		port = 49152
	}
	f.addr = [2]netip.AddrPort{netip.AddrPortFrom(client, port), netip.AddrPortFrom(server, httpPort)}
	return f
}

// mapped returns a as an IPv6 address: an IPv4 address within ::ffff:0:0/96,
// and none as 2001:db8::n, which is set aside for documentation.
func mapped(a netip.Addr, n byte) netip.Addr {
	if !a.IsValid() {
		return netip.AddrFrom16([16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 15: n})
	}
	return netip.AddrFrom16(a.As16())
}

func (f *flow) segment() int {
	if f.addr[Client].Addr().Is4() {
		return segment4
	}
	return segment6
}

// open emits the three packets that open a TCP connection (RFC 9293 §3.5).
func (f *flow) open(emit func(b []byte, comment string)) {
	comment := "octet tap: synthetic packets of a recorded byte stream"
	if f.url != "" {
		comment += "; the server is " + f.url
	}
	emit(f.packet(Client, flagSYN, nil), comment)
	f.next[Client]++
	emit(f.packet(Server, flagSYN|flagACK, nil), "")
	f.next[Server]++
	f.acked = f.next
	emit(f.packet(Client, flagACK, nil), "")
}

// send emits b as the next bytes from a side.
func (f *flow) send(from Side, b []byte, emit func([]byte)) {
	for len(b) > 0 {
		n := min(len(b), f.segment())
		flags := byte(flagACK)
		if n == len(b) {
			flags |= flagPSH
		}
		emit(f.packet(from, flags, b[:n]))
		f.next[from] += uint32(n)
		f.acked[1-from] = f.next[1-from] // every packet acknowledges all that came
		b = b[n:]
		if f.next[from]-f.acked[from] >= ackEvery {
			f.acked[from] = f.next[from]
			emit(f.packet(1-from, flagACK, nil))
		}
	}
}

// end emits the end of what a side sends: FIN and its acknowledgement, or RST
// after an error. A stream of TLS that was cut (io.ErrUnexpectedEOF) did end.
func (f *flow) end(from Side, err error, emit func([]byte)) {
	if f.done[from] {
		return
	}
	f.done[from] = true
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		emit(f.packet(from, flagRST|flagACK, nil))
		f.done[1-from] = true
		return
	}
	emit(f.packet(from, flagFIN|flagACK, nil))
	f.next[from]++
	emit(f.packet(1-from, flagACK, nil))
}

func (f *flow) over() bool { return f.done[Client] && f.done[Server] }

// packet builds an Ethernet frame with one TCP segment. The result is valid
// until the next call.
func (f *flow) packet(from Side, flags byte, payload []byte) []byte {
	src, dst := f.addr[from], f.addr[1-from]
	b := f.buf[:0]

	// Ethernet II. Locally administered addresses: 02:00:00:00:00:01 is the
	// client and :02 the server.
	b = append(b, 2, 0, 0, 0, 0, byte(2-from), 2, 0, 0, 0, 0, byte(1+from))
	tcpLen := 20 + len(payload)
	if flags&flagSYN != 0 {
		tcpLen += 8
	}
	var pseudo uint32 // the sum of the pseudo-header (RFC 9293 §3.1)
	if src.Addr().Is4() {
		b = append(b, 0x08, 0x00)
		ip := len(b)
		b = append(b, 0x45, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(20+tcpLen))
		b = append(b, 0, 0, 0x40, 0, 64, 6, 0, 0) // do not fragment, 64 hops, TCP
		b = append(append(b, src.Addr().AsSlice()...), dst.Addr().AsSlice()...)
		binary.BigEndian.PutUint16(b[ip+10:], checksum(sum(0, b[ip:ip+20])))
		pseudo = sum(0, b[ip+12:ip+20])
	} else {
		b = append(b, 0x86, 0xDD)
		ip := len(b)
		b = append(b, 0x60, 0, 0, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(tcpLen))
		b = append(b, 6, 64) // TCP, 64 hops
		b = append(append(b, src.Addr().AsSlice()...), dst.Addr().AsSlice()...)
		pseudo = sum(0, b[ip+8:ip+40])
	}
	pseudo += 6 + uint32(tcpLen)

	tcp := len(b)
	b = binary.BigEndian.AppendUint16(b, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint32(b, f.next[from])
	ack := uint32(0)
	if flags&flagACK != 0 {
		ack = f.next[1-from]
	}
	b = binary.BigEndian.AppendUint32(b, ack)
	b = append(b, byte((tcpLen-len(payload))/4)<<4, flags, 0xFF, 0xFF, 0, 0, 0, 0)
	if flags&flagSYN != 0 {
		b = append(b, 2, 4) // maximum segment size
		b = binary.BigEndian.AppendUint16(b, uint16(f.segment()))
		b = append(b, 3, 3, windowShift, 1) // window scale, padding
	}
	b = append(b, payload...)
	binary.BigEndian.PutUint16(b[tcp+16:], checksum(sum(pseudo, b[tcp:])))
	f.buf = b
	return b
}

// sum adds b to s as 16-bit words (RFC 1071 §1). A packet is too short for the
// sum to overflow.
func sum(s uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		s += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

func checksum(s uint32) uint16 {
	for s > 0xFFFF {
		s = s>>16 + s&0xFFFF
	}
	return ^uint16(s)
}
