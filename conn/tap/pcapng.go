package tap

import (
	"encoding/binary"
	"io"
	"time"
)

// Block types, option codes and values of the pcapng format
// (draft-ietf-opsawg-pcapng §4).
const (
	blockSection   = 0x0A0D0D0A
	blockInterface = 0x00000001
	blockPacket    = 0x00000006

	byteOrderMagic = 0x1A2B3C4D
	linkEthernet   = 1

	optEnd         = 0
	optComment     = 1
	optApplication = 4 // section: name of the program that wrote it
	optName        = 2 // interface
	optDescription = 3 // interface
	optResolution  = 9 // interface: negative power of ten of a second
)

// Pcapng writes a packet capture in the pcapng format, which Wireshark and
// tshark open. The recorder has no packets, only two streams of bytes, and
// makes the packets up: Ethernet, IP and TCP with right checksums, sequence
// numbers, an opening and a closing of each direction.
//
// The server's port is always 80, whatever it was. Wireshark picks a dissector
// by port first, and what is recorded is HTTP and WebSocket in the clear, even
// from a TLS connection. A comment at the first packet of a connection says
// what the server really was.
type Pcapng struct {
	w       *output
	flows   map[int]*flow
	started bool
	block   []byte
}

// NewPcapng returns a writer of packet captures to w.
func NewPcapng(w io.Writer) *Pcapng {
	return &Pcapng{w: newOutput(w), flows: make(map[int]*flow)}
}

// Write records an event. Only openings, bytes and ends make packets.
func (p *Pcapng) Write(e *Event) error {
	if !p.started {
		p.started = true
		p.preamble()
	}
	f := p.flows[e.Conn]
	switch {
	case e.Kind == Opened:
		f = newFlow(e.Peers)
		p.flows[e.Conn] = f
		f.open(func(b []byte, comment string) { p.packet(e.Time, b, comment) })
	case f == nil:
	case e.Kind == Bytes:
		f.send(e.From, e.Data, func(b []byte) { p.packet(e.Time, b, "") })
	case e.Kind == Ended:
		f.end(e.From, e.Err, func(b []byte) { p.packet(e.Time, b, "") })
		if f.over() {
			delete(p.flows, e.Conn)
		}
	}
	return p.w.err
}

// Flush writes what is buffered.
func (p *Pcapng) Flush() error { return p.w.Flush() }

func (p *Pcapng) preamble() {
	p.begin(blockSection)
	p.u32(byteOrderMagic)
	p.u16(1) // version 1.0
	p.u16(0)
	p.u32(0xFFFFFFFF) // length of the section: not known
	p.u32(0xFFFFFFFF)
	p.option(optApplication, "octet tap")
	p.option(optEnd, "")
	p.finish()

	p.begin(blockInterface)
	p.u16(linkEthernet)
	p.u16(0)
	p.u32(0) // packets are never cut
	p.option(optName, "octet")
	p.option(optDescription, "plaintext of WebSocket connections in synthetic packets")
	p.option(optResolution, "\x09") // nanoseconds
	p.option(optEnd, "")
	p.finish()
}

func (p *Pcapng) packet(at time.Time, b []byte, comment string) {
	t := uint64(at.UnixNano())
	p.begin(blockPacket)
	p.u32(0) // interface
	p.u32(uint32(t >> 32))
	p.u32(uint32(t))
	p.u32(uint32(len(b)))
	p.u32(uint32(len(b)))
	p.block = append(p.block, b...)
	p.pad()
	if comment != "" {
		p.option(optComment, comment)
		p.option(optEnd, "")
	}
	p.finish()
}

// A block is its type, its length, its body, and its length again; the length
// counts all of that and is a multiple of four.

func (p *Pcapng) begin(kind uint32) {
	p.block = p.block[:0]
	p.u32(kind)
	p.u32(0)
}

func (p *Pcapng) finish() {
	n := uint32(len(p.block) + 4)
	p.u32(n)
	binary.LittleEndian.PutUint32(p.block[4:], n)
	p.w.Write(p.block)
}

func (p *Pcapng) option(code uint16, value string) {
	p.u16(code)
	p.u16(uint16(len(value)))
	p.block = append(p.block, value...)
	p.pad()
}

func (p *Pcapng) pad() {
	for len(p.block)%4 != 0 {
		p.block = append(p.block, 0)
	}
}

func (p *Pcapng) u16(v uint16) { p.block = binary.LittleEndian.AppendUint16(p.block, v) }
func (p *Pcapng) u32(v uint32) { p.block = binary.LittleEndian.AppendUint32(p.block, v) }
