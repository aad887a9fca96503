// Package conn is a WebSocket connection over any stream: the shell that
// gives package proto's endpoint bytes to work on and a goroutine to work in.
// It starts where the opening handshake ends (packages ws and wshttp do that
// part) and needs no more of its transport than Read, Write and Close.
//
// # Goroutines
//
// One goroutine reads, any number write. A Conn starts none of its own, but
// for a slow receiver of a [Broadcaster] until its queue is empty.
//
// Control frames are answered inside the read methods, so a program that only
// writes must still read (or call Close) for Pings to be answered and for the
// peer's Close to be seen. A reader that stops reading exerts back-pressure:
// nothing is buffered on its behalf. The reader never waits for a writer: if
// one holds the connection, that one sends the Pong the reader owes.
//
// The stack of a goroutine that reads grows with what it calls and, as Go
// seldom shrinks one, stays with it while the connection is idle. A server of
// many connections does well to perform the opening handshake in another
// goroutine than the one that then reads (package ws does), and to leave work
// that needs much stack to others: reading and echoing over a socket fit in
// 2 KiB.
//
// # Deadlines
//
// Deadlines are those of the transport and work as on a net.Conn. A read that
// times out loses nothing, wherever in a frame it stopped: extend the
// deadline and call again. So does a write on a plain stream, where the bytes
// that did not go out stay queued in front of the next ones (see
// [Error.Queued]); over crypto/tls a write that timed out is the end of the
// connection, because it is the end of the TLS stream.
//
// # Batches
//
// When one segment brings several messages, their answers leave in one write:
// a message written while another whole one waits to be read is held until
// that is no longer so, until 64 KiB are held, or for one millisecond,
// whatever is first. Control frames and Flush send what is held at once. The
// error of a held message is reported by the next write. A server whose
// connections share a [Group] spends less on watching that millisecond.
//
// # Closing
//
// Close and CloseWith perform the closing handshake, whether or not anybody
// reads, within [Options.CloseTimeout], 5 s by default. SendClose leaves the
// reading to the reader, who gets the messages on their way and then the
// peer's Close. A peer that closes first is answered at once by whoever reads;
// the read methods return its code and reason as a [*CloseError]. Abort ends
// the connection without a word. Close is due on every connection, and may be
// called at any time, by anyone, more than once.
//
// # Keepalive
//
// It is off by default, as it takes a timer for each connection. With an
// Interval in [Options.Keepalive] a peer that was silent for that long is
// pinged and given up if nothing arrives for another 20 s.
//
// # Memory
//
// Buffers come from pools, and a connection on a plain socket
// ([Options.Socket]) holds none while it waits for the next message.
package conn
