package tls

import "os"

// OpenKeyLog opens the file at path, made readable by its owner alone if it
// does not exist, to append the secrets of TLS connections in the format that
// Wireshark and other analysers read (RFC 9850). Give it as KeyLog and close
// it when the connections are done; crypto/tls writes whole lines, one
// connection at a time.
//
// No environment variable is consulted. A program that wants the custom of
// SSLKEYLOGFILE asks for it: OpenKeyLog(os.Getenv("SSLKEYLOGFILE")).
func OpenKeyLog(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}
