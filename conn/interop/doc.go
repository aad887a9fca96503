// Package interop holds Octet against software that others wrote: Node's ws
// and undici, the WebSockets that Node, Bun and Deno have built in, Python's
// websockets, libwebsockets, Chromium, and the proxies nginx, HAProxy, tinyproxy
// and microsocks. It has no code to import. Its tests stand behind a build tag,
// because they need that software:
//
//	go test -tags interop ./conn/interop
//
// They drive the octet command as a user does, over loopback, on ports that
// the operating system chooses. A peer that is not installed fails the test
// that needs it and says how to install it: a run that quietly left a peer
// out would show nothing.
//
// What each peer does stands in peers/, one folder each, as small programs
// that hold the same conversation: every message is sent to an endpoint that
// echoes, and must come back as it was.
package interop
