// Package profile has the opening handshakes that real clients send, to send
// them as they are or to compare with them. Each is embedded as it was captured
// (requests/*.http, provenance in requests/README.md); only the key, the host,
// the target and the port are replaced, and what each Profile lists under
// Deviations.
//
// A profile is what a server sees of a client above TLS. The ClientHello, by
// which a firewall can tell clients apart before the first byte of HTTP, is not
// part of it and cannot be imitated through crypto/tls.
package profile

import (
	"embed"
	"slices"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// A Profile is the request head of one client.
type Profile struct {
	// Name selects the profile: "node-ws", "chrome", "libwebsockets-coinex".
	Name string
	// Description names the client, its version and how it was asked to connect.
	Description string
	// Source is the file that holds the captured bytes.
	Source string
	// Deviations say in what else than key, host, target and port the profile
	// differs from the capture, one sentence each.
	Deviations []string

	edits []edit
}

// A Target is what a request of a profile is made for.
type Target struct {
	// Host is the value of Host, with the port if it is not the default one.
	Host string
	// Target is the request target, used as given. If empty, "/".
	Target string
	// Secure says that the URL is a wss one: an Origin that follows the URL is
	// then an https one, and some clients accept more encodings.
	Secure bool
	// Key is the Sec-WebSocket-Key. If empty, a new one is drawn.
	Key string
	// Origin, if not empty, replaces the Origin of profiles that send one. It is
	// not added to others: their client would not send it.
	Origin string
}

// All returns all profiles. The first is the one that servers accept most
// widely, and so the best to compare with.
func All() []Profile {
	all := make([]Profile, len(table))
	for i, p := range table {
		all[i] = p.public()
	}
	return all
}

// Lookup returns the profile of that name.
func Lookup(name string) (Profile, bool) {
	for _, p := range table {
		if p.Name == name {
			return p.public(), true
		}
	}
	return Profile{}, false
}

// public fills in what follows from the rest of a row.
func (p Profile) public() Profile {
	p.Source = "requests/" + p.Name + ".http"
	p.Deviations = nil
	for _, e := range p.edits {
		p.Deviations = append(p.Deviations, e.deviation)
	}
	return p
}

// Capture returns the bytes as they were captured.
func (p Profile) Capture() []byte {
	b, err := requests.ReadFile("requests/" + p.Name + ".http")
	if err != nil {
		panic("BUG: profile without capture: " + p.Name)
	}
	return b
}

// Request returns the request the client would send for t. It may be illegal:
// that is what some clients send. Send it with handshake.ClientRaw.
func (p Profile) Request(t Target) *handshake.Request {
	r, _, err := handshake.ParseRequest(p.Capture(), handshake.Limits{})
	if r == nil {
		panic("BUG: captured head of " + p.Name + ": " + err.Error())
	}
	r.Raw = ""
	if r.Target = t.Target; r.Target == "" {
		r.Target = "/"
	}
	if t.Key == "" {
		t.Key = handshake.NewKey()
	}
	r.Fields.Set("Sec-WebSocket-Key", t.Key)
	r.Fields.Set("Host", t.Host)
	for _, e := range p.edits {
		e.apply(r, t)
	}
	if t.Origin != "" && r.Fields.Has("Origin") {
		r.Fields.Set("Origin", t.Origin)
	}
	return r
}

//go:embed requests/*.http
var requests embed.FS

// An edit is one deviation from the capture.
type edit struct {
	deviation string
	apply     func(*handshake.Request, Target)
}

var (
	originFollows = edit{
		"Origin follows the scheme and host of the URL, as the client's does.",
		func(r *handshake.Request, t Target) {
			scheme := "http://"
			if t.Secure {
				scheme = "https://"
			}
			r.Fields.Set("Origin", scheme+t.Host)
		},
	}
	noCookie = edit{
		"Cookie is left out: the page of the capture had set it.",
		func(r *handshake.Request, t Target) { r.Fields.Del("Cookie") },
	}
	notHeadless = edit{
		"User-Agent says Chrome where the headless browser of the capture says HeadlessChrome.",
		func(r *handshake.Request, t Target) {
			r.Fields.Set("User-Agent", strings.Replace(r.Fields.Get("User-Agent"), "HeadlessChrome", "Chrome", 1))
		},
	}
	hostWithoutPort = edit{
		"Host never gets the port, as a second capture of the client shows.",
		func(r *handshake.Request, t Target) { r.Fields.Set("Host", withoutPort(t.Host)) },
	}
	bareOrigin = edit{
		"Origin follows the scheme and host of the URL, without the port.",
		func(r *handshake.Request, t Target) {
			t.Host = withoutPort(t.Host)
			originFollows.apply(r, t)
		},
	}
	brotliOverTLS = edit{
		"Accept-Encoding begins with br in a wss handshake, as a second capture of the client shows.",
		func(r *handshake.Request, t Target) {
			if t.Secure {
				r.Fields.Set("Accept-Encoding", "br, gzip, deflate")
			}
		},
	}
	moreEncodings = edit{
		"Accept-Encoding gets br and zstd over wss and to this machine, as further captures of the client show.",
		func(r *handshake.Request, t Target) {
			if t.trustworthy() {
				r.Fields.Set("Accept-Encoding", "gzip, deflate, br, zstd")
			}
		},
	}
	fetchMetadata = edit{
		"Sec-Fetch-Dest, -Mode and -Site are sent over wss and to this machine, as further captures of the client show; Site is what a page of the same origin makes it.",
		func(r *handshake.Request, t Target) {
			if t.trustworthy() {
				r.Fields = slices.Insert(r.Fields, r.Fields.Index("Pragma"),
					handshake.Field{Name: "Sec-Fetch-Dest", Value: "empty"},
					handshake.Field{Name: "Sec-Fetch-Mode", Value: "websocket"},
					handshake.Field{Name: "Sec-Fetch-Site", Value: "same-origin"})
			}
		},
	}
)

// trustworthy reports whether a browser takes what it sends to t to be safe from
// others' eyes: it goes through TLS, or stays on this machine.
func (t Target) trustworthy() bool {
	host := withoutPort(t.Host)
	return t.Secure || host == "localhost" || host == "[::1]" ||
		strings.HasPrefix(host, "127.") && strings.Trim(host, ".0123456789") == ""
}

func withoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i:], ']') < 0 {
		return host[:i]
	}
	return host
}

// table lists the profiles; the rest of each row is in requests/NAME.http.
var table = []Profile{
	{Name: "node-ws", Description: "Node.js 20.20.2, ws 8.23.0: new WebSocket(url)"},
	{Name: "node-ws-nopmd", Description: "Node.js 20.20.2, ws 8.23.0: perMessageDeflate false"},
	{Name: "node", Description: "Node.js 20.20.2, its own WebSocket (undici 6.24.1)",
		edits: []edit{brotliOverTLS}},
	{Name: "undici", Description: "Node.js 20.20.2, undici 7.30.2: new WebSocket(url)",
		edits: []edit{brotliOverTLS}},
	{Name: "bun", Description: "Bun 1.4.5: new WebSocket(url)"},
	{Name: "deno", Description: "Deno 2.9.6: new WebSocket(url)"},
	{Name: "chrome", Description: "Chromium 156.0.8078.79, headless: new WebSocket(url) in a page",
		edits: []edit{originFollows, noCookie, notHeadless, moreEncodings}},
	{Name: "firefox", Description: "Firefox ESR 153.7.0: new WebSocket(url) in a page",
		edits: []edit{originFollows, noCookie, moreEncodings, fetchMetadata}},
	{Name: "curl", Description: "curl 8.14.1: curl ws://..."},
	{Name: "libwebsockets", Description: "libwebsockets 4.1.6: protocol = NULL, origin = NULL",
		edits: []edit{hostWithoutPort}},
	{Name: "libwebsockets-coinex", Description: `libwebsockets 4.1.6: protocol = "COINEX protocol", which is no token`,
		edits: []edit{hostWithoutPort, bareOrigin}},
	{Name: "libwebsockets-test-client", Description: "libwebsockets-test-client 4.3.5 with its own defaults",
		edits: []edit{hostWithoutPort, bareOrigin}},
	{Name: "gorilla", Description: "gorilla/websocket 1.5.3: DefaultDialer.Dial(url, nil)"},
	{Name: "coder", Description: "coder/websocket 1.8.15: Dial(ctx, url, nil)"},
	{Name: "gobwas", Description: "gobwas/ws 1.5.0: Dial(ctx, url)"},
	{Name: "gws", Description: "lxzan/gws 1.8.9: NewClient with an address"},
	{Name: "x-net", Description: `golang.org/x/net/websocket 0.33.0: Dial(url, "", "http://localhost/")`},
	{Name: "nbio", Description: "lesismal/nbio 2d97e9d: nbhttp websocket Dialer"},
	{Name: "fasthttp", Description: "fasthttp/websocket 1.5.12: DefaultDialer.Dial(url, nil)"},
	{Name: "python-websockets", Description: "Python 3.11, websockets 10.4: connect(url)"},
	{Name: "python-websockets-17", Description: "Python 3.11, websockets 17.1.dev0: connect(url)"},
	{Name: "aiohttp", Description: "Python 3.11, aiohttp 3.8.4: session.ws_connect(url)"},
	{Name: "websocket-client", Description: "Python 3.11, websocket-client 1.2.3: create_connection(url)",
		edits: []edit{originFollows}},
	{Name: "tungstenite", Description: "tungstenite 0.24: connect(url)"},
}
