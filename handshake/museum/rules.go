package museum

import (
	"slices"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// rules is the exhibition.
var rules = []Rule{
	// Subprotocols.
	{
		Name:    "subprotocol-present",
		Refuses: "any Sec-WebSocket-Protocol",
		Cause:   "The server speaks no subprotocol and takes an offer for a demand.",
		Fix:     "Offer no subprotocol. A library that sends one by default has to be told not to.",
		Sources: []string{"websocket-client/websocket-client#19", "warmcat/libwebsockets#2971", "warmcat/libwebsockets#3340"},
		react:   answer(400, "unexpected Sec-WebSocket-Protocol", has("Sec-WebSocket-Protocol")),
	},
	{
		Name:    "subprotocol-not-a-token",
		Refuses: "a subprotocol that is not a token, such as one with a blank",
		Cause:   "RFC 6455 §4.1 makes subprotocols tokens. Strict servers answer 400, others drop the connection, and a proxy before them makes 502 of that.",
		Fix:     "Name a subprotocol without blanks, or none.",
		Sources: []string{"warmcat/libwebsockets#3173"},
		react: answer(400, "Invalid Sec-WebSocket-Protocol header",
			both(has("Sec-WebSocket-Protocol"), offers(func(p string) bool { return p != "" && !handshake.IsToken(p) }))),
	},
	{
		Name:    "subprotocol-empty",
		Refuses: "a Sec-WebSocket-Protocol without value",
		Cause:   "An empty list of subprotocols is not legal (RFC 6455 §4.1), but some clients send one when none is given.",
		Fix:     "Leave the field out when there is no subprotocol to offer.",
		Sources: []string{"denoland/deno#7935", "websockets/ws#1965", "ninjasource/embedded-websocket#17"},
		react: answer(400, "Invalid Sec-WebSocket-Protocol header",
			both(has("Sec-WebSocket-Protocol"), offers(func(p string) bool { return p == "" }))),
	},
	{
		Name:    "subprotocol-unknown",
		Refuses: "an offer without a subprotocol it knows; it closes without a byte",
		Cause:   "libwebsockets looks the subprotocol up in its table of handlers and hangs up when it finds none.",
		Fix:     "Offer a subprotocol that the server has, or none.",
		Sources: []string{"warmcat/libwebsockets#3173"},
		react: when(both(has("Sec-WebSocket-Protocol"), not(offers(func(p string) bool { return p == "chat" }))),
			Reaction{Deed: Drop}),
	},
	{
		Name:    "subprotocol-list",
		Refuses: "a Sec-WebSocket-Protocol other than chat alone",
		Cause:   "The server compares the whole value with the one name it knows, where RFC 6455 §4.2.1 has a list.",
		Fix:     "Offer only what the server speaks.",
		Sources: []string{"chronoxor/NetCoreServer#328", "vtortola/WebSocketListener#84"},
		react: answer(400, "unsupported subprotocol",
			both(has("Sec-WebSocket-Protocol"), not(value("Sec-WebSocket-Protocol", "chat")))),
	},
	{
		Name:    "subprotocol-required",
		Refuses: "a request that does not offer chat",
		Cause:   "The server is for one subprotocol alone. gws and websockets (Python) refuse so when they are configured with subprotocols.",
		Fix:     "Offer the subprotocol.",
		Sources: []string{"Textalk/websocket-php#110", "python-websockets/websockets#605"},
		react: func(v Visit) Reaction {
			if offers(func(p string) bool { return p == "chat" })(v.Request) {
				return Reaction{Subprotocol: "chat"}
			}
			return Reaction{Deed: Answer, Status: 400, Body: "missing subprotocol"}
		},
	},
	{
		Name:    "subprotocol-repeated",
		Refuses: "the same subprotocol twice",
		Cause:   "Subprotocols have to be unique (RFC 6455 §4.1).",
		Fix:     "Name each subprotocol once.",
		Sources: []string{"measured: Node ws 8.23 and golang.org/x/net answer 400"},
		react: answer(400, "Invalid Sec-WebSocket-Protocol header", func(r *handshake.Request) bool {
			list := subprotocols(r)
			slices.Sort(list)
			return len(slices.Compact(slices.Clone(list))) < len(list)
		}),
	},

	// The case of names and values.
	{
		Name:    "name-go-case",
		Refuses: "Sec-Websocket-Key in the case of Go's net/http",
		Cause:   "The server compares names letter by letter. Go's http.Header turns WebSocket into Websocket.",
		Fix:     "Send the name as RFC 6455 spells it, by a client that does not pass it through http.Header.",
		Sources: []string{"gobwas/ws#71", "lihaoyi/SprayWebSockets#6", "gorilla/websocket#374", "golang/go#18495"},
		react:   answer(400, "bad request", spelt("Sec-Websocket-Key")),
	},
	{
		Name:    "name-lower-case",
		Refuses: "sec-websocket-key in lower case",
		Cause:   "The server looks for Sec-WebSocket-Key letter by letter; gateways from HTTP/2 and some clients send lower case.",
		Fix:     "Send the name as RFC 6455 spells it.",
		Sources: []string{"netty/netty#8869", "Theldus/wsServer#98", "igrigorik/em-websocket#26"},
		react:   answer(400, "not a WebSocket request: missing key", spelt("sec-websocket-key")),
	},
	{
		Name:    "upgrade-mixed-case",
		Refuses: "Upgrade: WebSocket",
		Cause:   "The server wants the lower-case keyword, which RFC 6455 §4.2.1 has compared without regard to case. Clients of the drafts, and libwebsockets, write WebSocket.",
		Fix:     "Send Upgrade: websocket.",
		Sources: []string{"kerryjiang/WebSocket4Net#64", "ninenines/cowboy#74", "processone/ejabberd#510"},
		react:   answer(400, "Can \"Upgrade\" only to \"websocket\"", not(value("Upgrade", "websocket"))),
	},
	{
		Name:    "connection-list",
		Refuses: "Connection: keep-alive, Upgrade",
		Cause:   "The server compares the whole value with Upgrade, where RFC 6455 §4.2.1 wants a token in a list. Firefox used to send the list.",
		Fix:     "Send Connection: Upgrade and nothing else.",
		Sources: []string{"SuaveIO/suave#706", "Links2004/arduinoWebSockets#87", "robaho/httpserver#12", "karlseguin/websocket.zig#4"},
		react:   answer(400, "bad request", mentions("Connection", ",")),
	},
	{
		Name:    "connection-lower-case",
		Refuses: "Connection: upgrade",
		Cause:   "The server compares with Upgrade letter by letter.",
		Fix:     "Send Connection: Upgrade.",
		Sources: []string{"paritytech/soketto#32", "chronoxor/NetCoreServer#71", "FredyH/GWSockets#38"},
		react:   answer(400, "bad request", value("Connection", "upgrade")),
	},

	// Origin.
	{
		Name:    "origin-missing",
		Refuses: "a request without Origin",
		Cause:   "The server takes every client for a browser. golang.org/x/net/websocket answers 403 by default.",
		Fix:     "Send the Origin of the server's own pages.",
		Sources: []string{"websockets/ws#779", "golang/go#11602", "jaspervdj/websockets#66"},
		react:   answer(403, "null origin", lacks("Origin")),
	},
	{
		Name:    "origin-foreign",
		Refuses: "an Origin of another host than the Host's",
		Cause:   "The server guards against pages of other sites (RFC 6455 §10.2). gorilla, coder and nbio do so by default.",
		Fix:     "Send the server's own origin, or none where the client is no browser.",
		Sources: []string{"websockets/ws#494", "websockets/ws#272", "javaee/tyrus#615", "eclipse-ee4j/tyrus#611"},
		react: answer(403, "request origin not allowed by Upgrader.CheckOrigin",
			origin(func(o, host string) bool { return !strings.EqualFold(authority(o), host) })),
	},
	{
		Name:    "origin-scheme",
		Refuses: "an Origin with http",
		Cause:   "Behind a TLS terminator the site is https, and the server knows only that origin.",
		Fix:     "Send the https origin.",
		Sources: []string{"websocket-client/websocket-client#787", "cockpit-project/cockpit#11767"},
		react:   answer(403, "forbidden", origin(func(o, host string) bool { return strings.HasPrefix(o, "http://") })),
	},
	{
		Name:    "origin-malformed",
		Refuses: "an Origin with two schemes",
		Cause:   "libwebsockets puts http:// before the origin it is given, even when that has a scheme.",
		Fix:     "Give libwebsockets the origin without scheme, or set LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN.",
		Sources: []string{"warmcat/libwebsockets#757", "warmcat/libwebsockets#19"},
		react:   answer(403, "forbidden", origin(func(o, host string) bool { return strings.Count(o, "://") > 1 })),
	},

	// Host.
	{
		Name:    "host-without-port",
		Refuses: "a Host without the port",
		Cause:   "The server compares Host with its own address and port. RFC 6455 §4.1 wants the port there unless it is the default one.",
		Fix:     "Send host:port. In libwebsockets put it into info.host.",
		Sources: []string{"warmcat/libwebsockets#1744", "warmcat/libwebsockets#2783", "uNetworking/uWebSockets#623", "dominicletz/websockex#132", "Textalk/websocket-php#14"},
		react: answer(400, "missing port in HTTP Host header and server runs on non-standard port",
			func(r *handshake.Request) bool { return !hasPort(r.Fields.Get("Host")) }),
	},
	{
		Name:    "host-with-port",
		Refuses: "a Host with a port",
		Cause:   "The server knows its name only, or has signed it without the port.",
		Fix:     "Send the bare name with -host, or in DialOptions.Host.",
		Sources: []string{"machinezone/IXWebSocket#530", "Gelbpunkt/tokio-websockets#98", "shamblett/mqtt_client#643"},
		react:   answer(400, "invalid host", func(r *handshake.Request) bool { return hasPort(r.Fields.Get("Host")) }),
	},
	{
		Name:    "host-repeated",
		Refuses: "more than one Host",
		Cause:   "RFC 9112 §3.2 demands 400: two hosts are how requests are smuggled.",
		Fix:     "Replace the Host of the library instead of adding another.",
		Sources: []string{"snapview/tungstenite-rs#227"},
		react:   answer(400, "too many Host headers", repeated("Host")),
	},

	// Who the client is.
	{
		Name:    "user-agent-missing",
		Refuses: "a request without User-Agent",
		Cause:   "A firewall takes clients without a name for bots.",
		Fix:     "Send a User-Agent.",
		Sources: []string{"websockets/ws#2192"},
		react:   answer(404, "", lacks("User-Agent")),
	},
	{
		Name:    "user-agent-missing-hangs",
		Refuses: "a request without User-Agent, by never answering",
		Cause:   "As user-agent-missing, but the server keeps the connection and says nothing.",
		Fix:     "Send a User-Agent.",
		Sources: []string{"yjs/y-websocket#173", "websockets/ws#2192"},
		react:   when(lacks("User-Agent"), Reaction{Deed: Hang}),
	},
	{
		Name:    "user-agent-of-a-library",
		Refuses: "the User-Agent of an HTTP library",
		Cause:   "A firewall blocks what is not a browser. Some look at the ClientHello too, which no field changes.",
		Fix:     "Send another User-Agent, or none.",
		Sources: []string{"websockets/ws#1925", "websocket-client/websocket-client#489", "gorilla/websocket#951"},
		react:   answer(403, "error code: 1010", ofLibrary),
	},
	{
		Name:    "user-agent-of-a-library-drops",
		Refuses: "the User-Agent of an HTTP library, by closing without a byte",
		Cause:   "As user-agent-of-a-library, without the courtesy of an answer.",
		Fix:     "Send another User-Agent, or none.",
		Sources: []string{"muka/peerjs-go#19", "0x676e67/wreq-python#191"},
		react:   when(ofLibrary, Reaction{Deed: Drop}),
	},

	// Extensions.
	{
		Name:    "extensions-offered",
		Refuses: "any Sec-WebSocket-Extensions",
		Cause:   "The server fails on what it does not know instead of declining it (RFC 6455 §9.1).",
		Fix:     "Offer no extension: perMessageDeflate: false in ws, compression=None in websockets.",
		Sources: []string{"sta/websocket-sharp#187", "robbiehanson/CocoaAsyncSocket#96"},
		react:   answer(400, "extensions are not supported", has("Sec-WebSocket-Extensions")),
	},
	{
		Name:    "client-max-window-bits",
		Refuses: "client_max_window_bits in an offer",
		Cause:   "The server knows permessage-deflate, but not all of its parameters, and refuses instead of declining.",
		Fix:     "Offer permessage-deflate without it.",
		Sources: []string{"ninenines/gun#371", "machinezone/IXWebSocket#599"},
		react:   answer(400, "unsupported permessage-deflate parameter", mentions("Sec-WebSocket-Extensions", "client_max_window_bits")),
	},
	{
		Name:    "client-max-window-bits-value",
		Refuses: "a value of client_max_window_bits",
		Cause:   "The parameter may come with a value or without (RFC 7692 §7.1.2.2); the server was written for a draft that allowed none.",
		Fix:     "Offer client_max_window_bits without a value.",
		Sources: []string{"crossbario/autobahn-python#276", "apache/tomcat#1019"},
		react:   answer(400, "illegal value for client_max_window_bits", mentions("Sec-WebSocket-Extensions", "client_max_window_bits=")),
	},

	// The head as a whole.
	{
		Name:    "header-order",
		Refuses: "a head that does not begin with Host",
		Cause:   "A server or firewall looks for Host in the first line of the fields, where RFC 9110 §7.2 asks user agents to send it.",
		Fix:     "Send Host first.",
		Sources: []string{"kerryjiang/WebSocket4Net#68", "gobwas/ws#207"},
		react:   answer(400, "bad request", func(r *handshake.Request) bool { return r.Fields.Index("Host") != 0 }),
	},
	{
		Name:    "head-too-long",
		Refuses: "a head of more than 4096 bytes",
		Cause:   "The server has a small buffer for heads, and the cookies of a whole domain do not fit.",
		Fix:     "Send fewer or shorter cookies, or raise the server's limit.",
		Sources: []string{"vernemq/vernemq#2267", "Liturgical-Calendar/LiturgicalCalendarAPI#891", "python-websockets/websockets#743"},
		react:   answer(431, "request header fields too large", func(r *handshake.Request) bool { return length(r) > 4096 }),
	},
	{
		Name:    "http-1.0",
		Refuses: "HTTP/1.0",
		Cause:   "RFC 6455 §4.2.1 wants HTTP/1.1 at least. nginx speaks 1.0 to its upstream unless proxy_http_version says otherwise.",
		Fix:     "Speak HTTP/1.1; in nginx, proxy_http_version 1.1.",
		Sources: []string{"gobwas/ws#75", "mattermost/docs#4323"},
		react:   answer(505, "", func(r *handshake.Request) bool { return r.Proto != "HTTP/1.1" }),
	},
	{
		Name:    "method-not-get",
		Refuses: "another method than GET",
		Cause:   "RFC 6455 §4.1 allows GET alone.",
		Fix:     "Use GET.",
		Sources: []string{"measured: gorilla, coder, gobwas, x/net, nbio and Node ws answer 405"},
		react: when(func(r *handshake.Request) bool { return r.Method != "GET" },
			Reaction{Deed: Answer, Status: 405, Fields: handshake.Fields{{Name: "Allow", Value: "GET"}}}),
	},
	{
		Name:    "key-repeated",
		Refuses: "Sec-WebSocket-Key twice",
		Cause:   "The key must not appear more than once (RFC 6455 §11.3.1); clients that add one to the library's own send two.",
		Fix:     "Leave the key to the library.",
		Sources: []string{"netty/netty#7973", "measured: coder, Node ws and websockets (Python) answer 400"},
		react:   answer(400, "Missing or invalid Sec-WebSocket-Key header", repeated("Sec-WebSocket-Key")),
	},
	{
		Name:    "space-before-colon",
		Refuses: "white space between a name and its colon",
		Cause:   "RFC 9112 §5.1 demands 400: it is how requests are smuggled past proxies.",
		Fix:     "Write the colon right behind the name.",
		Sources: []string{"measured: all servers tried but nbio and gobwas' raw Upgrader answer 400 or 404"},
		react: answer(400, "bad request", func(r *handshake.Request) bool {
			return slices.ContainsFunc(r.Fields, func(f handshake.Field) bool { return f.Name != "" && f.Sep != "" && f.Sep[0] != ':' })
		}),
	},
	{
		Name:    "line-end",
		Refuses: "lines that end in LF alone",
		Cause:   "RFC 9112 §2.2 lets servers accept a bare LF, and does not oblige them to.",
		Fix:     "End every line in CR LF.",
		Sources: []string{"nanoframework/System.Net.WebSockets#147"},
		react: answer(400, "bad request", func(r *handshake.Request) bool {
			head := string(r.AppendRaw(nil))
			return strings.Count(head, "\n") != strings.Count(head, "\r\n")
		}),
	},
	{
		Name:    "accept-encoding",
		Refuses: "Accept-Encoding",
		Cause:   "Something on the way compresses the answer to the upgrade, and breaks it.",
		Fix:     "Send no Accept-Encoding: a 101 has no body to compress. In Go set Transport.DisableCompression.",
		Sources: []string{"cloudflare/workers-sdk#15201"},
		react:   answer(500, "", has("Accept-Encoding")),
	},

	// Sessions.
	{
		Name:    "cookie-missing",
		Refuses: "a request without Cookie",
		Cause:   "The server knows its users by the session of the web page.",
		Fix:     "Log in and send the session's cookie.",
		Sources: []string{"sfbrigade/bats-server#134", "LearningCircuit/local-deep-research#3658"},
		react:   answer(401, "not logged in", lacks("Cookie")),
	},
	{
		Name:    "redirect",
		Refuses: "a request without Cookie, by sending it to the login page",
		Cause:   "A login guard stands before the whole site, the WebSocket included. Clients need not follow redirects (RFC 6455 §4.1).",
		Fix:     "Log in and send the session's cookie.",
		Sources: []string{"websockets/ws#812", "TooTallNate/Java-WebSocket#602", "h2oai/wave#2157"},
		react: when(lacks("Cookie"),
			Reaction{Deed: Answer, Status: 302, Fields: handshake.Fields{{Name: "Location", Value: "/login"}}}),
	},

	// Servers that do not answer alike each time.
	{
		Name:    "rate-limit",
		Refuses: "every fourth connection with 429, and any subprotocol",
		Cause:   "Connections are counted, whatever they ask for; a client that reconnects too eagerly hides the real reason behind 429.",
		Fix:     "Wait as long as Retry-After says, then look at the other answers.",
		Sources: []string{"BitMEX/api-connectors#275", "aisstream/aisstream#11"},
		react: func(v Visit) Reaction {
			if v.Number%4 == 0 {
				return Reaction{Deed: Answer, Status: 429, Fields: handshake.Fields{{Name: "Retry-After", Value: "1"}}}
			}
			return answer(400, "unexpected Sec-WebSocket-Protocol", has("Sec-WebSocket-Protocol"))(v)
		},
	},
	{
		Name:    "flaky",
		Refuses: "every third connection with 503, and any Origin",
		Cause:   "One of three backends behind the balancer is down, and the others do not like browsers.",
		Fix:     "Repeat each attempt (-repeat 3); send no Origin.",
		Sources: []string{"jetty/jetty.project#3115", "codeamp/panel#185"},
		react: func(v Visit) Reaction {
			if v.Number%3 == 0 {
				return Reaction{Deed: Answer, Status: 503}
			}
			return answer(403, "forbidden", has("Origin"))(v)
		},
	},

	// Below the head.
	{
		Name:    "tls-alpn-missing",
		Refuses: "a ClientHello that does not offer http/1.1 in ALPN",
		Cause:   "The edge prefers h2, and challenges or drops what did not say that it wants HTTP/1.1.",
		Fix:     "Offer http/1.1, as Octet does unless told otherwise.",
		Sources: []string{"manaflow-ai/subrouter#98"},
		TLS:     true,
		react:   alert(func(t TLS) bool { return !slices.Contains(t.ALPN, "http/1.1") }),
	},
	{
		Name:    "tls-alpn-h2",
		Refuses: "a client that offers h2 in ALPN, with 405",
		Cause:   "The server chooses h2, in which this handshake means nothing (RFC 8441 has another).",
		Fix:     "Offer http/1.1 alone.",
		Sources: []string{"denoland/deno#36704", "moltis-org/moltis#245", "eclipse-vertx/vert.x#3551"},
		TLS:     true,
		react: func(v Visit) Reaction {
			if slices.Contains(v.TLS.ALPN, "h2") {
				return Reaction{Deed: Answer, Status: 405}
			}
			return Reaction{}
		},
	},
	{
		Name:    "tls-sni-missing",
		Refuses: "a ClientHello without server name",
		Cause:   "Many sites share the address, and the server chooses by the name (RFC 6066 §3).",
		Fix:     "Send the host's name as SNI.",
		Sources: []string{"zaphoyd/websocketpp#400", "lipp/lua-websockets#119", "ultimatepp/ultimatepp#379"},
		TLS:     true,
		react:   alert(func(t TLS) bool { return t.SNI == "" }),
	},
	{
		Name:    "tls-1.3",
		Refuses: "a ClientHello that offers TLS 1.3",
		Cause:   "The TLS library of the server fails in TLS 1.3 instead of choosing 1.2.",
		Fix:     "Offer TLS 1.2 at most.",
		Sources: []string{"statianzo/Fleck#318"},
		TLS:     true,
		react:   alert(func(t TLS) bool { return t.Version == "1.3" }),
	},
}
