package frame

import (
	"strconv"
	"unicode/utf8"
)

// CloseCode is the status code of a Close frame (RFC 6455 §7.4).
type CloseCode uint16

// The codes of RFC 6455 §7.4.1 and those IANA registered later (K21, K26).
// 1004 is reserved and has no meaning (K23).
const (
	CloseNormal             CloseCode = 1000 // the purpose is fulfilled
	CloseGoingAway          CloseCode = 1001 // a server shuts down, a browser leaves the page
	CloseProtocolError      CloseCode = 1002 // the peer broke the protocol
	CloseUnsupportedData    CloseCode = 1003 // a type of data the endpoint does not take
	CloseNoStatus           CloseCode = 1005 // never on the wire: the Close had no code
	CloseAbnormal           CloseCode = 1006 // never on the wire: there was no Close
	CloseInvalidPayload     CloseCode = 1007 // text that is not UTF-8, undecodable data
	ClosePolicyViolation    CloseCode = 1008 // when no other code fits
	CloseMessageTooBig      CloseCode = 1009 // a message beyond the endpoint's limit
	CloseMandatoryExtension CloseCode = 1010 // a client misses extensions it needs
	CloseInternalError      CloseCode = 1011 // the endpoint cannot go on
	CloseServiceRestart     CloseCode = 1012
	CloseTryAgainLater      CloseCode = 1013
	CloseBadGateway         CloseCode = 1014
	CloseTLSHandshake       CloseCode = 1015 // never on the wire: TLS failed
)

// MaxCloseReason is the most octets the reason of a Close can have: what a
// control frame holds, less the code.
const MaxCloseReason = MaxControlPayload - 2

// MaySend reports whether an endpoint may put c in a Close frame: the defined
// codes but for 1005, 1006 and 1015 (K22), the registered range 3000 to 3999
// and the private one 4000 to 4999 (K25).
func (c CloseCode) MaySend() bool {
	switch {
	case c >= 3000 && c <= 4999:
		return true
	case c >= CloseNormal && c <= CloseUnsupportedData:
		return true
	}
	return c >= CloseInvalidPayload && c <= CloseBadGateway
}

// MayReceive reports whether a Close frame with c is one a peer may send. It
// is the same set as [CloseCode.MaySend]: codes from 1000 to 2999 that nobody
// has defined are refused as the RFC reserves them.
func (c CloseCode) MayReceive() bool { return c.MaySend() }

// closeMeanings are those of the codes from CloseNormal on; "" for 1004.
var closeMeanings = [...]string{
	CloseNormal - CloseNormal:             "normal closure",
	CloseGoingAway - CloseNormal:          "going away",
	CloseProtocolError - CloseNormal:      "protocol error",
	CloseUnsupportedData - CloseNormal:    "unsupported data",
	CloseNoStatus - CloseNormal:           "no status received",
	CloseAbnormal - CloseNormal:           "abnormal closure",
	CloseInvalidPayload - CloseNormal:     "invalid payload data",
	ClosePolicyViolation - CloseNormal:    "policy violation",
	CloseMessageTooBig - CloseNormal:      "message too big",
	CloseMandatoryExtension - CloseNormal: "mandatory extension",
	CloseInternalError - CloseNormal:      "internal error",
	CloseServiceRestart - CloseNormal:     "service restart",
	CloseTryAgainLater - CloseNormal:      "try again later",
	CloseBadGateway - CloseNormal:         "bad gateway",
	CloseTLSHandshake - CloseNormal:       "TLS handshake",
}

// String returns the number and, for a defined code, its meaning, as in
// "1001 going away".
func (c CloseCode) String() string {
	s := strconv.Itoa(int(c))
	if i := int(c - CloseNormal); i < len(closeMeanings) && closeMeanings[i] != "" {
		s += " " + closeMeanings[i]
	}
	return s
}

// AppendClose appends the payload of a Close frame (RFC 6455 §5.5.1): the
// code in network byte order, then the reason. CloseNoStatus without a reason
// stands for a Close without a payload. It refuses a code that must not be
// sent (RuleCloseCode), a reason that is not UTF-8 (RuleCloseReason) and one
// longer than MaxCloseReason octets (RuleControlLength), and then returns dst
// as it was.
func AppendClose(dst []byte, code CloseCode, reason string) ([]byte, error) {
	switch {
	case code == CloseNoStatus && reason == "":
		return dst, nil
	case !code.MaySend():
		return dst, RuleCloseCode
	case len(reason) > MaxCloseReason:
		return dst, RuleControlLength
	case !utf8.Valid([]byte(reason)):
		return dst, RuleCloseReason
	}
	dst = append(dst, byte(code>>8), byte(code))
	return append(dst, reason...), nil
}

// ParseClose takes the unmasked payload of a Close frame apart. An empty one
// is CloseNoStatus (K8). reason aliases p. The error is RuleCloseLength for a
// payload of one octet (F32), RuleCloseCode or RuleCloseReason (F33).
func ParseClose(p []byte) (code CloseCode, reason []byte, err error) {
	switch len(p) {
	case 0:
		return CloseNoStatus, nil, nil
	case 1:
		return 0, nil, RuleCloseLength
	}
	code = CloseCode(p[0])<<8 | CloseCode(p[1])
	reason = p[2:]
	if !code.MayReceive() {
		return code, reason, RuleCloseCode
	}
	if !utf8.Valid(reason) {
		return code, reason, RuleCloseReason
	}
	return code, reason, nil
}
