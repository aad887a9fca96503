// Package tls is what a WebSocket endpoint needs of TLS (X17): configuration for
// wss on both sides, errors that say in one line why a TLS handshake failed,
// taps that see the plaintext, and a key log for a packet analyser.
//
// It wraps crypto/tls and replaces nothing in it. Chain verification stays on
// unless the caller turns it off by name, TLS 1.2 is the least version spoken
// unless the caller asks for less, and public keys may be pinned in addition
// to the verification of the chain, never instead of it.
//
// Where crypto/tls is imported too, import this package as wstls.
//
// Three names take part in a secure connection, and they need not be the same:
// the address that is dialled, the name sent in the clear as SNI
// (ClientConfig.ServerName), and the name the certificate must be valid for
// (ClientConfig.VerifyName). RFC 6455 §4.1 demands that SNI is sent, which is
// the default (C8), and that a failed TLS handshake fails the WebSocket
// connection before a byte of the opening handshake is sent (C6).
package tls
