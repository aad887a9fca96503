package tap

import (
	"bytes"
	"strconv"
)

// A body follows the content of a request or response to its end, by length,
// by chunks or to the end of the stream (RFC 9112 §6.3).
type body struct {
	left    int64 // bytes to come of the content, or of the chunk
	chunked bool
	toEnd   bool // until the stream ends

	stage byte   // of a chunked body
	line  []byte // a chunk's first line, or a trailer line, as far as it came
	err   string

	data preview // the content
	seen int64   // bytes of it
	wire int64   // bytes with what frames it
}

const (
	chunkLine = iota // a chunk's size
	chunkData
	chunkEnd // the CRLF behind it
	trailers
	chunksOver
)

const maxChunkLine = 4096

// over reports whether the body has ended.
func (b *body) over() bool {
	return !b.toEnd && b.left == 0 && (!b.chunked || b.stage == chunksOver)
}

// take consumes what belongs to the body and returns how much that is.
func (b *body) take(p []byte) int {
	n := 0
	for n < len(p) && !b.over() && b.err == "" {
		n += b.step(p[n:])
	}
	b.wire += int64(n)
	return n
}

func (b *body) step(p []byte) int {
	if b.chunked && b.stage != chunkData {
		return b.takeLine(p)
	}
	if !b.toEnd {
		p = p[:min(int64(len(p)), b.left)]
		b.left -= int64(len(p))
	}
	b.data.add(p)
	b.seen += int64(len(p))
	if b.chunked && b.left == 0 {
		b.stage = chunkEnd
	}
	return len(p)
}

// takeLine gathers a line of what frames the chunks and acts on it.
func (b *body) takeLine(p []byte) int {
	i := bytes.IndexByte(p, '\n')
	if i < 0 {
		b.line = append(b.line, p...)
		if len(b.line) > maxChunkLine {
			b.err = "a line of the chunked body does not end"
		}
		return len(p)
	}
	line := bytes.TrimRight(append(b.line, p[:i]...), "\r")
	b.line = b.line[:0]
	switch {
	case b.stage == chunkEnd && len(line) == 0:
		b.stage = chunkLine
	case b.stage == chunkEnd:
		b.err = "a chunk is longer than its size says"
	case b.stage == trailers:
		if len(line) == 0 {
			b.stage = chunksOver
		}
	default:
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseInt(string(bytes.TrimSpace(size)), 16, 63)
		switch {
		case err != nil || n < 0:
			b.err = "the size of a chunk is no hexadecimal number"
		case n == 0:
			b.stage = trailers
		default:
			b.left, b.stage = n, chunkData
		}
	}
	return i + 1
}
