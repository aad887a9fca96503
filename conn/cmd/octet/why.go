package main

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/diagnose"
	"github.com/octet-ws/octet/handshake/profile"
)

const whyName = "octet why"

const whySynopsis = whyName + " [flags] URL\n       " + whyName + " -demo [-json] [-v]"

const whyText = `
why sends the suspect to the server. If it is refused, why sends the heads of
other clients until one is accepted, and then searches for the differences that
matter: each attempt is one handshake with a head between the two. The report
names the cause and what to do about it.

The suspect is Octet's own request as the flags shape it, the head of a client
(-suspect chrome; -list-profiles lists them), or a head in a file as octet tap
-save-head writes it; the flags change any of them. Its Sec-WebSocket-Key is new
in each attempt.

Standard output has the report, or one JSON object; progress goes to standard
error.

exit status: 0 accepted or explained, 1 unexplained, 2 usage, 3 unreachable.

examples:
  octet why -demo
  octet why -suspect libwebsockets -subprotocol 'COINEX protocol' ws://127.0.0.1:9000/feed
  octet why -suspect head.http -json wss://example.com/feed
`

// Exit statuses of why besides exitOK and exitUsage.
const (
	exitUnexplained = 1
	exitUnreachable = 3
)

// whyFlags are the flags of why.
type whyFlags struct {
	sharedFlags
	json, demo, verbose bool
	suspect, control    string
	keepHost            bool
	timeout             time.Duration
	budget, repeat      int
	pace                time.Duration
	paced               bool // -pace was given
	secrets             bool
	listProfiles        bool
}

func (f *whyFlags) register(fs *flag.FlagSet) {
	fs.BoolVar(&f.json, "json", false, "write the report as one JSON object")
	fs.BoolVar(&f.demo, "demo", false, "explain the refusal of a built-in server, offline; takes no URL")
	fs.BoolVar(&f.verbose, "v", false, "list every attempt, however many there were")
	fs.StringVar(&f.suspect, "suspect", "", "the head to explain: a `PROFILE`, a file, or - for standard input (default Octet's own)")
	fs.StringVar(&f.control, "control", "auto", "compare with this head first: a `PROFILE` or a file")
	fs.BoolVar(&f.keepHost, "keep-host", false, "keep Host and target of a suspect from a file; the URL then only says where to connect")
	fs.DurationVar(&f.timeout, "timeout", 10*time.Second, "give one attempt `D` at most")
	fs.IntVar(&f.budget, "budget", 60, "make `N` connections at most, baselines and repeats included")
	fs.DurationVar(&f.pace, "pace", 0, "wait `D` at least between attempts (default 0 on loopback, 500ms elsewhere)")
	fs.IntVar(&f.repeat, "repeat", 1, "make each attempt `N` times; the majority decides")
	fs.BoolVar(&f.secrets, "secrets", false, "show credentials and cookies in the report")
	fs.BoolVar(&f.listProfiles, "list-profiles", false, "list the profiles and exit")
	f.sharedFlags.register(fs)
}

// politePace is the pace where others share the server.
const politePace = 500 * time.Millisecond

func runWhy(e *env, args []string) int {
	fs := flag.NewFlagSet(whyName, flag.ContinueOnError)
	var f whyFlags
	f.register(fs)
	operands, status, ok := e.parse(fs, args, whySynopsis, whyText)
	if !ok {
		return status
	}
	fs.Visit(func(given *flag.Flag) { f.paced = f.paced || given.Name == "pace" })
	switch {
	case f.demo && len(operands) > 0:
		return e.usageError(whyName, "-demo brings its own server: give no URL")
	case !f.demo && !f.listProfiles && len(operands) != 1:
		return e.usageError(whyName, "want one URL, or -demo")
	case f.budget < 1 || f.repeat < 1 || f.timeout <= 0 || f.pace < 0:
		return e.usageError(whyName, "-budget, -repeat and -timeout are more than zero, and -pace is not less")
	}
	if f.listProfiles {
		for _, p := range profile.All() {
			fmt.Fprintf(e.stdout, "%-26s %s\n", p.Name, p.Description)
		}
		return exitOK
	}
	if f.demo {
		return f.runDemo(e)
	}
	u, err := handshake.ParseURL(operands[0])
	if err != nil {
		return e.usageError(whyName, err.Error())
	}
	return f.explain(e, u)
}

// explain runs the search for u and prints the report.
func (f *whyFlags) explain(e *env, u handshake.URL) int {
	suspect, err := f.suspectHead(e, u)
	if err != nil {
		return e.usageError(whyName, err.Error())
	}
	controls, err := f.controls(e, u)
	if err != nil {
		return e.usageError(whyName, err.Error())
	}
	transport, err := f.transport()
	if err != nil {
		return e.usageError(whyName, err.Error())
	}
	if u.Secure {
		suspect.TLS = firstTLS(u, transport.TLS)
	}
	pace := f.pace
	if !f.paced && !isLoopback(u, transport) {
		pace = politePace
	}
	progress, clear := progressLine(e.stderr, f.budget)
	report, err := diagnose.Explain(e.ctx, &wireProber{u, transport, f.timeout}, suspect, diagnose.Options{
		URL:      u,
		Controls: controls,
		Budget:   f.budget,
		Repeat:   f.repeat,
		Pace:     pace,
		Secrets:  f.secrets,
		Progress: progress,
	})
	clear()
	if err != nil {
		fmt.Fprintf(e.stderr, "%s: %v\n", whyName, err)
	}
	if f.json {
		err = writeJSON(e.stdout, report)
	} else {
		err = writeReport(e.stdout, report, reportOptions{secrets: f.secrets, verbose: f.verbose, style: styleFor(e.stdout)})
	}
	if err != nil {
		return e.fail(whyName, err)
	}
	switch report.Verdict {
	case diagnose.Accepted, diagnose.Explained:
		return exitOK
	case diagnose.Unreachable:
		return exitUnreachable
	}
	return exitUnexplained
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// suspectHead returns the head to explain, as the flags shape it.
func (f *whyFlags) suspectHead(e *env, u handshake.URL) (diagnose.Head, error) {
	if f.suspect == "" {
		r := &handshake.Request{Method: "GET", Target: u.Target, Proto: "HTTP/1.1"}
		r.Fields.Add("Host", u.HostField())
		r.Fields.Add("Upgrade", "websocket")
		r.Fields.Add("Connection", "Upgrade")
		r.Fields.Add("Sec-WebSocket-Key", sampleKey)
		r.Fields.Add("Sec-WebSocket-Version", "13")
		if u.Userinfo != "" {
			r.Fields.Add("Authorization", basicAuth(u.Userinfo))
		}
		f.shape(r)
		return diagnose.Head{Name: "octet", Request: r}, nil
	}
	h, captured, err := readHead(e, f.suspect, u, f.host)
	if err != nil {
		return h, err
	}
	if captured && !f.keepHost {
		h.Request.StartLine = strings.Replace(h.Request.StartLine, h.Request.Target, u.Target, 1)
		h.Request.Target = u.Target
		for i := range h.Request.Fields {
			if h.Request.Fields[i].Is("Host") {
				h.Request.Fields[i].Value = u.HostField()
			}
		}
	}
	f.shape(h.Request)
	return h, nil
}

// basicAuth makes the field value of the userinfo of a URL (RFC 7617), as Dial
// does.
func basicAuth(userinfo string) string {
	if plain, err := url.PathUnescape(userinfo); err == nil {
		userinfo = plain
	}
	if !strings.Contains(userinfo, ":") {
		userinfo += ":"
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(userinfo))
}

// shape makes the changes to a head that the flags ask for. The values are
// taken as they are: an illegal one may be what is to be explained.
func (f *whyFlags) shape(r *handshake.Request) {
	if f.host != "" {
		r.Fields.Set("Host", f.host)
	}
	if f.origin != "" {
		r.Fields.Set("Origin", f.origin)
	}
	if len(f.subprotocols) > 0 {
		r.Fields.Set("Sec-WebSocket-Protocol", strings.Join(f.subprotocols, ", "))
	}
	f.fields.apply(&r.Fields)
}

// sampleKey stands for the key in heads that are compared and shown: that of
// RFC 6455 §1.3. Each attempt has its own.
const sampleKey = "dGhlIHNhbXBsZSBub25jZQ=="

// controls returns the heads to compare with: the one that was asked for, then
// those that differ most from each other, then all the rest.
func (f *whyFlags) controls(e *env, u handshake.URL) ([]diagnose.Head, error) {
	var heads []diagnose.Head
	if f.control != "auto" && f.control != "" {
		h, captured, err := readHead(e, f.control, u, f.host)
		if err != nil {
			return nil, err
		}
		if captured && h.Request.Fields.Has("Host") {
			h.Request.Fields.Set("Host", hostField(u, f.host))
		}
		heads = append(heads, h)
	}
	names := []string{"node-ws", "chrome", "gobwas", "firefox", "curl"}
	for _, p := range profile.All() {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	for _, name := range names {
		if p, ok := profile.Lookup(name); ok && name != f.control {
			heads = append(heads, profileHead(p, u, f.host))
		}
	}
	return heads, nil
}

// readHead returns the head that -suspect or -control names: a profile's, or
// one from a file or standard input, which is then captured.
func readHead(e *env, name string, u handshake.URL, host string) (h diagnose.Head, captured bool, err error) {
	if p, ok := profile.Lookup(name); ok {
		return profileHead(p, u, host), false, nil
	}
	r, err := readOperand(e, name)
	if err != nil {
		return h, false, err
	}
	if name == "-" {
		name = "standard input"
	}
	r = withKey(r, sampleKey)
	return diagnose.Head{Name: name, Request: r}, true, nil
}

func profileHead(p profile.Profile, u handshake.URL, host string) diagnose.Head {
	return diagnose.Head{Name: p.Name, Request: p.Request(profile.Target{
		Host: hostField(u, host), Target: u.Target, Secure: u.Secure, Key: sampleKey,
	})}
}

func hostField(u handshake.URL, host string) string {
	if host != "" {
		return host
	}
	return u.HostField()
}

func profileNames() string {
	var names []string
	for _, p := range profile.All() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// progressLine returns a function that shows progress in one line of w, if that
// is a terminal, and one that clears the line.
func progressLine(w io.Writer, budget int) (progress func(int, []diagnose.Change), clear func()) {
	if !isTerminal(w) {
		return nil, func() {}
	}
	progress = func(n int, changes []diagnose.Change) {
		fmt.Fprintf(w, "\r\x1b[K%d/%d  %s", n, budget, clip(printable(describe(changes, 2)), 68))
	}
	return progress, func() { io.WriteString(w, "\r\x1b[K") }
}

// describe says changes in a few words; more than most of them are counted.
func describe(changes []diagnose.Change, most int) string {
	if len(changes) == 0 {
		return "as it is"
	}
	if len(changes) > most {
		return fmt.Sprintf("%d changes", len(changes))
	}
	words := make([]string, len(changes))
	for i, c := range changes {
		words[i] = c.String()
	}
	return strings.Join(words, "; ")
}

// isLoopback reports whether the attempts stay on this machine.
func isLoopback(u handshake.URL, o *ws.DialOptions) bool {
	address := u.Address()
	if o.Address != "" {
		address = o.Address
	}
	if o.Proxy != nil {
		if p, err := o.Proxy(u); err == nil && p != nil {
			address = p.Address
		}
	}
	return isLoopbackAddress(address)
}
