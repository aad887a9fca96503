package handshake

// A Requirement is one thing the opening handshake demands. The list is closed:
// whatever a peer or a caller gets wrong is one of these. A Requirement is an
// error, so that errors.Is(err, handshake.WrongAccept) asks for it.
type Requirement uint8

const (
	_ Requirement = iota

	// Syntax of a head.
	HeadTooLong        // the head exceeds Limits.HeadBytes
	LineTooLong        // a line of it exceeds Limits.LineBytes
	TargetTooLong      // the request line exceeds Limits.LineBytes
	TooManyFields      // it has more than Limits.Fields field lines
	NotHTTP            // the first bytes do not begin an HTTP message
	MalformedStartLine // the request or status line has another form
	MalformedTarget    // the request target is not a legal one
	UnsupportedHTTP    // HTTP/1.0, or another major version
	MalformedField     // a field line without colon or with an illegal name
	SpaceBeforeColon   // white space between a name and its colon
	ObsoleteFold       // a field value continued on the next line
	BareCR             // a CR that does not belong to a CRLF
	ControlInValue     // CR, LF, NUL or another control character in a value

	// Requests, as HTTP sees them.
	MissingHost
	RepeatedHost
	MalformedHost
	RequestBody // a body is announced where frames are to follow

	// Requests, as RFC 6455 sees them.
	MethodNotGET
	MissingUpgrade
	MissingConnection
	MissingKey
	MalformedKey
	UnpaddedKey // the bits behind the key's 16 bytes are not zero
	RepeatedKey
	MissingVersion
	MalformedVersion
	RepeatedVersion
	UnsupportedVersion
	MalformedSubprotocol // a subprotocol is not a token
	RepeatedSubprotocol  // one is offered twice
	MalformedExtensions
	QuotedNotToken // a quoted extension parameter that is no token
	ForeignOrigin

	// Answers a server may not give.
	SubprotocolNotOffered
	ExtensionNotOffered

	// Answers, as the client sees them.
	NotSwitching // a status other than 101
	MalformedAnswer
	AnswerWithoutUpgrade
	AnswerWithoutConnection
	MissingAccept
	WrongAccept
	RepeatedAccept
	UnrequestedExtension
	UnrequestedSubprotocol
	SeveralSubprotocols
	NoSubprotocol // none was agreed though one was required
	TooManyInterim
	NoAnswer  // closed without a byte
	CutShort  // closed within the head
	Silent    // the time ran out
	Transport // any other error of the stream

	// URLs.
	MalformedURL
	NotWebSocketURL
	URLFragment
	NonASCIIHost

	requirementCount
)

// A Side is whose part of the handshake a requirement binds.
type Side uint8

const (
	ClientSide Side = 1 << iota // the client must keep it, the server checks
	ServerSide                  // the server must keep it, the client checks
)

type requirement struct {
	id, section string
	side        Side
	status      uint16 // what a server answers when a request breaks it
	text        string
}

const both = ClientSide | ServerSide

// requirements is the closed list. Texts complete "the handshake fails: ".
var requirements = [requirementCount]requirement{
	HeadTooLong:        {"X14", "RFC 6455 §10.4", both, 431, "the head is longer than the limit"},
	LineTooLong:        {"X14", "RFC 6455 §10.4", both, 431, "a line of the head is longer than the limit"},
	TargetTooLong:      {"X14", "RFC 6455 §10.4", both, 414, "the start line is longer than the limit"},
	TooManyFields:      {"X14", "RFC 6455 §10.4", both, 431, "the head has more fields than the limit"},
	NotHTTP:            {"C9", "RFC 6455 §4.1", both, 400, "the first bytes are not HTTP"},
	MalformedStartLine: {"C9", "RFC 9112 §3", both, 400, "the start line is malformed"},
	MalformedTarget:    {"C11", "RFC 6455 §4.1", ClientSide, 400, "the request target is malformed"},
	UnsupportedHTTP:    {"S3", "RFC 6455 §4.2.1", both, 505, "the HTTP version is not 1.1"},
	MalformedField:     {"C9", "RFC 9112 §5", both, 400, "a field line has no colon or no legal name"},
	SpaceBeforeColon:   {"T1", "RFC 9112 §5.1", both, 400, "white space stands between a field name and its colon"},
	ObsoleteFold:       {"T2", "RFC 9112 §5.2", both, 400, "a field value is folded over several lines"},
	BareCR:             {"T3", "RFC 9112 §2.2", both, 400, "a line does not end in CRLF, or has a CR within"},
	ControlInValue:     {"T5", "RFC 9110 §5.5", both, 400, "a field value has a control character"},

	MissingHost:   {"S4", "RFC 9112 §3.2", ClientSide, 400, "there is no Host"},
	RepeatedHost:  {"T4", "RFC 9112 §3.2", ClientSide, 400, "there is more than one Host"},
	MalformedHost: {"T4", "RFC 9112 §3.2", ClientSide, 400, "the Host is not a host with an optional port"},
	RequestBody:   {"T11", "RFC 9112 §6", ClientSide, 400, "the request announces a body"},

	MethodNotGET:         {"S3", "RFC 6455 §4.2.1", ClientSide, 405, "the method is not GET"},
	MissingUpgrade:       {"S5", "RFC 6455 §4.2.1", ClientSide, 426, "Upgrade does not name websocket"},
	MissingConnection:    {"S6", "RFC 6455 §4.2.1", ClientSide, 400, "Connection does not name Upgrade"},
	MissingKey:           {"S7", "RFC 6455 §4.2.1", ClientSide, 400, "there is no Sec-WebSocket-Key"},
	MalformedKey:         {"S7", "RFC 6455 §4.2.1", ClientSide, 400, "Sec-WebSocket-Key is not the base64 of 16 bytes"},
	UnpaddedKey:          {"E3150", "RFC 6455 §4.1", ClientSide, 400, "the 22nd character of Sec-WebSocket-Key is not A, Q, g or w"},
	RepeatedKey:          {"X21", "RFC 6455 §11.3.1", ClientSide, 400, "there is more than one Sec-WebSocket-Key"},
	MissingVersion:       {"S8", "RFC 6455 §4.2.1", ClientSide, 400, "there is no Sec-WebSocket-Version"},
	MalformedVersion:     {"S27", "RFC 6455 §4.3", ClientSide, 400, "Sec-WebSocket-Version is not a number from 0 to 255"},
	RepeatedVersion:      {"X25", "RFC 6455 §11.3.5", ClientSide, 400, "there is more than one Sec-WebSocket-Version"},
	UnsupportedVersion:   {"S16", "RFC 6455 §4.4", ClientSide, 426, "Sec-WebSocket-Version is not 13"},
	MalformedSubprotocol: {"C20", "RFC 6455 §4.1", ClientSide, 400, "a subprotocol is not a token"},
	RepeatedSubprotocol:  {"C20", "RFC 6455 §4.1", ClientSide, 400, "a subprotocol is offered more than once"},
	MalformedExtensions:  {"X4", "RFC 6455 §9.1", both, 400, "Sec-WebSocket-Extensions is malformed"},
	QuotedNotToken:       {"X6", "RFC 6455 §9.1", both, 400, "a quoted extension parameter is not a token"},
	ForeignOrigin:        {"S15", "RFC 6455 §4.2.2", ClientSide, 403, "the Origin is not allowed"},

	SubprotocolNotOffered: {"S18", "RFC 6455 §4.2.2", ServerSide, 500, "the chosen subprotocol was not offered"},
	ExtensionNotOffered:   {"S21", "RFC 6455 §4.2.2", ServerSide, 500, "the chosen extension was not offered"},

	NotSwitching:            {"C24", "RFC 6455 §4.1", ServerSide, 0, "the server did not switch protocols"},
	MalformedAnswer:         {"C30", "RFC 6455 §4.2.2", ServerSide, 0, "the answer is not a legal HTTP/1.1 answer"},
	AnswerWithoutUpgrade:    {"C25", "RFC 6455 §4.1", ServerSide, 0, "the answer's Upgrade is not websocket"},
	AnswerWithoutConnection: {"C26", "RFC 6455 §4.1", ServerSide, 0, "the answer's Connection does not name Upgrade"},
	MissingAccept:           {"C27", "RFC 6455 §4.1", ServerSide, 0, "the answer has no Sec-WebSocket-Accept"},
	WrongAccept:             {"C27", "RFC 6455 §4.1", ServerSide, 0, "Sec-WebSocket-Accept does not belong to the key"},
	RepeatedAccept:          {"X23", "RFC 6455 §11.3.3", ServerSide, 0, "the answer has more than one Sec-WebSocket-Accept"},
	UnrequestedExtension:    {"C28", "RFC 6455 §4.1", ServerSide, 0, "the server chose an extension that was not offered"},
	UnrequestedSubprotocol:  {"C29", "RFC 6455 §4.1", ServerSide, 0, "the server chose a subprotocol that was not offered"},
	SeveralSubprotocols:     {"X24", "RFC 6455 §11.3.4", ServerSide, 0, "the server chose more than one subprotocol"},
	NoSubprotocol:           {"C31", "RFC 6455 §1.9", ServerSide, 0, "the server chose none of the subprotocols"},
	TooManyInterim:          {"T8", "RFC 9110 §15.2", ServerSide, 0, "the server sends interim answers without end"},
	NoAnswer:                {"C5", "RFC 6455 §4.1", ServerSide, 0, "the peer closed the connection without a byte"},
	CutShort:                {"C5", "RFC 6455 §4.1", both, 400, "the peer closed the connection within its head"},
	Silent:                  {"C5", "RFC 6455 §4.1", both, 408, "the time ran out before the head was complete"},
	Transport:               {"C5", "RFC 6455 §4.1", both, 0, "the connection failed"},

	MalformedURL:    {"U5", "RFC 6455 §3", ClientSide, 0, "the URL is malformed"},
	NotWebSocketURL: {"U4", "RFC 6455 §3", ClientSide, 0, "the URL's scheme is neither ws nor wss"},
	URLFragment:     {"U1", "RFC 6455 §3", ClientSide, 0, "the URL has a fragment (write %23 for a # that belongs to it)"},
	NonASCIIHost:    {"U6", "RFC 6455 §11.1.1", ClientSide, 0, "the URL's host is not ASCII (give its xn-- form)"},
}

// Requirements returns the closed list.
func Requirements() []Requirement {
	list := make([]Requirement, 0, requirementCount-1)
	for r := Requirement(1); r < requirementCount; r++ {
		list = append(list, r)
	}
	return list
}

// ID returns the identifier of the requirement in docs/conformance, such as
// "C27". Several requirements of one paragraph share it.
func (r Requirement) ID() string { return requirements[r].id }

// Section returns where the requirement stands, such as "RFC 6455 §4.1".
func (r Requirement) Section() string { return requirements[r].section }

// Side returns whom the requirement binds.
func (r Requirement) Side() Side { return requirements[r].side }

// Status returns the HTTP status with which a server answers a request that
// breaks the requirement, or 0 where there is nothing to answer.
func (r Requirement) Status() int { return int(requirements[r].status) }

// String says what is wrong when the requirement is broken.
func (r Requirement) String() string { return requirements[r].text }

// Error makes a Requirement a target of errors.Is.
func (r Requirement) Error() string { return "handshake: " + r.String() }
