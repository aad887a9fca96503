// Package wslog tells a log/slog Logger what happens on connections: it makes
// the hooks of package conn, and those of a dial in package ws, write records.
//
//	log := slog.Default().With("url", url)
//	c, _, err := ws.Dial(ctx, url, &ws.DialOptions{
//		Conn:  &conn.Options{Trace: wslog.Trace(log)},
//		Trace: &ws.DialTrace{Phase: wslog.Phase(log), Redirected: wslog.Redirected(log)},
//	})
//
// A server gives each connection a Trace of its own, whose Logger knows the
// peer, by ws.AcceptOptions.Trace; in wshttp the options of one Upgrade have
// one.
//
// # Levels
//
//	Warn         a phase of a dial that failed; a connection that was lost,
//	             whose peer broke the protocol or did not answer, or that the
//	             peer closed with a complaint
//	Info         a connection that opens, closes, or has closed; a redirect
//	Debug        every frame; round trips; the phases of a dial
//	LevelStream  every read and write of the transport
//
// What is below the level that the Logger has when the hooks are made is not
// hooked at all and costs nothing. Of a level that is raised later, a record
// that is not wanted costs one call of Enabled and no memory. A level that is
// lowered later counts for the hooks made from then on.
//
// # What is not written
//
// No payload and no masking key is ever written, only lengths. Two texts that
// a peer chooses are: the reason of its Close, and what an error quotes of an
// answer to the opening handshake; handlers escape them.
package wslog
