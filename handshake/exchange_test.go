package handshake

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A script is the peer's end of a stream: what it says, whatever it is sent.
type script struct {
	io.Reader
	sent bytes.Buffer
}

func (s *script) Write(p []byte) (int, error) { return s.sent.Write(p) }

// says is a peer that says s, in pieces of the given size, and then fails with
// err.
func says(s string, piece int, err error) *script {
	r := io.MultiReader(strings.NewReader(s), iotest.ErrReader(err))
	return &script{Reader: pieces{r, piece}}
}

type pieces struct {
	r io.Reader
	n int
}

func (p pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), p.n)]) }

func sampleRequest(t testing.TB) *Request {
	t.Helper()
	r, err := (&Offer{Host: "example.com", Target: "/path", Key: sampleKey}).Request()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const frames = "\x81\x05Hello\x89\x00"

func TestClientKeepsWhatFollowsThe101AtEverySplit(t *testing.T) { // S24, C23
	answer := response() + frames
	for piece := 1; piece <= len(answer); piece++ {
		for _, interim := range []string{"", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102\r\n\r\n"} { // T8
			s := says(interim+answer, piece, io.EOF)
			res, err := Client(s, sampleRequest(t), nil, Limits{})
			if err != nil {
				t.Fatalf("in pieces of %d: %v", piece, err)
			}
			rest, _ := io.ReadAll(s)
			if got := string(res.Buffered) + string(rest); got != frames {
				t.Fatalf("in pieces of %d: the frames behind the head are %q", piece, got)
			}
			if s.sent.String() != request() || res.Request.Raw != request() || res.Response.Raw != response() {
				t.Fatalf("in pieces of %d: sent %q, kept %q, %q", piece, &s.sent, res.Request.Raw, res.Response.Raw)
			}
			if want := strings.Count(interim, "HTTP/"); len(res.Interim) != want {
				t.Fatalf("%d interim answers kept, want %d", len(res.Interim), want)
			}
		}
	}
	for cut := range answer { // two segments
		s := &script{Reader: io.MultiReader(strings.NewReader(answer[:cut]), strings.NewReader(answer[cut:]))}
		res, err := Client(s, sampleRequest(t), nil, Limits{})
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		rest, _ := io.ReadAll(s)
		if got := string(res.Buffered) + string(rest); got != frames {
			t.Fatalf("cut at %d: the frames behind the head are %q", cut, got)
		}
	}
}

func TestServerKeepsWhatFollowsTheRequestAtEverySplit(t *testing.T) {
	for _, head := range []string{request(), strings.ReplaceAll(request(), "\r\n", "\n"), request("+X: " + strings.Repeat("y", 5000))} {
		in := head + frames
		for _, piece := range []int{1, 2, 3, 5, 64, 1000, 1024, len(head) - 1, len(head), len(head) + 1, len(in)} {
			s := says(in, piece, io.EOF)
			res, err := Server(s, nil, Limits{})
			if err != nil {
				t.Fatalf("in pieces of %d: %v", piece, err)
			}
			rest, _ := io.ReadAll(s)
			if got := string(res.Buffered) + string(rest); got != frames || res.Request.Raw != head {
				t.Fatalf("in pieces of %d: the frames behind the head are %q", piece, got)
			}
			if s.sent.String() != accepted+"\r\n" {
				t.Fatalf("in pieces of %d: answered %q", piece, &s.sent)
			}
		}
	}
}

// clientRows are answers, and what a client makes of them; those of responseRows
// come to the same.
var clientRows = []struct {
	what  string // completes "a client finds that ..."
	says  string
	ends  error
	want  Requirement
	phase Phase
	body  string
}{
	{"the server closed without a byte", "", io.EOF, NoAnswer, PhaseAnswer, ""},
	{"the server closed within its head", "HTTP/1.1 101 Swi", io.EOF, CutShort, PhaseAnswer, ""},
	{"the time ran out", "", os.ErrDeadlineExceeded, Silent, PhaseAnswer, ""},
	{"the time ran out within the head", "HTTP/1.1 101 S\r\n", os.ErrDeadlineExceeded, Silent, PhaseAnswer, ""},
	{"the connection failed", "", errors.New("connection reset by peer"), Transport, PhaseAnswer, ""},
	{"an SSH server answered", "SSH-2.0-OpenSSH_9.2\r\n", os.ErrDeadlineExceeded, NotHTTP, PhaseAnswer, ""},
	{"TLS is spoken here", "\x15\x03\x01\x00\x02\x02\x46", io.EOF, NotHTTP, PhaseAnswer, ""},
	{"the head has no end", strings.Repeat("HTTP/1.1 200 OK\r\nX: y\r\n", 1) + strings.Repeat("X: y\r\n", 1000), nil, TooManyFields, PhaseAnswer, ""},
	{"interim answers have no end", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000), nil, TooManyInterim, PhaseAnswer, ""},
	{"the Accept is wrong", response("Sec-WebSocket-Accept: x") + "\x81\x00", nil, WrongAccept, PhaseCheck, ""},
	{"the answer is malformed", response("+x"), nil, MalformedField, PhaseAnswer, ""},

	{"Cloudflare says 502", "HTTP/1.1 502 Bad Gateway\r\nServer: cloudflare\r\nContent-Length: 15\r\n\r\nerror code: 502", nil, NotSwitching, PhaseAnswer, "error code: 502"},
	{"a chunked body is decoded (T9)", "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nBad \r\n7\r\nRequest\r\n0\r\n\r\n", nil, NotSwitching, PhaseAnswer, "Bad Request"},
	{"a body lasts until the close", "HTTP/1.0 404 Not Found\r\n\r\nnot found", io.EOF, NotSwitching, PhaseAnswer, "not found"},
	{"a body ends with the connection's failure", "HTTP/1.1 404 Not Found\r\n\r\nnot fou", errors.New("reset"), NotSwitching, PhaseAnswer, "not fou"},
	{"a status below 100 is none", "HTTP/1.1 101a\r\n\r\n", nil, MalformedStartLine, PhaseAnswer, ""},
	{"a malformed head does not hide a status", "HTTP/1.1 403 Forbidden\r\nbroken\r\nContent-Length: 2\r\n\r\nno", nil, NotSwitching, PhaseAnswer, "no"},
	{"304 has no body", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nno", nil, NotSwitching, PhaseAnswer, ""},
}

func TestClientRefused(t *testing.T) {
	for _, row := range clientRows {
		for _, piece := range []int{1, 3, 4096} {
			s := says(row.says, piece, row.ends)
			_, err := Client(s, sampleRequest(t), nil, Limits{})
			var refused *RefusedError
			if !errors.As(err, &refused) || !errors.Is(err, row.want) {
				t.Errorf("a client finds that %s: got %v, want %v", row.what, err, row.want)
				continue
			}
			if refused.Phase != row.phase || refused.Request.Raw != request() || s.sent.String() != request() {
				t.Errorf("a client finds that %s: phase %v, request %q", row.what, refused.Phase, refused.Request.Raw)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("a client finds that %s, in one line: %q", row.what, err)
			}
			if row.ends != nil && row.ends != io.EOF && refused.Response == nil && row.want != NotHTTP && !errors.Is(err, row.ends) {
				t.Errorf("a client finds that %s: the cause %v is lost in %v", row.what, row.ends, err)
			}
			body := ""
			if refused.Response != nil {
				body = string(refused.Response.Body)
			}
			if body != row.body {
				t.Errorf("a client finds that %s: body %q, want %q", row.what, body, row.body)
			}
		}
	}
	for _, row := range responseRows {
		if strings.HasPrefix(row.head, "HTTP/1.1 100") {
			row.want = CutShort // it waits for the last word
		}
		_, err := Client(says(row.head, 4096, io.EOF), sampleRequest(t), &clientOffer, Limits{})
		if requirementOf(err) != row.want {
			t.Errorf("a client %s: got %v, want %v", row.what, err, row.want)
		}
	}
}

// TestExchangeIsClient holds the small way to the whole one: the same bytes are
// sent, the same answers pass, and the same requirement is named.
func TestExchangeIsClient(t *testing.T) {
	offer := Offer{Host: "example.com", Target: "/path", Key: sampleKey}
	type outcome struct {
		Sent, Raw, Buffered string
		Interim             int
		Agreement           Agreement
		Err                 Error
	}
	outcomeOf := func(s *script, res *Result, err error) (o outcome) {
		o.Sent = s.sent.String()
		if e := (*Error)(nil); errors.As(err, &e) {
			o.Err = *e
		}
		if res != nil {
			o.Raw, o.Buffered = res.Request.Raw+res.Response.Raw, string(res.Buffered)
			o.Interim, o.Agreement = len(res.Interim), res.Agreement
		}
		return o
	}
	check := func(what, answer string, ends error) {
		t.Helper()
		whole, small := says(answer, 3, ends), says(answer, 3, ends)
		res, err := Client(whole, sampleRequest(t), nil, Limits{})
		want := outcomeOf(whole, res, err)
		res, err = offer.Exchange(small, Limits{})
		if diff := cmp.Diff(want, outcomeOf(small, res, err), cmp.Comparer(func(a, b error) bool { return a == b })); diff != "" {
			t.Errorf("%s: Exchange differs from Client:\n%s", what, diff)
		}
	}
	check("a 101 with frames behind it", "HTTP/1.1 100 Continue\r\n\r\n"+response()+frames, io.EOF)
	for _, row := range clientRows {
		check(row.what, row.says, row.ends)
	}
	for _, row := range responseRows {
		check(row.what, row.head, io.EOF)
	}

	_, err := offer.Exchange(failingWriter{strings.NewReader("")}, Limits{})
	if requirementOf(err) != Transport {
		t.Errorf("the request cannot be written: %v", err)
	}
	offer.Fields.Add("X", "a\r\nb")
	s := says(response(), 4096, io.EOF)
	if _, err := offer.Exchange(s, Limits{}); requirementOf(err) != ControlInValue || s.sent.Len() > 0 {
		t.Errorf("an illegal request: %v, sent %q", err, &s.sent)
	}
}

func TestClientSendsNothingIllegal(t *testing.T) {
	r := sampleRequest(t)
	r.Fields.Add("Sec-WebSocket-Protocol", "COINEX protocol")
	s := says(response(), 4096, io.EOF)
	if _, err := Client(s, r, nil, Limits{}); requirementOf(err) != MalformedSubprotocol || s.sent.Len() > 0 {
		t.Errorf("an illegal request: %v, sent %q", err, &s.sent)
	}
	if _, err := ClientRaw(s, r.AppendRaw(nil), nil, Limits{}); err != nil || s.sent.String() != string(r.AppendRaw(nil)) {
		t.Errorf("an illegal request, sent raw: %v, sent %q", err, &s.sent)
	}
}

func TestClientRawSendsAnything(t *testing.T) {
	for _, head := range []string{"", "\x00", "GET / HTTP/1.1", request("-Host:"), strings.ReplaceAll(request(), ": ", " : ")} {
		s := says(response(), 4096, io.EOF)
		_, err := ClientRaw(s, []byte(head), &Offer{Key: sampleKey}, Limits{})
		if err != nil || s.sent.String() != head {
			t.Errorf("%q was sent as %q: %v", head, &s.sent, err)
		}
	}
}

// failingWriter is a stream that takes nothing.
type failingWriter struct{ io.Reader }

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestClientCannotWrite(t *testing.T) {
	var refused *RefusedError
	_, err := Client(failingWriter{strings.NewReader("")}, sampleRequest(t), nil, Limits{})
	if !errors.As(err, &refused) || refused.Phase != PhaseWrite || !errors.Is(err, Transport) || refused.Request.Raw != request() {
		t.Errorf("the request cannot be written: %v", err)
	}
	_, err = Client(failingWriter{strings.NewReader("HTTP/1.1 431 X\r\nContent-Length: 0\r\n\r\n")}, sampleRequest(t), nil, Limits{})
	if !errors.As(err, &refused) || !errors.Is(err, NotSwitching) || refused.Response.Status != 431 {
		t.Errorf("the server answered before it had read all: %v", err)
	}
}

func TestServerRefuses(t *testing.T) { // S2, X19
	for _, row := range requestRows {
		s := says(row.head, 4096, os.ErrDeadlineExceeded)
		res, err := Server(s, nil, Limits{})
		if requirementOf(err) != row.want || row.want != NotHTTP && res.Request.Raw != row.head {
			t.Errorf("a server %s: got %v, want %v", row.what, err, row.want)
		}
		want := 101
		if row.want != 0 {
			want = row.want.Status()
		}
		a, n, err := ParseResponse(s.sent.Bytes(), Limits{})
		if err != nil || a.Status != want || want != 101 && a.Fields.Get("Date") == "" {
			t.Errorf("a server %s: answered %v %q, want %d", row.what, err, &s.sent, want)
			continue
		}
		if body := s.sent.Len() - n; want != 101 && a.Fields.Get("Content-Length") != string(appendInt(body)) {
			t.Errorf("a server %s: the body has %d bytes: %q", row.what, body, &s.sent)
		}
	}
}

func appendInt(n int) []byte {
	if n < 10 {
		return []byte{byte('0' + n)}
	}
	return append(appendInt(n/10), byte('0'+n%10))
}

func TestServerWithoutRequest(t *testing.T) {
	for _, row := range []struct {
		what string
		says string
		ends error
		want Requirement
		sent string // the beginning of what the client is told
	}{
		{"a client that closes at once", "", io.EOF, NoAnswer, ""},
		{"a client that says nothing", "", os.ErrDeadlineExceeded, Silent, ""},
		{"a client that closes within its head", "GET / HT", io.EOF, CutShort, "HTTP/1.1 400 "},
		{"a slow client", "GET / HTTP/1.1\r\n", os.ErrDeadlineExceeded, Silent, "HTTP/1.1 408 "},
		{"a client that resets", "GET / HTTP/1.1\r\n", errors.New("reset"), Transport, ""},
		{"a stream that reads nothing forever", "", nil, Transport, ""},
	} {
		s := says(row.says, 4096, row.ends)
		res, err := Server(s, nil, Limits{})
		if requirementOf(err) != row.want || !strings.HasPrefix(s.sent.String(), row.sent) || row.sent == "" && s.sent.Len() > 0 {
			t.Errorf("%s: got %v and answered %q; want %v and %q", row.what, err, &s.sent, row.want, row.sent)
		}
		if res == nil || res.Request.Raw != row.says {
			t.Errorf("%s: what was read is kept", row.what)
		}
	}
}

func TestServerDecides(t *testing.T) {
	c := &Chooser{Decide: func(r *Request, o Offer, a Answer) (Answer, error) {
		switch {
		case r.Fields.Get("Authorization") == "":
			return a, &Refusal{Status: 401, Fields: Fields{{Name: "WWW-Authenticate", Value: "Basic"}}}
		case o.Target != "/path":
			return a, &Refusal{Status: 404, Fields: Fields{{Name: "bad name", Value: ""}}}
		}
		a.Fields.Add("X-User", "me")
		return a, nil
	}}
	for _, row := range []struct {
		head, want string
		status     int
	}{
		{request(), "WWW-Authenticate: Basic", 401},
		{request("+Authorization: Basic x"), "X-User: me", 101},
		{request("=GET /x HTTP/1.1", "+Authorization: Basic x"), "", 500}, // a Refusal that is not legal
	} {
		s := says(row.head, 4096, io.EOF)
		_, err := Server(s, c, Limits{})
		a, _, _ := ParseResponse(s.sent.Bytes(), Limits{})
		if a.Status != row.status || !strings.Contains(s.sent.String(), row.want) || (err == nil) != (row.status == 101) {
			t.Errorf("got %v and %q, want %d with %q", err, &s.sent, row.status, row.want)
		}
	}
}

func TestBothSides(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	served := make(chan *Result)
	go func() {
		res, err := Server(server, &Chooser{Subprotocols: []string{"chat"}}, Limits{})
		if err != nil {
			t.Error(err)
		}
		served <- res
	}()
	r, err := (&Offer{Host: "h", Target: "/", Subprotocols: []string{"superchat", "chat"}}).Request()
	if err != nil {
		t.Fatal(err)
	}
	res, err := Client(client, r, nil, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	other := <-served
	if diff := cmp.Diff(other.Agreement, res.Agreement); diff != "" || res.Subprotocol != "chat" {
		t.Errorf("what was agreed (-server +client):\n%s", diff)
	}
	if other.Request.Raw != res.Request.Raw {
		t.Errorf("the server received %q, the client sent %q", other.Request.Raw, res.Request.Raw)
	}
}

func TestLimitsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer server.Close()
		go io.Copy(io.Discard, server)
		start := time.Now()
		_, err := Client(client, sampleRequest(t), nil, Limits{Timeout: 3 * time.Second})
		var refused *RefusedError
		if !errors.As(err, &refused) || !refused.Timeout() || !errors.Is(err, Silent) || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a silent server: %v", err)
		}
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("the client waited %v, not 3s", waited)
		}
		client.Close()
		_, err = Server(says("", 1, io.EOF), nil, Limits{Timeout: time.Second})
		if err != errNoDeadline {
			t.Errorf("a timeout on a stream without deadlines: %v", err)
		}
	})
}

func TestABodyWithoutEndIsNotWaitedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer client.Close()
		defer server.Close()
		go func() {
			io.ReadFull(server, make([]byte, len(request())))
			io.WriteString(server, "HTTP/1.1 400 Bad Request\r\n\r\nno")
			io.Copy(io.Discard, server)
		}()
		start := time.Now()
		_, err := Client(client, sampleRequest(t), nil, Limits{Timeout: time.Hour})
		var refused *RefusedError
		if !errors.As(err, &refused) || string(refused.Response.Body) != "no" || !refused.Response.BodyCut {
			t.Errorf("a body without length from a server that does not close: %v", err)
		}
		if waited := time.Since(start); waited != bodyPatience {
			t.Errorf("the client waited %v, not %v", waited, bodyPatience)
		}
	})
}

func TestTimings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer client.Close()
		defer server.Close()
		go func() {
			time.Sleep(time.Second)
			io.ReadFull(server, make([]byte, len(request())))
			time.Sleep(2 * time.Second)
			io.WriteString(server, response()[:1])
			time.Sleep(4 * time.Second)
			io.WriteString(server, response()[1:])
		}()
		res, err := Client(client, sampleRequest(t), nil, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if want := (Timings{Sent: time.Second, FirstByte: 3 * time.Second, Answer: 7 * time.Second}); res.Timings != want {
			t.Errorf("timings %+v, want %+v", res.Timings, want)
		}
	})
}
