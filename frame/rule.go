package frame

import "strconv"

// Rule is one way to break RFC 6455 §5 to §8 with a frame; the list is
// closed. A Rule is an error. By itself it says that the caller tried to
// break the rule; inside an [*Error] it says that the peer did. errors.Is
// finds it in both.
type Rule uint8

// The rules, from the first bit of a header to the last frame of a connection.
const (
	_ Rule = iota

	RuleRSV               // a reserved bit that no extension gave a meaning (F7, P7, P8)
	RuleOpcode            // an opcode without a meaning (F8)
	RuleControlFragmented // a control frame without FIN (F22)
	RuleControlLength     // a control frame of more than 125 octets (F31)
	RuleLengthRange       // the most significant bit of a 64-bit length is set (F9)
	RuleLengthMinimal     // a length in more bytes than it needs (F11)
	RuleUnmasked          // a frame from a client that is not masked (F1, F2)
	RuleMasked            // a frame from a server that is masked (F3, F4)

	RuleInterleaved // a new message before the last one ended (F24)
	RuleOrphan      // a continuation of no message (F24)
	RuleUTF8        // text that is not UTF-8 (F50, X1)
	RuleCompressed  // a compressed message that cannot be decompressed (RFC 7692)

	RuleFrameSize     // a frame above this endpoint's limit (X15)
	RuleMessageSize   // a message above this endpoint's limit (X15)
	RuleFragmentCount // more fragments than this endpoint's limit (X15)

	RuleCloseLength // a Close payload of one octet (F32)
	RuleCloseCode   // a status code that must not be sent (K22, K23, K25)
	RuleCloseReason // a reason that is not UTF-8 (F33)
	RuleAfterClose  // a frame after the Close (F36)

	lastRule = RuleAfterClose
)

// rules says of each Rule where it stands in the RFC, with what code to fail
// the connection, and in a few words what was wrong. The text is the reason
// of the Close that a failing endpoint sends, so it fits in one.
var rules = [lastRule + 1]struct {
	section string
	code    CloseCode
	text    string
}{
	RuleRSV:               {"RFC 6455 §5.2", CloseProtocolError, "reserved bit set without an extension that defines it"},
	RuleOpcode:            {"RFC 6455 §5.2", CloseProtocolError, "reserved opcode"},
	RuleControlFragmented: {"RFC 6455 §5.5", CloseProtocolError, "fragmented control frame"},
	RuleControlLength:     {"RFC 6455 §5.5", CloseProtocolError, "control frame with more than 125 bytes of payload"},
	RuleLengthRange:       {"RFC 6455 §5.2", CloseProtocolError, "most significant bit of a 64-bit length set"},
	RuleLengthMinimal:     {"RFC 6455 §5.2", CloseProtocolError, "length not in the fewest possible bytes"},
	RuleUnmasked:          {"RFC 6455 §5.1", CloseProtocolError, "unmasked frame from a client"},
	RuleMasked:            {"RFC 6455 §5.1", CloseProtocolError, "masked frame from a server"},
	RuleInterleaved:       {"RFC 6455 §5.4", CloseProtocolError, "new message before the end of the last one"},
	RuleOrphan:            {"RFC 6455 §5.4", CloseProtocolError, "continuation frame without a message to continue"},
	RuleUTF8:              {"RFC 6455 §8.1", CloseInvalidPayload, "text message is not UTF-8"},
	RuleCompressed:        {"RFC 7692 §7.2.2", CloseInvalidPayload, "compressed message cannot be decompressed"},
	RuleFrameSize:         {"RFC 6455 §10.4", CloseMessageTooBig, "frame larger than this endpoint accepts"},
	RuleMessageSize:       {"RFC 6455 §10.4", CloseMessageTooBig, "message larger than this endpoint accepts"},
	RuleFragmentCount:     {"RFC 6455 §10.4", CloseMessageTooBig, "more fragments than this endpoint accepts"},
	RuleCloseLength:       {"RFC 6455 §5.5.1", CloseProtocolError, "close frame with one byte of payload"},
	RuleCloseCode:         {"RFC 6455 §7.4", CloseProtocolError, "status code that must not be in a close frame"},
	RuleCloseReason:       {"RFC 6455 §5.5.1", CloseInvalidPayload, "close reason is not UTF-8"},
	RuleAfterClose:        {"RFC 6455 §5.5.1", CloseProtocolError, "frame after the close frame"},
}

// Section returns where the rule stands, as in "RFC 6455 §5.2".
func (r Rule) Section() string {
	if r > lastRule {
		return ""
	}
	return rules[r].section
}

// CloseCode returns the status code to fail the connection with when a peer
// breaks the rule (RFC 6455 §7.4.1), or 0 if r is not a rule.
func (r Rule) CloseCode() CloseCode {
	if r > lastRule {
		return 0
	}
	return rules[r].code
}

// String says in a few words what breaking the rule looks like. It has at
// most MaxCloseReason octets.
func (r Rule) String() string {
	if r == 0 || r > lastRule {
		return "rule " + strconv.Itoa(int(r))
	}
	return rules[r].text
}

// Error makes a Rule an error: what was wrong and where it is forbidden.
func (r Rule) Error() string {
	return "websocket: " + r.String() + " (" + r.Section() + ")"
}

// Error says that the peer broke a rule. It unwraps to the [Rule].
type Error struct {
	Rule   Rule
	Header Header // of the frame that broke it
	Offset int64  // octets that the peer sent before the one that broke it
}

// Error returns one line: who, what, where in the stream, and the section.
func (e *Error) Error() string {
	return "websocket: " + e.Rule.String() + ", in a " + e.Header.Opcode.String() +
		" frame of " + strconv.FormatInt(e.Header.Length, 10) + " bytes from the peer, at byte " +
		strconv.FormatInt(e.Offset, 10) + " (" + e.Rule.Section() + ")"
}

// Unwrap returns e.Rule.
func (e *Error) Unwrap() error { return e.Rule }
