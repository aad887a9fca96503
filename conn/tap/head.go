package tap

import (
	"errors"
	"strconv"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// notHead says why a direction does not begin with a head.
func (d *decoder) notHead(from Side, b []byte, err error) Fault {
	var broken *handshake.Error
	switch {
	case from == Client && b[0] == 22: // the type of a handshake record (RFC 8446 §5.1)
		return Fault{Rule: "the client speaks TLS, to what is no TLS server"}
	case from == Server && (b[0] == 21 || b[0] == 22): // or of an alert
		return Fault{Rule: "the server speaks TLS; the URL should be wss://"}
	case errors.As(err, &broken):
		return faultOf(broken.Requirement)
	}
	return Fault{Rule: err.Error()}
}

func faultOf(r handshake.Requirement) Fault { return Fault{r.String(), r.Section()} }

// faultsOf returns the requirement that err names, once.
func faultsOf(faults []Fault, err error) []Fault {
	var broken *handshake.Error
	if !errors.As(err, &broken) {
		return faults
	}
	f := faultOf(broken.Requirement)
	for _, have := range faults {
		if have == f {
			return faults
		}
	}
	return append(faults, f)
}

// requestHead checks a request and says what phase the client enters.
func (d *decoder) requestHead(head []byte) (next phase, faults []Fault) {
	r, _, err := handshake.ParseRequest(head, d.limits())
	faults = faultsOf(nil, err)
	d.request, d.upgrade, d.method = r, false, ""
	d.pending++
	if r == nil {
		return waiting, faults
	}
	d.method = r.Method
	d.upgrade = hasToken(r.Fields, "Upgrade", "websocket") || r.Fields.Has("Sec-WebSocket-Key")
	if d.upgrade {
		_, err := handshake.CheckRequest(r)
		faults = faultsOf(faults, err)
		return waiting, faults
	}
	b := bodyOf(r.Fields, d.opts.Preview)
	b.toEnd = false // a request without a length has no body
	d.dirs[Client].body = b
	return inBody, faults
}

// answerHead checks a response and says what phase the server enters.
func (d *decoder) answerHead(head []byte) (next phase, faults []Fault) {
	r, _, err := handshake.ParseResponse(head, d.limits())
	faults = faultsOf(nil, err)
	if r == nil || r.Status >= 200 || r.Status <= 101 {
		d.pending--
	}
	if r == nil || r.Status == 0 {
		d.dirs[Server].body = body{toEnd: true, data: preview{max: d.opts.Preview}}
		return inBody, faults
	}
	switch {
	case r.Status == 101:
		d.upgraded = true
		if offer := d.offer(); offer != nil {
			_, err := offer.CheckResponse(r)
			faults = faultsOf(faults, err)
		}
		d.agree(r)
		return inFrames, faults
	case r.Status < 200: // an interim answer: the final one follows
		return inHead, faults
	}
	b := bodyOf(r.Fields, d.opts.Preview)
	if r.Status == 204 || r.Status == 304 || d.method == "HEAD" {
		b = body{}
	}
	d.dirs[Server].body = b
	return inBody, faults
}

func (d *decoder) offer() *handshake.Offer {
	if d.request == nil {
		return nil
	}
	return handshake.OfferOf(d.request)
}

// agree takes note of permessage-deflate (RFC 7692 §7.1), without judging it.
func (d *decoder) agree(r *handshake.Response) {
	for _, value := range r.Fields.Values("Sec-WebSocket-Extensions") {
		list, _ := handshake.ParseExtensions(value)
		for _, e := range list {
			if !strings.EqualFold(e.Name, "permessage-deflate") {
				continue
			}
			for side, param := range [...]string{Client: "client_no_context_takeover", Server: "server_no_context_takeover"} {
				_, reset := e.Get(param)
				f := &d.dirs[side].frames
				f.deflate, f.inflater = true, &inflater{takeover: !reset, max: d.opts.Preview}
			}
		}
	}
}

// bodyOf says how long the content behind a head is (RFC 9112 §6.3).
func bodyOf(fs handshake.Fields, max int) body {
	b := body{data: preview{max: max}}
	switch {
	case hasToken(fs, "Transfer-Encoding", "chunked"):
		b.chunked = true
	case fs.Has("Content-Length"):
		n, err := strconv.ParseInt(fs.Get("Content-Length"), 10, 63)
		if err != nil || n < 0 {
			b.toEnd = true
			break
		}
		b.left = n
	default:
		b.toEnd = true
	}
	return b
}

// hasToken reports whether a comma-separated list in a field has the token.
func hasToken(fs handshake.Fields, name, token string) bool {
	for _, value := range fs.Values(name) {
		for v := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.Trim(v, " \t"), token) {
				return true
			}
		}
	}
	return false
}
