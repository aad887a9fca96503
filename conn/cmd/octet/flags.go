package main

import (
	"flag"
	"strings"
)

// sharedFlags are the flags of why, dial and tap: where to connect, and what
// the head says. A dial address, the Host field and the name of a TLS server
// are three separate things; each follows the URL until its flag is given.
type sharedFlags struct {
	connect  string // HOST:PORT to dial instead of the URL's
	host     string // value of the Host field
	sni      string // server name in TLS; "none" sends none
	proxy    string // URL of an HTTP or SOCKS5 proxy
	cert     string // PEM file of a client certificate
	key      string // PEM file of its key
	root     string // PEM file of the only roots to trust
	insecure bool   // do not verify the server's certificate

	fields       fieldFlags // -H, in order
	origin       string     // value of the Origin field, as given
	subprotocols listFlag   // -subprotocol, in order
}

func (f *sharedFlags) register(fs *flag.FlagSet) {
	fs.StringVar(&f.connect, "connect", "", "dial `HOST:PORT` instead of what the URL says")
	fs.StringVar(&f.host, "host", "", "send `HOST` in the Host field")
	fs.StringVar(&f.sni, "sni", "", "ask for the TLS server `NAME` (SNI); the certificate must be for it")
	fs.StringVar(&f.proxy, "proxy", "", "go through the proxy at `URL` (http://, https:// or socks5://)")
	fs.StringVar(&f.cert, "cert", "", "present the client certificate in PEM `FILE`")
	fs.StringVar(&f.key, "key", "", "the key of -cert, in PEM `FILE`")
	fs.StringVar(&f.root, "root", "", "trust only the roots in PEM `FILE`")
	fs.BoolVar(&f.insecure, "insecure", false, "do not verify the server's certificate")
	fs.Var(&f.fields, "H", "a `FIELD` of the head, repeatable: 'Name: value' sets it (in place when the\nhead has it), 'Name:' takes it out, 'Name;' sends it empty")
	fs.StringVar(&f.origin, "origin", "", "send `ORIGIN` in the Origin field, exactly as given")
	fs.Var(&f.subprotocols, "subprotocol", "offer the subprotocol `NAME`, repeatable")
}

// listFlag collects the values of a flag that may be given several times.
type listFlag []string

func (l *listFlag) String() string     { return strings.Join(*l, ", ") }
func (l *listFlag) Set(s string) error { *l = append(*l, s); return nil }

// A fieldFlag is one -H.
type fieldFlag struct {
	name, value string
	remove      bool
}

type fieldFlags []fieldFlag

func (l *fieldFlags) String() string { return "" }

// Set parses "Name: value", "Name:" and "Name;". The spelling of name and
// value is kept; only the white space around the value is the syntax's.
func (l *fieldFlags) Set(s string) error {
	if name, ok := strings.CutSuffix(s, ";"); ok && name != "" && !strings.Contains(name, ":") {
		*l = append(*l, fieldFlag{name: name})
		return nil
	}
	name, value, ok := strings.Cut(s, ":")
	if !ok || name == "" {
		return errFieldFlag
	}
	value = strings.Trim(value, " \t")
	*l = append(*l, fieldFlag{name: name, value: value, remove: value == ""})
	return nil
}

const errFieldFlag = flagError(`want "Name: value", "Name:" or "Name;"`)

// flagError is a mistake in the value of a flag.
type flagError string

func (e flagError) Error() string { return string(e) }
