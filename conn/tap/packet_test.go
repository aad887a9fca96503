package tap

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"
	"time"
)

// readPcapng reads back the packets of a capture, checking the structure of
// every block on the way.
func readPcapng(t *testing.T, b []byte) (packets [][]byte, comments []string) {
	t.Helper()
	for len(b) > 0 {
		if len(b) < 12 {
			t.Fatalf("%d bytes are left, too few for a block", len(b))
		}
		kind, n := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		if n%4 != 0 || int(n) > len(b) || binary.LittleEndian.Uint32(b[n-4:]) != n {
			t.Fatalf("block %#x: length %d is not repeated at its end", kind, n)
		}
		body := b[8 : n-4]
		if kind == blockPacket {
			size := binary.LittleEndian.Uint32(body[12:])
			packets = append(packets, body[20:20+size])
			if options := body[20+(size+3)/4*4:]; len(options) > 0 {
				length := binary.LittleEndian.Uint16(options[2:])
				comments = append(comments, string(options[4:4+length]))
			}
		}
		b = b[n:]
	}
	return packets, comments
}

// segment is a packet taken apart by code that shares nothing with what made it.
type segment struct {
	from, to  netip.AddrPort
	seq, ack  uint32
	flags     byte
	payload   []byte
	checksums bool
}

func dissect(t *testing.T, p []byte) segment {
	t.Helper()
	var s segment
	var src, dst netip.Addr
	var tcp, pseudo []byte
	switch proto := binary.BigEndian.Uint16(p[12:]); proto {
	case 0x0800:
		ip := p[14:34]
		src, _ = netip.AddrFromSlice(ip[12:16])
		dst, _ = netip.AddrFromSlice(ip[16:20])
		tcp = p[34:]
		if total := int(binary.BigEndian.Uint16(ip[2:])); total != len(p)-14 {
			t.Fatalf("the IP header says %d bytes, the packet has %d", total, len(p)-14)
		}
		s.checksums = onesSum(ip) == 0xFFFF
		pseudo = append(pseudo, ip[12:20]...)
		pseudo = append(pseudo, 0, 6)
		pseudo = binary.BigEndian.AppendUint16(pseudo, uint16(len(tcp)))
	case 0x86DD:
		ip := p[14:54]
		src, _ = netip.AddrFromSlice(ip[8:24])
		dst, _ = netip.AddrFromSlice(ip[24:40])
		tcp = p[54:]
		s.checksums = true
		pseudo = append(pseudo, ip[8:40]...)
		pseudo = binary.BigEndian.AppendUint32(pseudo, uint32(len(tcp)))
		pseudo = append(pseudo, 0, 0, 0, 6)
	default:
		t.Fatalf("EtherType %#x", proto)
	}
	s.checksums = s.checksums && onesSum(append(pseudo, tcp...)) == 0xFFFF
	s.from = netip.AddrPortFrom(src, binary.BigEndian.Uint16(tcp))
	s.to = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(tcp[2:]))
	s.seq, s.ack = binary.BigEndian.Uint32(tcp[4:]), binary.BigEndian.Uint32(tcp[8:])
	s.flags = tcp[13]
	s.payload = tcp[tcp[12]>>4*4:]
	return s
}

// onesSum is the ones' complement sum of RFC 1071 in its plainest form. Over
// data that holds its right checksum it is 0xFFFF.
func onesSum(b []byte) uint16 {
	var s uint64
	for i, c := range b {
		if i%2 == 0 {
			s += uint64(c) << 8
		} else {
			s += uint64(c)
		}
	}
	for s > 0xFFFF {
		s = s&0xFFFF + s>>16
	}
	return uint16(s)
}

func TestPacketsCarryTheStreams(t *testing.T) {
	const v4a, v4b = "192.0.2.1:40000", "192.0.2.2:9000"
	const v6a, v6b = "[2001:db8::1]:40000", "[2001:db8::2]:9000"
	big := make([]byte, 1<<20+3)
	for i := range big {
		big[i] = byte(i * 7)
	}
	for _, tt := range []struct{ name, client, server string }{
		{"IPv4", v4a, v4b},
		{"IPv6", v6a, v6b},
		{"IPv4 to IPv6", v4a, v6b},
		{"no addresses", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var peers Peers
			if tt.client != "" {
				peers.Client, peers.Server = netip.MustParseAddrPort(tt.client), netip.MustParseAddrPort(tt.server)
			}
			peers.URL = "wss://example.com/feed"
			var out bytes.Buffer
			w := NewPcapng(&out)
			at := time.Unix(1700000000, 123456789)
			events := []Event{
				{Kind: Opened, Peers: peers},
				{Kind: Bytes, From: Client, Data: []byte("GET / HTTP/1.1\r\n\r\n")},
				{Kind: Bytes, From: Server, Data: []byte("HTTP/1.1 101 Switching Protocols\r\n\r\n")},
				{Kind: Bytes, From: Client, Data: big},
				{Kind: Bytes, From: Server, Data: []byte("x")},
				{Kind: Ended, From: Client},
				{Kind: Bytes, From: Server, Data: []byte("last words")},
				{Kind: Ended, From: Server},
			}
			var want [2][]byte
			for _, e := range events {
				e.Time, e.Conn = at, 1
				if err := w.Write(&e); err != nil {
					t.Fatal(err)
				}
				want[e.From] = append(want[e.From], e.Data...)
			}
			w.Flush()
			packets, comments := readPcapng(t, out.Bytes())
			if len(comments) != 1 || !bytes.Contains([]byte(comments[0]), []byte(peers.URL)) {
				t.Errorf("comments are %q; want one, which names %s", comments, peers.URL)
			}
			checkStreams(t, packets, want)
		})
	}
}

// checkStreams replays packets as the two TCPs would and wants every packet to
// be in sequence, acknowledged by what was received, and the streams to be
// those given, opened and closed.
func checkStreams(t *testing.T, packets [][]byte, want [2][]byte) {
	t.Helper()
	var next [2]uint32 // expected sequence numbers
	var got [2][]byte
	var fin [2]bool
	client := dissect(t, packets[0]).from
	for i, p := range packets {
		s := dissect(t, p)
		from := Client
		if s.from != client {
			from = Server
		}
		if !s.checksums {
			t.Fatalf("packet %d: a checksum is wrong", i)
		}
		if s.to.Port() != httpPort && s.from.Port() != httpPort {
			t.Fatalf("packet %d goes from %v to %v, neither at port 80", i, s.from, s.to)
		}
		if len(p) > 14+1500 {
			t.Fatalf("packet %d has %d bytes, more than Ethernet carries", i, len(p))
		}
		if s.seq != next[from] {
			t.Fatalf("packet %d from the %v has sequence number %d, want %d", i, from, s.seq, next[from])
		}
		if s.flags&flagACK != 0 && s.ack != next[1-from] {
			t.Fatalf("packet %d from the %v acknowledges %d, want %d", i, from, s.ack, next[1-from])
		}
		if s.flags&flagACK == 0 && i > 0 {
			t.Fatalf("packet %d acknowledges nothing", i)
		}
		if fin[from] && len(s.payload) > 0 {
			t.Fatalf("packet %d carries data behind a FIN", i)
		}
		got[from] = append(got[from], s.payload...)
		next[from] += uint32(len(s.payload))
		if s.flags&flagSYN != 0 {
			next[from]++
		}
		if s.flags&flagFIN != 0 {
			next[from]++
			fin[from] = true
		}
	}
	for side := range got {
		if !bytes.Equal(got[side], want[side]) {
			t.Errorf("the %v's stream has %d bytes in the packets that are not the %d it sent",
				Side(side), len(got[side]), len(want[side]))
		}
		if !fin[side] {
			t.Errorf("the %v's stream has no FIN", Side(side))
		}
	}
}

func TestAnErrorIsAReset(t *testing.T) {
	var out bytes.Buffer
	w := NewPcapng(&out)
	w.Write(&Event{Conn: 7, Kind: Opened})
	w.Write(&Event{Conn: 7, Kind: Ended, From: Server, Err: errors.New("connection reset by peer")})
	w.Write(&Event{Conn: 7, Kind: Ended, From: Client})
	w.Flush()
	packets, _ := readPcapng(t, out.Bytes())
	if n := len(packets); n != 4 {
		t.Fatalf("%d packets, want three to open and one to reset", n)
	}
	if s := dissect(t, packets[3]); s.flags&flagRST == 0 || s.from.Port() != httpPort {
		t.Errorf("the last packet is %+v, want an RST from the server", s)
	}
}

// FuzzPackets holds that any two streams, in any pieces, come out of the
// packets as they went in.
func FuzzPackets(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), []byte{0x81, 0}, uint16(3))
	f.Add(make([]byte, 5000), make([]byte, 1461), uint16(1460))
	f.Fuzz(func(t *testing.T, a, b []byte, piece uint16) {
		size := max(int(piece)+1, (len(a)+len(b))/200) // a packet is 60 bytes dearer than its payload
		var out bytes.Buffer
		w := NewPcapng(&out)
		e := Event{Conn: 1, Kind: Opened}
		w.Write(&e)
		streams := [2][]byte{a, b}
		rest := streams
		for len(rest[0])+len(rest[1]) > 0 {
			for side := range rest {
				n := min(len(rest[side]), size)
				w.Write(&Event{Conn: 1, Kind: Bytes, From: Side(side), Data: rest[side][:n]})
				rest[side] = rest[side][n:]
			}
		}
		w.Write(&Event{Conn: 1, Kind: Ended, From: Client})
		w.Write(&Event{Conn: 1, Kind: Ended, From: Server})
		w.Flush()
		packets, _ := readPcapng(t, out.Bytes())
		checkStreams(t, packets, streams)
	})
}
