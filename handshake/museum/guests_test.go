package museum_test

import (
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// guests are the suspects that each rule is tried with, and what is expected to
// be found to be wrong with them: the causes, as sentences. Some are a client's
// head as it is, others are edited as an application might.
type guest struct {
	profile string
	edit    func(r *handshake.Request)
	want    string
}

func set(name, value string) func(*handshake.Request) {
	return func(r *handshake.Request) { r.Fields.Set(name, value) }
}

func add(name, value string) func(*handshake.Request) {
	return func(r *handshake.Request) { r.Fields.Add(name, value) }
}

func protocol(value string) func(*handshake.Request) { return set("Sec-WebSocket-Protocol", value) }

func spaced(name string) func(*handshake.Request) {
	return func(r *handshake.Request) { r.Fields[r.Fields.Index(name)].Sep = " : " }
}

func bareLF(r *handshake.Request) {
	r.LineEnd, r.Blank = "\n", "\n"
	for i := range r.Fields {
		r.Fields[i].End = "\n"
	}
}

const (
	host   = "example.com:9000"
	sample = "dGhlIHNhbXBsZSBub25jZQ=="
	agent  = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)

var longCookie = "a=" + strings.Repeat("0123456789abcdef", 300)

var guests = map[string][]guest{
	"subprotocol-present": {
		{"libwebsockets-coinex", nil, "remove Sec-WebSocket-Protocol: COINEX protocol"},
		{"libwebsockets-test-client", nil, "remove Sec-WebSocket-Protocol: dumb-increment-protocol"},
		{"chrome", protocol("chat, superchat"), "remove Sec-WebSocket-Protocol: chat, superchat"},
		{"node", protocol("json"), "remove Sec-WebSocket-Protocol: json"},
	},
	"subprotocol-not-a-token": {
		{"libwebsockets-coinex", nil, "remove Sec-WebSocket-Protocol: COINEX protocol"},
		{"gorilla", protocol("my protocol"), "remove Sec-WebSocket-Protocol: my protocol"},
		{"firefox", protocol("chat, (comment)"), `change Sec-WebSocket-Protocol from "chat, (comment)" to "chat"`},
	},
	"subprotocol-empty": {
		{"libwebsockets", protocol(""), "remove Sec-WebSocket-Protocol: "},
		{"gobwas", protocol(""), "remove Sec-WebSocket-Protocol: "},
		{"tungstenite", protocol(""), "remove Sec-WebSocket-Protocol: "},
	},
	"subprotocol-unknown": {
		{"libwebsockets-coinex", nil, "remove Sec-WebSocket-Protocol: COINEX protocol"},
		{"aiohttp", protocol("json"), "remove Sec-WebSocket-Protocol: json"},
		{"coder", protocol("json, soap"), "remove Sec-WebSocket-Protocol: json, soap"},
	},
	"subprotocol-list": {
		{"chrome", protocol("chat, superchat"), `change Sec-WebSocket-Protocol from "chat, superchat" to "chat"`},
		{"node-ws", protocol("superchat,chat,json"), `change Sec-WebSocket-Protocol from "superchat,chat,json" to "chat"`},
		{"curl", protocol("superchat"), "remove Sec-WebSocket-Protocol: superchat"},
	},
	"subprotocol-required": {
		{"gobwas", nil, "add Sec-WebSocket-Protocol: chat"},
		{"chrome", nil, "add Sec-WebSocket-Protocol: chat"},
		{"node", protocol("json"), `change Sec-WebSocket-Protocol from "json" to "json, chat"`},
	},
	"subprotocol-repeated": {
		{"gorilla", protocol("chat, chat"), `change Sec-WebSocket-Protocol from "chat, chat" to "chat"`},
		{"firefox", protocol("a, b, a"), `change Sec-WebSocket-Protocol from "a, b, a" to "b, a"`},
		{"curl", func(r *handshake.Request) {
			r.Fields.Add("Sec-WebSocket-Protocol", "chat")
			r.Fields.Add("Sec-WebSocket-Protocol", "chat")
		}, "remove Sec-WebSocket-Protocol: chat | remove Sec-WebSocket-Protocol: chat"},
	},
	"name-go-case": {
		{"coder", nil, "change Sec-WebSocket-Key from \"Sec-Websocket-Key\" to \"Sec-WebSocket-Key\""},
		{"gws", nil, "change Sec-WebSocket-Key from \"Sec-Websocket-Key\" to \"Sec-WebSocket-Key\""},
		{"nbio", nil, "change Sec-WebSocket-Key from \"Sec-Websocket-Key\" to \"Sec-WebSocket-Key\""},
	},
	"name-lower-case": {
		{"node", nil, "change Sec-WebSocket-Key from \"sec-websocket-key\" to \"Sec-WebSocket-Key\""},
		{"undici", nil, "change Sec-WebSocket-Key from \"sec-websocket-key\" to \"Sec-WebSocket-Key\""},
		{"gorilla", func(r *handshake.Request) {
			r.Fields[r.Fields.Index("Sec-WebSocket-Key")].Name = "sec-websocket-key"
		}, "change Sec-WebSocket-Key from \"sec-websocket-key\" to \"Sec-WebSocket-Key\""},
	},
	"upgrade-mixed-case": {
		{"chrome", set("Upgrade", "WebSocket"), `change Upgrade from "WebSocket" to "websocket"`},
		{"gobwas", set("Upgrade", "WebSocket"), `change Upgrade from "WebSocket" to "websocket"`},
		{"aiohttp", set("Upgrade", "Websocket"), `change Upgrade from "Websocket" to "websocket"`},
	},
	"connection-list": {
		{"firefox", set("Connection", "keep-alive, Upgrade"), `change Connection from "keep-alive, Upgrade" to "Upgrade"`},
		{"node-ws", set("Connection", "Upgrade, keep-alive"), `change Connection from "Upgrade, keep-alive" to "Upgrade"`},
		{"curl", set("Connection", "Upgrade,Keep-Alive"), `change Connection from "Upgrade,Keep-Alive" to "Upgrade"`},
	},
	"connection-lower-case": {
		{"node", nil, `change Connection from "upgrade" to "Upgrade"`},
		{"aiohttp", nil, `change Connection from "upgrade" to "Upgrade"`},
		{"gobwas", set("Connection", "upgrade"), `change Connection from "upgrade" to "Upgrade"`},
	},
	"origin-missing": {
		{"node-ws", nil, "add Origin: http://example.com:9000"},
		{"gorilla", nil, "add Origin: http://example.com:9000"},
		{"libwebsockets", nil, "add Origin: http://example.com:9000"},
	},
	"origin-foreign": {
		{"chrome", set("Origin", "http://evil.example"), "remove Origin: http://evil.example"},
		{"x-net", nil, "remove Origin: http://localhost/"},
		{"python-websockets", set("Origin", "null"), "remove Origin: null"},
	},
	"origin-scheme": {
		{"chrome", nil, "remove Origin: http://example.com:9000"},
		{"websocket-client", nil, "remove Origin: http://example.com:9000"},
		{"gorilla", set("Origin", "http://example.com"), "remove Origin: http://example.com"},
	},
	"origin-malformed": {
		{"libwebsockets", set("Origin", "http://http://example.com"), "remove Origin: http://http://example.com"},
		{"chrome", set("Origin", "http://https://example.com"), "remove Origin: http://https://example.com"},
		{"curl", set("Origin", "http://wss://example.com"), "remove Origin: http://wss://example.com"},
	},
	"host-without-port": {
		{"libwebsockets", nil, `change Host from "example.com" to "example.com:9000"`},
		{"libwebsockets-test-client", nil, `change Host from "example.com" to "example.com:9000"`},
		{"chrome", set("Host", "example.com"), `change Host from "example.com" to "example.com:9000"`},
	},
	"host-with-port": {
		{"node-ws", nil, `change Host from "example.com:9000" to "example.com"`},
		{"coder", nil, `change Host from "example.com:9000" to "example.com"`},
		{"firefox", nil, `change Host from "example.com:9000" to "example.com"`},
	},
	"host-repeated": {
		{"tungstenite", add("Host", host), "do not repeat Host: example.com:9000"},
		{"chrome", add("Host", "other.example"), "do not repeat Host: other.example"},
		{"node", add("host", host), "do not repeat Host: example.com:9000"},
	},
	"user-agent-missing": {
		{"node-ws", nil, "add User-Agent: " + agent},
		{"gobwas", nil, "add User-Agent: " + agent},
		{"libwebsockets", nil, "add User-Agent: " + agent},
	},
	"user-agent-missing-hangs": {
		{"node-ws", nil, "add User-Agent: " + agent},
		{"tungstenite", nil, "add User-Agent: " + agent},
		{"websocket-client", nil, "add User-Agent: " + agent},
	},
	"user-agent-of-a-library": {
		{"gorilla", nil, "remove User-Agent: Go-http-client/1.1"},
		{"aiohttp", nil, "remove User-Agent: Python/3.11 aiohttp/3.8.4"},
		{"undici", nil, "remove User-Agent: undici"},
	},
	"user-agent-of-a-library-drops": {
		{"coder", nil, "remove User-Agent: Go-http-client/1.1"},
		{"python-websockets", nil, "remove User-Agent: Python/3.11 websockets/10.4"},
		{"curl", nil, "remove User-Agent: curl/8.14.1"},
	},
	"extensions-offered": {
		{"node-ws", nil, "remove Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"},
		{"firefox", nil, "remove Sec-WebSocket-Extensions: permessage-deflate"},
		{"libwebsockets-test-client", nil, "remove Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover"},
	},
	"client-max-window-bits": {
		{"node-ws", nil, `change Sec-WebSocket-Extensions from "permessage-deflate; client_max_window_bits" to "permessage-deflate"`},
		{"chrome", nil, `change Sec-WebSocket-Extensions from "permessage-deflate; client_max_window_bits" to "permessage-deflate"`},
		{"undici", nil, `change Sec-WebSocket-Extensions from "permessage-deflate; client_max_window_bits" to "permessage-deflate"`},
	},
	"client-max-window-bits-value": {
		{"chrome", set("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits=15"),
			`change Sec-WebSocket-Extensions from "permessage-deflate; client_max_window_bits=15" to "permessage-deflate; client_max_window_bits"`},
		{"gorilla", set("Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15"),
			`change Sec-WebSocket-Extensions from "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15" to "permessage-deflate; server_max_window_bits=15; client_max_window_bits"`},
		{"curl", set("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits=9, x-webkit-deflate-frame"),
			`change Sec-WebSocket-Extensions from "permessage-deflate; client_max_window_bits=9, x-webkit-deflate-frame" to "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"`},
	},
	"header-order": {
		{"node-ws", nil, "move Host from last to first"},
		{"libwebsockets", nil, "move Host from before Upgrade to first"},
		{"websocket-client", nil, "move Host from before Origin to first"},
	},
	"head-too-long": {
		{"chrome", set("Cookie", longCookie), `change (length) from "5297" to "485"`},
		{"node-ws", set("Cookie", longCookie), `change (length) from "5041" to "229"`},
		{"gorilla", set("Authorization", "Bearer "+longCookie), `change (length) from "5017" to "191"`},
	},
	"http-1.0": {
		{"curl", func(r *handshake.Request) { r.Proto = "HTTP/1.0" }, `change (version) from "HTTP/1.0" to "HTTP/1.1"`},
		{"chrome", func(r *handshake.Request) { r.Proto = "HTTP/1.0" }, `change (version) from "HTTP/1.0" to "HTTP/1.1"`},
		{"node", func(r *handshake.Request) { r.Proto = "HTTP/1.0" }, `change (version) from "HTTP/1.0" to "HTTP/1.1"`},
	},
	"method-not-get": {
		{"curl", func(r *handshake.Request) { r.Method = "POST" }, `change (method) from "POST" to "GET"`},
		{"firefox", func(r *handshake.Request) { r.Method = "CONNECT" }, `change (method) from "CONNECT" to "GET"`},
		{"gws", func(r *handshake.Request) { r.Method = "get" }, `change (method) from "get" to "GET"`},
	},
	"key-repeated": {
		{"coder", add("Sec-WebSocket-Key", sample), "do not repeat Sec-WebSocket-Key: " + sample},
		{"chrome", add("Sec-WebSocket-Key", sample), "do not repeat Sec-WebSocket-Key: " + sample},
		{"gobwas", add("Sec-WebSocket-Key", sample), "do not repeat Sec-WebSocket-Key: " + sample},
	},
	"space-before-colon": {
		{"curl", spaced("Upgrade"), `write Upgrade with ": " instead of " : "`},
		{"chrome", spaced("Sec-WebSocket-Version"), `write Sec-WebSocket-Version with ": " instead of " : "`},
		{"gobwas", spaced("Host"), `write Host with ": " instead of " : "`},
	},
	"line-end": {
		{"curl", bareLF, `change (line-end) from "LF" to "CRLF"`},
		{"chrome", bareLF, `change (line-end) from "LF" to "CRLF"`},
		{"libwebsockets", func(r *handshake.Request) { r.Blank = "\n" }, `change (line-end) from "mixed" to "CRLF"`},
	},
	"accept-encoding": {
		{"coder", nil, "remove Accept-Encoding: gzip"},
		{"chrome", nil, "remove Accept-Encoding: gzip, deflate"},
		{"node", nil, "remove Accept-Encoding: gzip, deflate"},
	},
	"cookie-missing": {
		{"chrome", nil, "add Cookie: [redacted]"},
		{"gorilla", nil, "add Cookie: [redacted]"},
		{"libwebsockets", nil, "add Cookie: [redacted]"},
	},
	"redirect": {
		{"firefox", nil, "add Cookie: [redacted]"},
		{"node-ws", nil, "add Cookie: [redacted]"},
		{"python-websockets", nil, "add Cookie: [redacted]"},
	},
	"rate-limit": {
		{"libwebsockets-coinex", nil, "remove Sec-WebSocket-Protocol: COINEX protocol"},
		{"chrome", protocol("chat"), "remove Sec-WebSocket-Protocol: chat"},
		{"gorilla", protocol("json"), "remove Sec-WebSocket-Protocol: json"},
	},
	"flaky": {
		{"chrome", nil, "remove Origin: http://example.com:9000"},
		{"firefox", nil, "remove Origin: http://example.com:9000"},
		{"websocket-client", nil, "remove Origin: http://example.com:9000"},
	},
	"tls-alpn-missing": {
		{"gorilla", nil, "change tls.alpn from \"\" to \"http/1.1\""},
		{"node-ws", nil, "change tls.alpn from \"\" to \"http/1.1\""},
		{"curl", nil, "change tls.alpn from \"\" to \"http/1.1\""},
	},
	"tls-alpn-h2": {
		{"chrome", nil, "change tls.alpn from \"h2,http/1.1\" to \"http/1.1\""},
		{"coder", nil, "change tls.alpn from \"h2,http/1.1\" to \"http/1.1\""},
		{"node", nil, "change tls.alpn from \"h2,http/1.1\" to \"http/1.1\""},
	},
	"tls-sni-missing": {
		{"libwebsockets", nil, "change tls.sni from \"\" to \"example.com\""},
		{"gobwas", nil, "change tls.sni from \"\" to \"example.com\""},
		{"chrome", nil, "change tls.sni from \"\" to \"example.com\""},
	},
	"tls-1.3": {
		{"gorilla", nil, "change tls.version from \"1.3\" to \"1.2\""},
		{"chrome", nil, "change tls.version from \"1.3\" to \"1.2\""},
		{"curl", nil, "change tls.version from \"1.3\" to \"1.2\""},
	},
}
