package tls_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	wstls "github.com/octet-ws/octet/tls"
	"github.com/octet-ws/octet/tls/tlstest"
)

const patience = 10 * time.Second

// handshake runs both sides over a loopback connection and returns what each
// got. The connections are closed with the test.
func handshake(t *testing.T, host string, client *wstls.ClientConfig, server *tls.Config) (cc, sc *tls.Conn, cerr, serr error) {
	t.Helper()
	cn, sn := loopback(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		sc, serr = wstls.Server(ctx, sn, server)
		if serr != nil {
			return
		}
		// In TLS 1.3 a client's alert arrives after the server is done.
		if _, err := sc.Write([]byte{1}); err != nil {
			serr = err
		} else if _, err = sc.Read(make([]byte, 1)); err != nil {
			serr = err
		}
	}()
	cc, cerr = wstls.Client(ctx, cn, host, client)
	if cerr == nil {
		io.ReadFull(cc, make([]byte, 1))
		cc.Write([]byte{1})
	}
	<-done
	return cc, sc, cerr, serr
}

// loopback returns two ends of a TCP connection.
func loopback(t *testing.T) (client, server net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if client, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func serve(certs ...tls.Certificate) *tls.Config {
	return (&wstls.ServerConfig{Certificates: certs}).Config()
}

func TestClientRefuses(t *testing.T) {
	root, stranger := tlstest.NewRoot(t), tlstest.NewRoot(t)
	now := time.Now()
	good := root.Leaf("octet.test")
	oldServer := serve(good)
	oldServer.MinVersion, oldServer.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	h2Server := serve(good)
	h2Server.NextProtos = []string{"h2"}
	mqttServer := serve(good)
	mqttServer.NextProtos = []string{"mqtt"}
	many := root.Leaf("a.test", "b.test", "c.test", "d.test", "e.test", "f.test")

	for _, tt := range []struct {
		name   string
		client wstls.ClientConfig
		server *tls.Config
		cause  wstls.Cause
		text   string
	}{
		{"a root it does not trust", wstls.ClientConfig{Roots: stranger.Pool()}, serve(good),
			wstls.CauseUntrusted, "tls handshake with octet.test: certificate is signed by an unknown authority (CN=Octet test root); give its root if it is private"},
		{"a certificate for another name", wstls.ClientConfig{Roots: root.Pool()}, serve(root.Leaf("other.test", "127.0.0.1")),
			wstls.CauseName, "tls handshake with octet.test: certificate is valid for other.test, 127.0.0.1, not for octet.test"},
		{"a certificate for six other names", wstls.ClientConfig{Roots: root.Pool()}, serve(many),
			wstls.CauseName, "tls handshake with octet.test: certificate is valid for a.test, b.test, c.test, d.test, e.test, ..., not for octet.test"},
		{"a certificate for no name", wstls.ClientConfig{Roots: root.Pool()}, serve(root.Leaf()),
			wstls.CauseName, "tls handshake with octet.test: certificate is valid for no name, so not for octet.test"},
		{"an expired certificate", wstls.ClientConfig{Roots: root.Pool()}, serve(root.LeafBetween(now.Add(-2*time.Hour), now.Add(-time.Hour), "octet.test")),
			wstls.CauseExpired, "tls handshake with octet.test: certificate expired on 2"},
		{"a certificate from the future", wstls.ClientConfig{Roots: root.Pool()}, serve(root.LeafBetween(now.Add(time.Hour), now.Add(2*time.Hour), "octet.test")),
			wstls.CauseExpired, "tls handshake with octet.test: certificate is not valid before 2"},
		{"an expired certificate by its own clock", wstls.ClientConfig{Roots: root.Pool(), Time: func() time.Time { return now.Add(-48 * time.Hour) }}, serve(good),
			wstls.CauseExpired, "tls handshake with octet.test: certificate is not valid before 2"},
		{"a root as good as any, under a name verified apart from SNI", wstls.ClientConfig{Roots: stranger.Pool(), ServerName: "front.test"}, serve(good),
			wstls.CauseUntrusted, "tls handshake with octet.test: certificate is signed by an unknown authority"},
		{"a wrong name, without SNI", wstls.ClientConfig{Roots: root.Pool(), ServerName: wstls.NoServerName}, serve(root.Leaf("other.test")),
			wstls.CauseName, "tls handshake with octet.test: certificate is valid for other.test, not for octet.test"},
		{"a key that is not pinned", wstls.ClientConfig{Roots: root.Pool(), Pins: []wstls.Pin{wstls.PinOf(stranger.Certificate)}}, serve(good),
			wstls.CausePin, "tls handshake with octet.test: no pinned key in the chain; the server's is " + wstls.PinOf(good.Leaf).String()},
		{"a pinned key under a root it does not trust", wstls.ClientConfig{Roots: stranger.Pool(), Pins: []wstls.Pin{wstls.PinOf(good.Leaf)}}, serve(good),
			wstls.CauseUntrusted, "tls handshake with octet.test: certificate is signed by an unknown authority"},
		{"a server of old versions", wstls.ClientConfig{Roots: root.Pool()}, oldServer,
			wstls.CauseVersion, "tls handshake with octet.test: peer speaks no TLS version between TLS 1.2 and TLS 1.3"},
		{"a server of another protocol", wstls.ClientConfig{Roots: root.Pool()}, mqttServer,
			wstls.CauseALPN, "tls handshake with octet.test: peer accepts no ALPN protocol of http/1.1"},
		{"h2, which it offered itself", wstls.ClientConfig{Roots: root.Pool(), ALPN: []string{"h2", "http/1.1"}}, h2Server,
			wstls.CauseALPN, "tls handshake with octet.test: server chose h2, in which no HTTP/1.1 upgrade is possible; do not offer it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err, _ := handshake(t, "octet.test", &tt.client, tt.server)
			checkRefusal(t, err, tt.cause, tt.text)
		})
	}
}

func checkRefusal(t *testing.T, err error, cause wstls.Cause, text string) {
	t.Helper()
	var e *wstls.Error
	if !errors.As(err, &e) || !errors.Is(err, cause) {
		t.Fatalf("got %v (%T), want the cause %q", err, err, cause)
	}
	if !strings.HasPrefix(err.Error(), text) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error reads\n%s\nwant one line that begins\n%s", err, text)
	}
}

// TestClientAccepts is the other half of TestClientRefuses, with what each
// side then knows of the other: the server, the name that the client wants (C8).
func TestClientAccepts(t *testing.T) {
	root := tlstest.NewRoot(t)
	leaf := root.Leaf("octet.test", "127.0.0.1", "::1")
	for _, tt := range []struct {
		name       string
		host       string
		client     wstls.ClientConfig
		serverALPN []string
		sni, alpn  string
	}{
		{"a private root", "octet.test", wstls.ClientConfig{Roots: root.Pool()}, nil, "octet.test", "http/1.1"},
		{"an address, which is no SNI", "127.0.0.1", wstls.ClientConfig{Roots: root.Pool()}, nil, "", "http/1.1"},
		{"an IPv6 literal as a URL writes it", "[::1]", wstls.ClientConfig{Roots: root.Pool()}, nil, "", "http/1.1"},
		{"an IPv6 literal with a zone", "[::1%lo]", wstls.ClientConfig{Roots: root.Pool()}, nil, "", "http/1.1"},
		{"an SNI of its own", "octet.test", wstls.ClientConfig{Roots: root.Pool(), ServerName: "front.test"}, nil, "front.test", "http/1.1"},
		{"no SNI", "octet.test", wstls.ClientConfig{Roots: root.Pool(), ServerName: wstls.NoServerName}, nil, "", "http/1.1"},
		{"another name to verify", "10.0.0.1", wstls.ClientConfig{Roots: root.Pool(), VerifyName: "octet.test"}, nil, "octet.test", "http/1.1"},
		{"no ALPN", "octet.test", wstls.ClientConfig{Roots: root.Pool(), ALPN: []string{}}, nil, "octet.test", ""},
		{"a server without ALPN", "octet.test", wstls.ClientConfig{Roots: root.Pool()}, []string{}, "octet.test", ""},
		{"a pinned leaf", "octet.test", wstls.ClientConfig{Roots: root.Pool(), Pins: []wstls.Pin{wstls.PinOf(leaf.Leaf)}}, nil, "octet.test", "http/1.1"},
		{"a pinned root", "octet.test", wstls.ClientConfig{Roots: root.Pool(), Pins: []wstls.Pin{wstls.PinOf(root.Certificate)}}, nil, "octet.test", "http/1.1"},
		{"a pinned root, without SNI", "octet.test", wstls.ClientConfig{Roots: root.Pool(), ServerName: wstls.NoServerName, Pins: []wstls.Pin{wstls.PinOf(root.Certificate)}}, nil, "", "http/1.1"},
		{"anything, being told to", "octet.test", wstls.ClientConfig{Insecure: true}, nil, "octet.test", "http/1.1"},
		{"a pinned leaf alone", "wrong.test", wstls.ClientConfig{Insecure: true, Pins: []wstls.Pin{wstls.PinOf(leaf.Leaf)}}, nil, "wrong.test", "http/1.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := &wstls.ServerConfig{Certificates: []tls.Certificate{leaf}, ALPN: tt.serverALPN}
			_, sc, cerr, serr := handshake(t, tt.host, &tt.client, server.Config())
			if cerr != nil || serr != nil {
				t.Fatalf("client: %v; server: %v", cerr, serr)
			}
			cs := sc.ConnectionState()
			if cs.ServerName != tt.sni {
				t.Errorf("the server saw SNI %q, want %q", cs.ServerName, tt.sni)
			}
			if cs.NegotiatedProtocol != tt.alpn {
				t.Errorf("ALPN chose %q, want %q", cs.NegotiatedProtocol, tt.alpn)
			}
		})
	}
}

// Without verification a peer proves the leaf's key and no other: a pinned
// root that it merely sends along must not count.
func TestPinOfUnverifiedChain(t *testing.T) {
	root, mallory := tlstest.NewRoot(t), tlstest.NewRoot(t)
	leaf := mallory.Leaf("octet.test")
	leaf.Certificate = append(leaf.Certificate, root.Certificate.Raw)
	client := &wstls.ClientConfig{Insecure: true, Pins: []wstls.Pin{wstls.PinOf(root.Certificate)}}
	_, _, err, _ := handshake(t, "octet.test", client, serve(leaf))
	checkRefusal(t, err, wstls.CausePin, "tls handshake with octet.test: no pinned key in the chain")
}

// A resumed session is verified as a full one is, under the name that is not
// the SNI.
func TestResumptionVerifies(t *testing.T) {
	root := tlstest.NewRoot(t)
	server := serve(root.Leaf("octet.test"))
	cache := tls.NewLRUClientSessionCache(4)
	client := &wstls.ClientConfig{Roots: root.Pool(), ServerName: "front.test", SessionCache: cache}
	for i, resumed := range []bool{false, true} {
		cc, _, err, _ := handshake(t, "octet.test", client, server)
		if err != nil {
			t.Fatal(err)
		}
		if got := cc.ConnectionState().DidResume; got != resumed {
			t.Fatalf("connection %d resumed: %t, want %t", i, got, resumed)
		}
	}
	client.VerifyName = "other.test"
	_, _, err, _ := handshake(t, "octet.test", client, server)
	checkRefusal(t, err, wstls.CauseName, "tls handshake with octet.test: certificate is valid for octet.test, not for other.test")
}

func TestClientCertificate(t *testing.T) {
	root := tlstest.NewRoot(t)
	server := (&wstls.ServerConfig{
		Certificates: []tls.Certificate{root.Leaf("octet.test")},
		ClientRoots:  root.Pool(),
	}).Config()

	mine := root.Leaf("client.test")
	_, sc, cerr, serr := handshake(t, "octet.test", &wstls.ClientConfig{Roots: root.Pool(), Certificates: []tls.Certificate{mine}}, server)
	if cerr != nil || serr != nil {
		t.Fatalf("client: %v; server: %v", cerr, serr)
	}
	if got := sc.ConnectionState().PeerCertificates[0]; !got.Equal(mine.Leaf) {
		t.Errorf("the server saw the certificate of %v, want the client's", got.DNSNames)
	}

	_, _, _, serr = handshake(t, "octet.test", &wstls.ClientConfig{Roots: root.Pool()}, server)
	var e *wstls.Error
	if !errors.As(serr, &e) {
		t.Fatalf("a client without a certificate: the server got %v, want an *Error", serr)
	}

	// Under TLS 1.2 the client is still in its handshake when the server
	// refuses, and sees the alert.
	_, _, cerr, _ = handshake(t, "octet.test", &wstls.ClientConfig{Roots: root.Pool(), MaxVersion: tls.VersionTLS12}, server)
	checkRefusal(t, cerr, wstls.CauseAlert, "tls handshake with octet.test: peer sent alert 40, handshake failure")
}

func TestClientMeetsNoTLS(t *testing.T) {
	for _, tt := range []struct {
		name  string
		say   string
		cause wstls.Cause
		text  string
	}{
		{"plain HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", wstls.CauseNotTLS,
			"tls handshake with octet.test: peer answered in plain HTTP, not TLS; the port may be for ws://"},
		{"another protocol", "SSH-2.0-x\r\n", wstls.CauseNotTLS,
			`tls handshake with octet.test: peer answered "SSH-2", which is not TLS`},
		{"nothing", "", wstls.CauseTransport, "tls handshake with octet.test: peer closed the connection"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cn, sn := loopback(t)
			go func() {
				sn.Read(make([]byte, 4096))
				io.WriteString(sn, tt.say)
				sn.Close()
			}()
			_, err := wstls.Client(t.Context(), cn, "octet.test", nil)
			checkRefusal(t, err, tt.cause, tt.text)
		})
	}
}

func TestClientIsPatientWithinItsContext(t *testing.T) {
	cn, _ := loopback(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := wstls.Client(ctx, cn, "octet.test", nil)
	checkRefusal(t, err, wstls.CauseTransport, "tls handshake with octet.test: peer did not answer in time")
	if e := (*wstls.Error)(nil); !errors.As(err, &e) || !e.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v: Timeout must say true and the context's error be found", err)
	}
}

// A person who typed ws:// for wss:// reads it in an HTTP answer.
func TestServerAnswersPlainHTTP(t *testing.T) {
	cn, sn := loopback(t)
	io.WriteString(cn, "GET / HTTP/1.1\r\nHost: octet.test\r\n\r\n")
	_, err := wstls.Server(t.Context(), sn, serve(tlstest.NewRoot(t).Leaf("octet.test")))
	checkRefusal(t, err, wstls.CauseNotTLS, "tls handshake: peer answered in plain HTTP, not TLS")

	cn.SetReadDeadline(time.Now().Add(patience))
	br := bufio.NewReader(cn)
	if line, _ := br.ReadString('\n'); line != "HTTP/1.1 400 Bad Request\r\n" {
		t.Fatalf("the client read %q, want a 400", line)
	}
	rest, _ := io.ReadAll(br)
	head, body, _ := bytes.Cut(rest, []byte("\r\n\r\n"))
	if !bytes.Contains(head, []byte("Content-Length: 34")) || len(body) != 34 {
		t.Errorf("a body of %d bytes behind\n%s", len(body), head)
	}
}

func TestKeyLog(t *testing.T) {
	root := tlstest.NewRoot(t)
	path := t.TempDir() + "/keys"
	for range 2 { // appended, not replaced
		f, err := wstls.OpenKeyLog(path)
		if err != nil {
			t.Fatal(err)
		}
		_, _, cerr, _ := handshake(t, "octet.test", &wstls.ClientConfig{Roots: root.Pool(), KeyLog: f}, serve(root.Leaf("octet.test")))
		if cerr != nil {
			t.Fatal(cerr)
		}
		f.Close()
	}
	checkKeyLog(t, path, "CLIENT_TRAFFIC_SECRET_0", 2)
}

func TestVerificationNeedsACertificatePool(t *testing.T) {
	// The zero configuration trusts the system's roots, and a test root is none.
	_, _, err, _ := handshake(t, "octet.test", nil, serve(tlstest.NewRoot(t).Leaf("octet.test")))
	checkRefusal(t, err, wstls.CauseUntrusted, "tls handshake with octet.test: certificate is signed by an unknown authority")
	if e := (x509.UnknownAuthorityError{}); !errors.As(err, &e) {
		t.Error("what crypto/tls said must stay reachable with errors.As")
	}
}
