// Package tap records what two WebSocket endpoints say to each other.
//
// A [Recorder] is told the bytes that pass on a connection, in the clear, by
// whoever has them: octet tap between two others, or a program about its own
// connection, through the option Tap of conn/ws. It splits each direction into
// heads, bodies and frames, notes every rule that is broken without
// stopping there, and hands the result as a sequence of [Event] to its writers:
//
//	.txt     NewText       for people: heads as sent, frames with their payload
//	.jsonl   NewJSONLines  for programs: one object a line
//	.pcapng  NewPcapng     for Wireshark: the bytes in synthetic TCP packets
//
//	 bytes ──► Session ──► queue ──► decoder ──► Event ──► Writer, Writer …
//	           (caller's goroutine)  (the recorder's one goroutine)
//
// # Secrets
//
// The values of Authorization, Proxy-Authorization, Cookie and Set-Cookie, and
// the userinfo of URLs, are overwritten with asterisks before any writer sees
// them, unless [Options.Secrets] says otherwise. Lengths are kept, so offsets
// hold. Payloads are recorded as they are: they may hold secrets of their own.
//
// # Memory
//
// Frames are streamed: of a payload no more than [Options.Preview] bytes are
// kept, and a record says how many were left out. The pcapng writer keeps
// nothing and leaves nothing out.
package tap
