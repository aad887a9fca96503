// Package conntest is what WebSocket connections are tested with: an
// in-memory transport that behaves like TCP and can be told to fail at any
// byte, a peer made of frames for conversations that read as specifications,
// a check for goroutines left behind, and a conformance suite that any
// endpoint of RFC 6455 can be run through ([Run]).
//
// Time is never slept away: everything here waits in ways that
// testing/synctest recognises.
package conntest
