// Package ws opens and accepts WebSocket connections over TCP, TLS and Unix
// sockets: what stands between a URL or a listener and package conn.
//
//	c, _, err := ws.Dial(ctx, "wss://example.com/feed", nil)
//
// # Dialling
//
// Dial resolves, connects, goes through a proxy if there is one, does the TLS
// handshake and then the opening handshake, each phase in its own time and with
// its own kind of failure ([Error]). What is dialled, what the Host field says
// and what TLS asks for follow from the URL but are three separate options,
// and the whole head can be replaced. Nothing is read from the environment,
// followed, kept or sent that the options do not name: no proxy, no redirect,
// no cookie, no User-Agent.
//
// RFC 6455 §4.1 wants at most one connection per address in the opening
// handshake at a time, and few of them behind a proxy (C1, C2). These are rules
// about whole programs: Dial does not enforce them. [Session], which redials,
// keeps the first for its own server.
//
// # Serving
//
// Accept makes a connection of any net.Conn. [Listener] is a small server on
// it: bounded in how many handshakes are half open, with an end to every slow
// head, and with a shutdown that tells its peers.
//
// # Lasting
//
// [Session] keeps a connection up: it dials again when there is hope
// ([Retryable]), not too soon ([Backoff], [RetryAfter]), and lets its user
// subscribe anew on each connection. Neither side looks after a silent peer
// unless Keepalive in conn.Options says so: a session that only listens should
// set it, as it would not notice that its server is gone.
//
// [NetConn] is a connection as a stream of bytes.
package ws
