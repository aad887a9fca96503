// Package frame is the wire format of the WebSocket protocol (RFC 6455 §5):
// frame headers, masking, Close payloads and the UTF-8 of text messages, as
// pure functions over byte slices.
//
// Nothing here reads, writes, buffers or remembers. What a frame means after
// the frames before it, and what must be answered, is the work of package
// conn/proto, which is built on this one.
//
// # A frame
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-------+-+-------------+-------------------------------+
//	|F|R|R|R|opcode |M| length      | 16 or 64 more bits of length, |
//	|I|S|S|S|       |A|             | if the seven bits say 126 or  |
//	|N|V|V|V|       |S|             | 127                           |
//	| |1|2|3|       |K|             |                               |
//	+-+-+-+-+-------+-+-------------+-------------------------------+
//	| masking key, 32 bits, if MASK is set                          |
//	+---------------------------------------------------------------+
//	| payload, masked if MASK is set                                |
//	+---------------------------------------------------------------+
//
// A message is one frame with FIN set, or a frame without FIN followed by
// continuations of which the last has it. Control frames (Close, Ping, Pong)
// are short, never fragmented, and may stand between the fragments of a
// message.
//
// # Reading order
//
// opcode.go, header.go, mask.go, close.go and utf8.go can be read in that
// order; rule.go is the closed list of what a peer can do wrong. Masking and
// validation are there in plain Go. The assembly (mask_amd64.s, utf8_amd64.s
// and their twins for arm64) does the same with wider registers, and is left
// out by the build tag purego; vector_*.go says where it is used.
//
// Comments name requirements as F10, D3, K22 and so on. They are the rows of
// docs/conformance, which says where each is kept and which test shows it.
package frame
