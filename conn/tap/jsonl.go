package tap

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"github.com/octet-ws/octet/frame"
)

// NewJSONLines returns a writer of one JSON object a line to w, for each event
// but Bytes. Every object has time, conn, event (see [Kind.String]) and, but
// for "open", from; the other members are those of [Event] and [Frame]. Bytes
// that are UTF-8 are in a member text, others as base64 in one called base64.
// left_out counts the bytes that a preview does not show.
func NewJSONLines(w io.Writer) Writer {
	out := newOutput(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return &jsonLines{out: out, enc: enc}
}

type jsonLines struct {
	out *output
	enc *json.Encoder
}

// jsonEvent fixes the names and the order of the members.
type jsonEvent struct {
	Time  string `json:"time"`
	Conn  int    `json:"conn"`
	Event string `json:"event"`
	From  string `json:"from,omitempty"`

	Client string   `json:"client,omitempty"`
	Server string   `json:"server,omitempty"`
	URL    string   `json:"url,omitempty"`
	TLS    []string `json:"tls,omitempty"`

	Offset *int64 `json:"offset,omitempty"`
	Length *int64 `json:"length,omitempty"`

	*jsonFrame
	*jsonData
	Close    *jsonClose    `json:"close,omitempty"`
	Inflated *jsonInflated `json:"inflated,omitempty"`

	Redacted []string    `json:"redacted,omitempty"`
	Error    string      `json:"error,omitempty"`
	Problems []jsonFault `json:"problems,omitempty"`
}

type jsonFrame struct {
	Header  int    `json:"header"` // bytes before the payload
	Fin     bool   `json:"fin"`
	RSV     uint8  `json:"rsv"`
	Opcode  uint8  `json:"opcode"`
	Type    string `json:"type"`
	Masked  bool   `json:"masked"`
	Key     string `json:"key,omitempty"`
	Payload int64  `json:"payload"` // its length
	Missing int64  `json:"missing,omitempty"`
}

type jsonData struct {
	Text    *string `json:"text,omitempty"`
	Base64  []byte  `json:"base64,omitempty"`
	LeftOut int64   `json:"left_out,omitempty"`
}

type jsonClose struct {
	Code   uint16 `json:"code"`
	Reason string `json:"reason"`
}

type jsonInflated struct {
	Type   string `json:"type"`
	Length int64  `json:"length"`
	jsonData
}

type jsonFault struct {
	Rule    string `json:"rule"`
	Section string `json:"section,omitempty"`
}

func (j *jsonLines) Flush() error { return j.out.Flush() }

func (j *jsonLines) Write(e *Event) error {
	if e.Kind == Bytes {
		return nil
	}
	v := jsonEvent{Time: e.Time.UTC().Format(time.RFC3339Nano), Conn: e.Conn, Event: e.Kind.String()}
	for _, p := range e.Problems {
		v.Problems = append(v.Problems, jsonFault(p))
	}
	if e.Kind == Opened {
		v.Client, v.Server, v.URL = endpoint(e.Peers.Client), endpoint(e.Peers.Server), e.Peers.URL
		for side, secure := range e.Peers.Secure {
			if secure {
				v.TLS = append(v.TLS, Side(side).String())
			}
		}
		return j.enc.Encode(v)
	}
	v.From, v.Offset, v.Redacted = e.From.String(), &e.Offset, e.Redacted
	switch e.Kind {
	case Head, Body, Opaque:
		v.Length = &e.Length
		v.jsonData = dataOf(e.Data, e.Length-int64(len(e.Data)))
	case Framed:
		v.frame(e.Frame)
	case Ended:
		if e.Err != nil {
			v.Error = e.Err.Error()
		}
	}
	return j.enc.Encode(v)
}

func (v *jsonEvent) frame(f *Frame) {
	v.jsonFrame = &jsonFrame{Header: f.Size, Fin: f.Fin, RSV: uint8(f.RSV), Opcode: uint8(f.Opcode),
		Type: f.Opcode.String(), Masked: f.Masked, Payload: f.Length, Missing: f.Missing}
	if f.Masked {
		v.Key = hex.EncodeToString(f.Key[:])
	}
	v.jsonData = dataOf(f.Payload, f.Left)
	if f.Opcode == frame.Close && f.Missing == 0 && f.Length >= 2 {
		code, reason, _ := frame.ParseClose(f.Payload)
		v.Close = &jsonClose{uint16(code), string(reason)}
		v.jsonData = nil
	}
	if m := f.Message; m != nil {
		v.Inflated = &jsonInflated{m.Opcode.String(), m.Length, *dataOf(m.Data, m.Length-int64(len(m.Data)))}
	}
}

// dataOf chooses how bytes are written. A preview may be cut within a
// character; those last bytes of a text are left out too.
func dataOf(b []byte, left int64) *jsonData {
	if left > 0 {
		if cut := wholeRunes(b); utf8.Valid(cut) {
			left += int64(len(b) - len(cut))
			b = cut
		}
	}
	if utf8.Valid(b) {
		s := string(b)
		return &jsonData{Text: &s, LeftOut: left}
	}
	return &jsonData{Base64: b, LeftOut: left}
}

// wholeRunes takes an unfinished character off the end of b.
func wholeRunes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if tail := b[len(b)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
