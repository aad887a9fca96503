package tap

import (
	"errors"
	"time"

	"github.com/octet-ws/octet/handshake"
)

// A decoder turns the bytes of one connection into events. Each direction goes
// through phases of its own:
//
//	server:  head ──final answer──► body ──► head …        client:  head ──► body ──► wait ──answer──► head …
//	          └─────101───────────► frames                                              └──101──► frames
//
// and from any of them to opaque, when the bytes are not what they should be
// and cannot be followed. A client waits: only the answer says what its next
// bytes are.
type decoder struct {
	opts *Options
	emit func(*Event)
	conn int
	dirs [2]direction

	request  *handshake.Request // the last one seen, if it could be parsed
	method   string             // of the last request
	upgrade  bool               // the last request asks for WebSocket
	upgraded bool               // and the server answered 101
	pending  int                // requests without a final answer
}

type phase uint8

const (
	inHead phase = iota
	inBody
	waiting // for the answer
	inFrames
	opaque
)

type direction struct {
	phase  phase
	offset int64             // of the next byte that has not been consumed
	held   []byte            // bytes of an unfinished head, or of a client that waits
	scan   handshake.Scanner // looks for the end of the head in held
	out    []byte            // passed, and not yet emitted
	masked bool              // what is opaque is written as asterisks
	ended  bool

	body   body
	frames frames
	data   preview // of opaque bytes
}

func newDecoder(opts *Options, conn int, emit func(*Event)) *decoder {
	d := &decoder{opts: opts, conn: conn, emit: emit}
	for side := range d.dirs {
		d.dirs[side].data.max = opts.Preview
		d.dirs[side].frames = frames{from: Side(side), max: opts.Preview}
	}
	return d
}

func (d *decoder) open(at time.Time, p Peers) {
	d.send(&Event{Time: at, Kind: Opened, Peers: p})
}

func (d *decoder) send(e *Event) {
	e.Conn = d.conn
	d.emit(e)
}

// bytes takes the next bytes of a side. It may change b.
func (d *decoder) bytes(at time.Time, from Side, b []byte) {
	dir := &d.dirs[from]
	for len(b) > 0 {
		n := 0
		switch dir.phase {
		case inHead:
			n = d.head(at, from, b)
		case waiting:
			n = d.hold(at, from, b)
		case inBody:
			n = d.inBody(at, from, b)
		case inFrames:
			n = d.inFrames(at, from, b)
		case opaque:
			n = d.opaque(from, b)
		}
		b = b[n:]
	}
	d.flush(at, from)
}

// pass moves on behind bytes that are as the writers may see them.
func (d *decoder) pass(from Side, b []byte) {
	dir := &d.dirs[from]
	dir.out = append(dir.out, b...)
	dir.offset += int64(len(b))
}

// flush emits the bytes that were passed, so that what came in one piece is
// recorded in one.
func (d *decoder) flush(at time.Time, from Side) {
	dir := &d.dirs[from]
	if n := int64(len(dir.out)); n > 0 {
		d.send(&Event{Time: at, Kind: Bytes, From: from, Offset: dir.offset - n, Length: n, Data: dir.out})
		dir.out = dir.out[:0]
	}
}

func (d *decoder) fault(at time.Time, from Side, f ...Fault) {
	d.send(&Event{Time: at, Kind: Problem, From: from, Offset: d.dirs[from].offset, Problems: f})
}

// head gathers a head and returns how much of b belongs to it.
func (d *decoder) head(at time.Time, from Side, b []byte) int {
	dir := &d.dirs[from]
	before := len(dir.held)
	if before == 0 {
		dir.scan = handshake.Scanner{Limits: d.limits(), Response: from == Server}
	}
	dir.held = append(dir.held, b...)
	n, err := dir.scan.Scan(dir.held)
	switch {
	case err != nil:
		dir.masked = !d.opts.Secrets && !errors.Is(err, handshake.NotHTTP)
		d.giveUp(at, from, d.notHead(from, dir.held, err))
	case n > 0:
		head := dir.held[:n]
		dir.held = nil
		d.wholeHead(at, from, head)
		return n - before
	}
	return len(b)
}

func (d *decoder) limits() handshake.Limits {
	return handshake.Limits{HeadBytes: d.opts.HeadBytes, LineBytes: -1, Fields: -1}
}

// giveUp stops following a direction. What is held may be part of a head.
func (d *decoder) giveUp(at time.Time, from Side, why Fault) {
	dir := &d.dirs[from]
	held := dir.held
	dir.held, dir.phase = nil, opaque
	d.fault(at, from, why)
	if !d.opts.Secrets {
		Redact(held)
	}
	if len(held) > 0 {
		d.opaqueBytes(from, held)
	}
}

// wholeHead checks a head, emits it, and decides what follows it.
func (d *decoder) wholeHead(at time.Time, from Side, head []byte) {
	var next phase
	var faults []Fault
	if from == Client {
		next, faults = d.requestHead(head)
	} else {
		next, faults = d.answerHead(head)
	}
	var redacted []string
	if !d.opts.Secrets {
		redacted = Redact(head) // after the checks, which look at the values
	}
	d.send(&Event{Time: at, Kind: Head, From: from, Offset: d.dirs[from].offset,
		Length: int64(len(head)), Data: head, Redacted: redacted, Problems: faults})
	d.pass(from, head)
	d.enter(at, from, next)
	if from == Server && next != inHead {
		d.release(at)
	}
}

// enter moves a direction to its next phase. A body of no bytes is over at once.
func (d *decoder) enter(at time.Time, from Side, next phase) {
	dir := &d.dirs[from]
	dir.phase = next
	if next == inBody && dir.body.over() {
		d.bodyOver(at, from)
	}
}

// release lets a client that waited for the answer go on.
func (d *decoder) release(at time.Time) {
	dir := &d.dirs[Client]
	if dir.phase != waiting {
		return
	}
	dir.phase = d.afterRequest()
	held := dir.held
	dir.held = nil
	d.bytes(at, Client, held)
}

// afterRequest is the phase of a client that has sent a whole request.
func (d *decoder) afterRequest() phase {
	switch {
	case d.upgraded:
		return inFrames
	case d.pending > 0:
		return waiting
	}
	return inHead
}

// hold keeps what a client sends before the answer: it can be the next request
// or, too early, frames.
func (d *decoder) hold(at time.Time, from Side, b []byte) int {
	dir := &d.dirs[from]
	if d.upgrade && len(dir.held) == 0 {
		d.fault(at, from, Fault{"the client sent more before the server's answer", "RFC 6455 §4.1"})
	}
	n := min(d.opts.HeadBytes-len(dir.held), len(b))
	dir.held = append(dir.held, b[:n]...)
	if len(dir.held) == d.opts.HeadBytes {
		dir.masked = !d.opts.Secrets
		d.giveUp(at, from, Fault{Rule: "too much came before the server's answer; it is not followed further"})
	}
	return n
}

func (d *decoder) inBody(at time.Time, from Side, b []byte) int {
	dir := &d.dirs[from]
	n := dir.body.take(b)
	if dir.body.err != "" {
		d.giveUp(at, from, Fault{dir.body.err, "RFC 9112 §7.1"})
		return 0
	}
	d.pass(from, b[:n])
	if dir.body.over() {
		d.bodyOver(at, from)
	}
	return n
}

// bodyOver emits a body that has ended, unless it was empty.
func (d *decoder) bodyOver(at time.Time, from Side) {
	dir := &d.dirs[from]
	if dir.body.seen > 0 {
		d.send(&Event{Time: at, Kind: Body, From: from, Offset: dir.offset - dir.body.wire,
			Length: dir.body.seen, Data: dir.body.data.kept})
	}
	dir.phase = inHead
	if from == Client {
		dir.phase = d.afterRequest()
	}
}

func (d *decoder) inFrames(at time.Time, from Side, b []byte) int {
	dir := &d.dirs[from]
	n := dir.frames.take(b)
	frame := dir.frames.whole()
	d.pass(from, b[:n])
	if frame != nil {
		d.frame(at, from, frame)
	}
	if dir.frames.lost {
		d.giveUp(at, from, Fault{Rule: "the length cannot be right; what follows is not decoded"})
	}
	return n
}

func (d *decoder) frame(at time.Time, from Side, f *Frame) {
	fr := &d.dirs[from].frames
	d.send(&Event{Time: at, Kind: Framed, From: from, Frame: f, Problems: fr.faults,
		Offset: d.dirs[from].offset - int64(f.Size) - (f.Length - f.Missing),
		Length: int64(f.Size) + f.Length - f.Missing})
	fr.next()
}

func (d *decoder) opaque(from Side, b []byte) int {
	if d.dirs[from].masked {
		star(b)
	}
	d.opaqueBytes(from, b)
	return len(b)
}

func (d *decoder) opaqueBytes(from Side, b []byte) {
	d.dirs[from].data.add(b)
	d.pass(from, b)
}

// end ends a direction: what was unfinished is emitted as far as it came.
func (d *decoder) end(at time.Time, from Side, err error) {
	dir := &d.dirs[from]
	if dir.ended {
		return
	}
	dir.ended = true
	var faults []Fault
	switch dir.phase {
	case inHead, waiting:
		if len(dir.held) > 0 {
			d.giveUp(at, from, Fault{Rule: "the stream ended within a head"})
		}
	case inBody:
		if !dir.body.toEnd {
			faults = append(faults, Fault{"the stream ended within a body", "RFC 9112 §8"})
		}
		d.bodyOver(at, from)
	case inFrames:
		if f := dir.frames.cut(); f != nil {
			d.frame(at, from, f)
		}
		if !dir.frames.closed {
			faults = append(faults, Fault{"the stream ended without a Close frame (1006)", "RFC 6455 §7.1.5"})
		}
	}
	if dir.phase == opaque && dir.data.length > 0 {
		d.send(&Event{Time: at, Kind: Opaque, From: from, Offset: dir.offset - dir.data.length,
			Length: dir.data.length, Data: dir.data.kept})
	}
	d.flush(at, from)
	d.send(&Event{Time: at, Kind: Ended, From: from, Offset: dir.offset, Length: dir.offset, Err: err, Problems: faults})
}

// A preview keeps the beginning of something long.
type preview struct {
	max    int
	kept   []byte
	length int64
}

func (p *preview) add(b []byte) {
	p.kept = append(p.kept, b[:min(len(b), p.max-len(p.kept))]...)
	p.length += int64(len(b))
}

func (p *preview) reset() { p.kept, p.length = p.kept[:0], 0 }
