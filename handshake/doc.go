// Package handshake reads, checks, builds and answers the opening handshake of
// a WebSocket connection (RFC 6455 §4), byte for byte.
//
// # Heads
//
// A head is the part of an HTTP message up to and including its empty line. It
// is kept here as what it is on the wire: a start line and an ordered list of
// fields, with the case of every name, the spacing around every colon, every
// duplicate and every line end. Servers, proxies and firewalls look at all of
// these, so none may be lost or normalised. [ParseRequest] and [ParseResponse]
// followed by AppendRaw give back the bytes that went in.
//
// # Building
//
// [Offer.Request] makes the smallest legal request: no Origin, no subprotocol,
// no extension and no User-Agent unless asked for. [Request.Append] and
// [Response.Append] refuse what RFC 6455, RFC 9110 or RFC 9112 forbid and never
// rewrite a value that was given; [Request.AppendRaw], [Response.AppendRaw] and
// [ClientRaw] are the loud ways around the checks, for tools that have to say
// something illegal.
//
// # Checking
//
// The server side is strict ([CheckRequest]), since leniency there is how
// requests are smuggled; the client side is tolerant where real servers need it
// ([Offer.CheckResponse]). Everything a peer can get wrong is one [Requirement]
// of a closed list, with its section and with the HTTP status to answer. Parsers
// are linear in the size of their input, however it is cut ([Scanner]), and take
// any input for hostile (X18).
//
// # Exchanging
//
// [Client] and [Server] run the handshake over any io.ReadWriter and hand back
// the bytes that arrived behind the head. A server that has the request in memory
// answers it with [Chooser.Accept]; [Chooser] is its policy. This package opens no
// connection and knows neither net nor net/http.
//
// # Specifications
//
// RFC 6455 §3, §4, §9 and §11 with errata 3150 and 3433, RFC 9110 and RFC 9112
// for HTTP/1.1, RFC 3986 for URLs. Comments name the requirement they implement
// by the identifiers of docs/conformance, for example C27 or T1.
package handshake
