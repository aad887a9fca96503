package tls

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Alert descriptions that have a Cause of their own (RFC 8446 §6.2, RFC 7301 §3.2).
const (
	alertCertificateExpired    = 45
	alertProtocolVersion       = 70
	alertNoApplicationProtocol = 120
)

// alertOf returns the description of the alert that the peer sent, if err is
// one. crypto/tls keeps the number to itself but words a peer's alert exactly
// as it words a tls.AlertError, so the number is found by its words.
func alertOf(err error) (code uint8, ok bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return 0, false
	}
	text := op.Err.Error()
	for i := range 256 {
		if tls.AlertError(i).Error() == text {
			return uint8(i), true
		}
	}
	return 0, false
}

func alertCause(code uint8, conf *tls.Config) (Cause, string) {
	switch code {
	case alertProtocolVersion:
		return CauseVersion, "peer speaks no TLS version between " + versionRange(conf)
	case alertNoApplicationProtocol:
		return CauseALPN, "peer accepts no ALPN protocol of " + strings.Join(conf.NextProtos, ", ")
	}
	words := strings.TrimPrefix(tls.AlertError(code).Error(), "tls: ")
	detail := "peer sent alert " + strconv.Itoa(int(code)) + ", " + words
	if code == alertCertificateExpired {
		detail += " (our certificate)"
	}
	return CauseAlert, detail
}

func versionRange(conf *tls.Config) string {
	high := conf.MaxVersion
	if high == 0 {
		high = tls.VersionTLS13
	}
	return tls.VersionName(conf.MinVersion) + " and " + tls.VersionName(high)
}

// causeOfText is for the failures crypto/tls reports as plain text and for
// those of the transport below it.
func causeOfText(err error, conf *tls.Config) (Cause, string) {
	text := strings.TrimPrefix(err.Error(), "tls: ")
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case errors.Is(err, errHTTP2), has("application protocol"), has("ALPN"):
		return CauseALPN, text
	case has("unsupported protocol version"), has("unsupported versions"):
		return CauseVersion, text + "; we speak " + versionRange(conf)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return CauseTransport, "peer closed the connection"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return CauseTransport, "peer reset the connection"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return CauseTransport, "peer did not answer in time"
	case errors.Is(err, context.Canceled):
		return CauseTransport, "canceled"
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return CauseTransport, text
	}
	return CauseOther, text
}

// looksLikeHTTP reports whether the five bytes that stood where a TLS record's
// header should begin a status line or a request line.
func looksLikeHTTP(b [5]byte) bool {
	switch string(b[:]) {
	case "HTTP/", "GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "PATCH", "DELET", "CONNE", "TRACE":
		return true
	}
	return false
}

func quoteBytes(b []byte) string { return strconv.QuoteToASCII(string(b)) }
