package main

import (
	"crypto/tls"
	"flag"

	"github.com/octet-ws/octet/conn/ws"
	wstls "github.com/octet-ws/octet/tls"
)

// registerTransport registers those of the flags that say where and how to
// connect, for a subcommand that makes no head of its own.
func (f *sharedFlags) registerTransport(fs *flag.FlagSet) {
	all := flag.NewFlagSet("", flag.ContinueOnError)
	f.register(all)
	for _, name := range [...]string{"connect", "sni", "proxy", "cert", "key", "root", "insecure"} {
		shared := all.Lookup(name)
		fs.Var(shared.Value, shared.Name, shared.Usage)
	}
}

// transport returns the options of a dial that the flags on where and how to
// connect stand for; those on what the head says are left to the caller.
func (f *sharedFlags) transport() (*ws.DialOptions, error) {
	t := &wstls.ClientConfig{Insecure: f.insecure}
	switch f.sni {
	case "":
	case "none":
		t.ServerName = wstls.NoServerName
	default:
		t.ServerName, t.VerifyName = f.sni, f.sni
	}
	if f.root != "" {
		roots, err := wstls.ReadRoots(f.root)
		if err != nil {
			return nil, err
		}
		t.Roots = roots
	}
	switch {
	case (f.cert == "") != (f.key == ""):
		return nil, flagError("-cert and -key go together")
	case f.cert != "":
		cert, err := wstls.LoadCertificate(f.cert, f.key)
		if err != nil {
			return nil, err
		}
		t.Certificates = []tls.Certificate{cert}
	}
	o := &ws.DialOptions{Address: f.connect, TLS: t}
	if f.proxy != "" {
		proxy, err := ws.ParseProxy(f.proxy)
		if err != nil {
			return nil, err
		}
		o.Proxy = ws.Via(proxy)
	}
	return o, nil
}
