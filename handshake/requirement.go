package handshake

import "strings"

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
	side   Side
	status uint16 // what a server answers when a request breaks it
	text   string // what is wrong, and in brackets the ID and the Section
}

const both = ClientSide | ServerSide

// requirements is the closed list. Texts complete "the handshake fails: ".
var requirements = [requirementCount]requirement{
	HeadTooLong:        {both, 431, "the head is longer than the limit (X14, RFC 6455 §10.4)"},
	LineTooLong:        {both, 431, "a line of the head is longer than the limit (X14, RFC 6455 §10.4)"},
	TargetTooLong:      {both, 414, "the start line is longer than the limit (X14, RFC 6455 §10.4)"},
	TooManyFields:      {both, 431, "the head has more fields than the limit (X14, RFC 6455 §10.4)"},
	NotHTTP:            {both, 400, "the first bytes are not HTTP (C9, RFC 6455 §4.1)"},
	MalformedStartLine: {both, 400, "the start line is malformed (C9, RFC 9112 §3)"},
	MalformedTarget:    {ClientSide, 400, "the request target is malformed (C11, RFC 6455 §4.1)"},
	UnsupportedHTTP:    {both, 505, "the HTTP version is not 1.1 (S3, RFC 6455 §4.2.1)"},
	MalformedField:     {both, 400, "a field line has no colon or no legal name (C9, RFC 9112 §5)"},
	SpaceBeforeColon:   {both, 400, "white space stands between a field name and its colon (T1, RFC 9112 §5.1)"},
	ObsoleteFold:       {both, 400, "a field value is folded over several lines (T2, RFC 9112 §5.2)"},
	BareCR:             {both, 400, "a line does not end in CRLF, or has a CR within (T3, RFC 9112 §2.2)"},
	ControlInValue:     {both, 400, "a field value has a control character (T5, RFC 9110 §5.5)"},

	MissingHost:   {ClientSide, 400, "there is no Host (S4, RFC 9112 §3.2)"},
	RepeatedHost:  {ClientSide, 400, "there is more than one Host (T4, RFC 9112 §3.2)"},
	MalformedHost: {ClientSide, 400, "the Host is not a host with an optional port (T4, RFC 9112 §3.2)"},
	RequestBody:   {ClientSide, 400, "the request announces a body (T11, RFC 9112 §6)"},

	MethodNotGET:         {ClientSide, 405, "the method is not GET (S3, RFC 6455 §4.2.1)"},
	MissingUpgrade:       {ClientSide, 426, "Upgrade does not name websocket (S5, RFC 6455 §4.2.1)"},
	MissingConnection:    {ClientSide, 400, "Connection does not name Upgrade (S6, RFC 6455 §4.2.1)"},
	MissingKey:           {ClientSide, 400, "there is no Sec-WebSocket-Key (S7, RFC 6455 §4.2.1)"},
	MalformedKey:         {ClientSide, 400, "Sec-WebSocket-Key is not the base64 of 16 bytes (S7, RFC 6455 §4.2.1)"},
	UnpaddedKey:          {ClientSide, 400, "the 22nd character of Sec-WebSocket-Key is not A, Q, g or w (E3150, RFC 6455 §4.1)"},
	RepeatedKey:          {ClientSide, 400, "there is more than one Sec-WebSocket-Key (X21, RFC 6455 §11.3.1)"},
	MissingVersion:       {ClientSide, 400, "there is no Sec-WebSocket-Version (S8, RFC 6455 §4.2.1)"},
	MalformedVersion:     {ClientSide, 400, "Sec-WebSocket-Version is not a number from 0 to 255 (S27, RFC 6455 §4.3)"},
	RepeatedVersion:      {ClientSide, 400, "there is more than one Sec-WebSocket-Version (X25, RFC 6455 §11.3.5)"},
	UnsupportedVersion:   {ClientSide, 426, "Sec-WebSocket-Version is not 13 (S16, RFC 6455 §4.4)"},
	MalformedSubprotocol: {ClientSide, 400, "a subprotocol is not a token (C20, RFC 6455 §4.1)"},
	RepeatedSubprotocol:  {ClientSide, 400, "a subprotocol is offered more than once (C20, RFC 6455 §4.1)"},
	MalformedExtensions:  {both, 400, "Sec-WebSocket-Extensions is malformed (X4, RFC 6455 §9.1)"},
	QuotedNotToken:       {both, 400, "a quoted extension parameter is not a token (X6, RFC 6455 §9.1)"},
	ForeignOrigin:        {ClientSide, 403, "the Origin is not allowed (S15, RFC 6455 §4.2.2)"},

	SubprotocolNotOffered: {ServerSide, 500, "the chosen subprotocol was not offered (S18, RFC 6455 §4.2.2)"},
	ExtensionNotOffered:   {ServerSide, 500, "the chosen extension was not offered (S21, RFC 6455 §4.2.2)"},

	NotSwitching:            {ServerSide, 0, "the server did not switch protocols (C24, RFC 6455 §4.1)"},
	MalformedAnswer:         {ServerSide, 0, "the answer is not a legal HTTP/1.1 answer (C30, RFC 6455 §4.2.2)"},
	AnswerWithoutUpgrade:    {ServerSide, 0, "the answer's Upgrade is not websocket (C25, RFC 6455 §4.1)"},
	AnswerWithoutConnection: {ServerSide, 0, "the answer's Connection does not name Upgrade (C26, RFC 6455 §4.1)"},
	MissingAccept:           {ServerSide, 0, "the answer has no Sec-WebSocket-Accept (C27, RFC 6455 §4.1)"},
	WrongAccept:             {ServerSide, 0, "Sec-WebSocket-Accept does not belong to the key (C27, RFC 6455 §4.1)"},
	RepeatedAccept:          {ServerSide, 0, "the answer has more than one Sec-WebSocket-Accept (X23, RFC 6455 §11.3.3)"},
	UnrequestedExtension:    {ServerSide, 0, "the server chose an extension that was not offered (C28, RFC 6455 §4.1)"},
	UnrequestedSubprotocol:  {ServerSide, 0, "the server chose a subprotocol that was not offered (C29, RFC 6455 §4.1)"},
	SeveralSubprotocols:     {ServerSide, 0, "the server chose more than one subprotocol (X24, RFC 6455 §11.3.4)"},
	NoSubprotocol:           {ServerSide, 0, "the server chose none of the subprotocols (C31, RFC 6455 §1.9)"},
	TooManyInterim:          {ServerSide, 0, "the server sends interim answers without end (T8, RFC 9110 §15.2)"},
	NoAnswer:                {ServerSide, 0, "the peer closed the connection without a byte (C5, RFC 6455 §4.1)"},
	CutShort:                {both, 400, "the peer closed the connection within its head (C5, RFC 6455 §4.1)"},
	Silent:                  {both, 408, "the time ran out before the head was complete (C5, RFC 6455 §4.1)"},
	Transport:               {both, 0, "the connection failed (C5, RFC 6455 §4.1)"},

	MalformedURL:    {ClientSide, 0, "the URL is malformed (U5, RFC 6455 §3)"},
	NotWebSocketURL: {ClientSide, 0, "the URL's scheme is neither ws nor wss (U4, RFC 6455 §3)"},
	URLFragment:     {ClientSide, 0, "the URL has a fragment (write %23 for a # that belongs to it) (U1, RFC 6455 §3)"},
	NonASCIIHost:    {ClientSide, 0, "the URL's host is not ASCII (give its xn-- form) (U6, RFC 6455 §11.1.1)"},
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
func (r Requirement) ID() string {
	id, _ := r.source()
	return id
}

// Section returns where the requirement stands, such as "RFC 6455 §4.1".
func (r Requirement) Section() string {
	_, section := r.source()
	return section
}

// source takes the end of the text apart. As fields of their own, in every client
// for the sake of those who ask, the two would make the table twice as large.
func (r Requirement) source() (id, section string) {
	text := requirements[r].text
	id, section, _ = strings.Cut(text[strings.LastIndexByte(text, '(')+1:], ", ")
	return id, strings.TrimSuffix(section, ")")
}

// Side returns whom the requirement binds.
func (r Requirement) Side() Side { return requirements[r].side }

// Status returns the HTTP status with which a server answers a request that
// breaks the requirement, or 0 where there is nothing to answer.
func (r Requirement) Status() int { return int(requirements[r].status) }

// String says what is wrong when the requirement is broken.
func (r Requirement) String() string {
	text := requirements[r].text
	return text[:max(strings.LastIndexByte(text, '('), 1)-1]
}

// Error makes a Requirement a target of errors.Is. The text has ID and Section.
func (r Requirement) Error() string { return "handshake: " + requirements[r].text }
