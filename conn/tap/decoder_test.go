package tap

import (
	"bytes"
	"compress/flate"
	"strings"
	"testing"

	"github.com/octet-ws/octet/frame"
)

// FuzzRecorder holds for any two streams, in any pieces, that they come out of
// the Bytes events whole and in order, with at most asterisks in the place of
// bytes, that every other event lies within them, and that no preview is
// longer than it may be.
func FuzzRecorder(f *testing.F) {
	f.Add([]byte(request+unhex("818537fa213d7f9f4d5158")), []byte(answer+unhex("810548656c6c6f8800")), uint8(1))
	f.Add([]byte(request+request), []byte("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno"+answer), uint8(3))
	f.Add([]byte("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\n\r\nx"), uint8(5))
	f.Add([]byte(requestText+"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
		[]byte(answerText+"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"+unhex("c107f248cdc9c90700")), uint8(0))
	f.Add([]byte{0x16, 3, 1}, []byte("SSH-2.0\r\n"), uint8(9))
	f.Fuzz(func(t *testing.T, client, server []byte, piece uint8) {
		const most = 16
		streams := [2][]byte{client, server}
		var out [2][]byte
		var ended [2]bool
		d := newDecoder(&Options{Preview: most, HeadBytes: 300}, 1, func(e *Event) {
			end := e.Offset + e.Length
			switch e.Kind {
			case Bytes:
				if e.Offset != int64(len(out[e.From])) {
					t.Fatalf("bytes at %d follow those up to %d", e.Offset, len(out[e.From]))
				}
				out[e.From] = append(out[e.From], e.Data...)
			case Framed:
				kept := max(most, frame.MaxControlPayload*int(e.Frame.Opcode>>3))
				if len(e.Frame.Payload) > kept || e.Frame.Left < 0 || e.Frame.Missing < 0 {
					t.Fatalf("a frame with %d bytes kept, %d left out, %d missing", len(e.Frame.Payload), e.Frame.Left, e.Frame.Missing)
				}
			case Body, Opaque:
				if len(e.Data) > most {
					t.Fatalf("a preview of %d bytes", len(e.Data))
				}
			case Ended:
				ended[e.From] = true
				end = e.Offset
			}
			if e.Offset < 0 || end > int64(len(streams[e.From])) {
				t.Fatalf("a %v event lies at %d to %d of %d bytes", e.Kind, e.Offset, end, len(streams[e.From]))
			}
		})
		rest := streams
		for len(rest[0])+len(rest[1]) > 0 {
			for side := range rest {
				n := min(len(rest[side]), int(piece)+1)
				d.bytes(start, Side(side), bytes.Clone(rest[side][:n]))
				rest[side] = rest[side][n:]
			}
		}
		for side, stream := range streams {
			d.end(start, Side(side), nil)
			if !ended[side] || len(out[side]) != len(stream) {
				t.Fatalf("of %d bytes of the %v's, %d came out; its end: %v", len(stream), Side(side), len(out[side]), ended[side])
			}
			for i, c := range out[side] {
				if c != stream[i] && c != '*' {
					t.Fatalf("byte %d of the %v's changed from %#x to %#x", i, Side(side), stream[i], c)
				}
			}
		}
	})
}

// TestBombsAreNotInflated holds that a message that inflates beyond all bounds
// costs bounded work and is no error.
func TestBombsAreNotInflated(t *testing.T) {
	var bomb bytes.Buffer
	w, _ := flate.NewWriter(&bomb, flate.HuffmanOnly)
	zeros := make([]byte, 1<<20)
	for range 1 + maxInflated>>20 {
		w.Write(zeros)
	}
	w.Flush()
	i := &inflater{takeover: true, max: 10}
	i.add(bomb.Bytes())
	if m, fault := i.end(); m != nil || fault != "" {
		t.Errorf("the bomb gave %+v, %q; want neither a message nor a fault", m, fault)
	}
	i.add([]byte(unhex("f248cdc9c90700")))
	if m, fault := i.end(); m != nil || fault != "" {
		t.Errorf("the message behind it gave %+v, %q, though its context is unknown", m, fault)
	}
}

// TestLongFramesAreNotKept records a frame far larger than the preview.
func TestLongFramesAreNotKept(t *testing.T) {
	f := frames{from: Server, max: 8}
	f.take([]byte(unhex("82 7f 0000000100000000"))) // 4 GiB
	chunk := make([]byte, 1<<20)
	perChunk := testing.AllocsPerRun(10, func() { f.take(chunk) })
	if len(f.cur.Payload) != 8 || cap(f.scratch) > 8192 || perChunk > 0 {
		t.Errorf("%d bytes of payload are kept, %d of scratch, and each chunk costs %v allocations",
			len(f.cur.Payload), cap(f.scratch), perChunk)
	}
}

func TestRedact(t *testing.T) {
	for _, tt := range []struct{ in, want, fields string }{
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
		{"GET http://u:p@h/x HTTP/1.1\r\n\r\n", "GET http://***@h/x HTTP/1.1\r\n\r\n", "(userinfo)"},
		{"GET http://h/x@y HTTP/1.1\r\n\r\n", "GET http://h/x@y HTTP/1.1\r\n\r\n", ""},
		{"A: b\r\ncookie:a=b; c=d \r\nB: c\r\n", "A: b\r\ncookie:******** \r\nB: c\r\n", "cookie"},
		{"Authorization : Basic x\r\n\ty\r\nA: z\r\n", "Authorization : *******\r\n\t*\r\nA: z\r\n", "Authorization"},
		{"Set-Cookie: a\nSet-Cookie: b\n", "Set-Cookie: *\nSet-Cookie: *\n", "Set-Cookie"},
		{"Location: https://u@h, ws://v:w@i/\r\n", "Location: https://*@h, ws://***@i/\r\n", "(userinfo)"},
		{"Proxy-Authorization: Ba", "Proxy-Authorization: **", "Proxy-Authorization"},
		{"GET http://user:pa", "GET http://*******", "(userinfo)"},
		{"A: b\r\n Cookie: c\r\n", "A: b\r\n Cookie: c\r\n", ""}, // belongs to A
	} {
		head := []byte(tt.in)
		fields := strings.Join(Redact(head), ",")
		if string(head) != tt.want || fields != tt.fields {
			t.Errorf("%q became %q, for %q; want %q, for %q", tt.in, head, fields, tt.want, tt.fields)
		}
	}
}
