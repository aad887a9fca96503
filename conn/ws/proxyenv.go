package ws

import (
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// ProxyFromEnvironment returns the proxy that the environment names for u, or
// nil: HTTPS_PROXY for wss, HTTP_PROXY for ws, ALL_PROXY for want of these,
// and none for what NO_PROXY lists or for a loopback host. Lower-case names
// count before upper-case ones. It is DialOptions.Proxy for programs that want
// this custom; by default no variable is read.
//
// HTTP_PROXY is ignored where REQUEST_METHOD is set: in a CGI program a client
// can set it through a Proxy field (CVE-2016-5385).
func ProxyFromEnvironment(u handshake.URL) (*Proxy, error) {
	_, port, err := net.SplitHostPort(u.Address())
	if err != nil {
		return nil, err
	}
	if bypassed(u.Host, port, getenv("NO_PROXY")) {
		return nil, nil
	}
	var value string
	switch {
	case u.Secure:
		value = getenv("HTTPS_PROXY")
	case os.Getenv("REQUEST_METHOD") == "":
		value = getenv("HTTP_PROXY")
	}
	if value == "" {
		value = getenv("ALL_PROXY")
	}
	if value == "" {
		return nil, nil
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	return ParseProxy(value)
}

func getenv(name string) string {
	if v := os.Getenv(strings.ToLower(name)); v != "" {
		return v
	}
	return os.Getenv(name)
}

// bypassed reports whether a host needs no proxy: because it is this machine,
// or because an entry of noProxy covers it. Entries are separated by commas: a
// domain (which covers its subdomains), ".domain" (its subdomains alone), an
// IP address, a block of them in CIDR notation, each with an optional port, or
// "*".
func bypassed(host, port, noProxy string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	addr, err := netip.ParseAddr(host)
	isAddr := err == nil
	addr = addr.Unmap()
	if host == "localhost" || isAddr && addr.IsLoopback() {
		return true
	}
	for entry := range strings.SplitSeq(strings.ToLower(noProxy), ",") {
		entry = strings.TrimSpace(entry)
		if entry == "*" {
			return true
		}
		if block, err := netip.ParsePrefix(entry); err == nil {
			if isAddr && block.Contains(addr) {
				return true
			}
			continue
		}
		if h, p, err := net.SplitHostPort(entry); err == nil {
			if p != port {
				continue
			}
			entry = h
		}
		entry = strings.TrimPrefix(strings.Trim(entry, "[]"), "*")
		if a, err := netip.ParseAddr(entry); err == nil {
			if isAddr && a.Unmap() == addr {
				return true
			}
			continue
		}
		if entry == "" || isAddr {
			continue
		}
		if host == entry || strings.HasSuffix(host, "."+strings.TrimPrefix(entry, ".")) {
			return true
		}
	}
	return false
}
