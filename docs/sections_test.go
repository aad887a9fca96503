package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sections lists, for each specification, the sections that may be cited. Of
// those that Octet does not implement, add one after having looked it up.
var sections = map[string]string{
	// The WebSocket Protocol
	"6455": `1 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 2 2.1 3
		4 4.1 4.2 4.2.1 4.2.2 4.3 4.4
		5 5.1 5.2 5.3 5.4 5.5 5.5.1 5.5.2 5.5.3 5.6 5.7 5.8
		6 6.1 6.2
		7 7.1 7.1.1 7.1.2 7.1.3 7.1.4 7.1.5 7.1.6 7.1.7 7.2 7.2.1 7.2.2 7.2.3 7.3 7.4 7.4.1 7.4.2
		8 8.1 9 9.1 9.2 10 10.1 10.2 10.3 10.4 10.5 10.6 10.7 10.8
		11 11.1 11.1.1 11.1.2 11.2 11.3 11.3.1 11.3.2 11.3.3 11.3.4 11.3.5 11.4 11.5 11.6 11.7 11.8 11.9 12`,
	// Compression Extensions for WebSocket
	"7692": `1 2 3 4 5 5.1 5.2 6 6.1 6.2
		7 7.1 7.1.1 7.1.1.1 7.1.1.2 7.1.2 7.1.2.1 7.1.2.2 7.1.3
		7.2 7.2.1 7.2.2 7.2.3 7.2.3.1 7.2.3.2 7.2.3.3 7.2.3.4 7.2.3.5 7.2.3.6 8 9`,
	// HTTP/1.1
	"9112": `2 2.1 2.2 2.3 3 3.1 3.2 3.2.1 3.2.2 3.2.3 3.2.4 3.3 4 5 5.1 5.2 6 6.1 6.2 6.3
		7 7.1 7.1.1 7.1.2 7.1.3 8 9 9.3 9.6 11.1 11.2`,
	// HTTP Semantics
	"9110": `5 5.1 5.2 5.3 5.5 5.6 5.6.1 5.6.2 5.6.3 5.6.4 5.6.5 5.6.6 5.6.7 6 6.6.1 7.1 7.2 7.6 7.6.1 7.8
		8.3 8.4 8.6 9.1 9.3.1 9.3.6 10.1.5 10.2.1 10.2.2 10.2.3 10.2.4 11.6.1 11.6.2 11.7.1 11.7.2
		12.5.1 12.5.3 12.5.4
		15 15.2 15.2.1 15.2.2 15.3 15.4 15.5 15.5.1 15.5.2 15.5.4 15.5.5 15.5.6 15.5.22
		15.6 15.6.1 15.6.3 15.6.4 15.6.6`,
	"1071": "1",                                                     // Computing the Internet Checksum
	"1928": "3 4 5 6",                                               // SOCKS Protocol Version 5
	"1929": "2",                                                     // Username/Password Authentication for SOCKS V5
	"1951": "2 3 3.2 3.2.3 3.2.4",                                   // DEFLATE
	"3629": "3 4",                                                   // UTF-8
	"3986": "2 2.1 2.2 2.3 3 3.1 3.2 3.2.1 3.2.2 3.2.3 3.3 3.4 3.5", // URI: Generic Syntax
	"4648": "4",                                                     // The Base16, Base32, and Base64 Data Encodings
	"5234": "2.3 B.1",                                               // Augmented BNF
	"6066": "3",                                                     // TLS Extensions: Server Name Indication
	"6265": "3 4.1 4.2 5.3 5.4",                                     // HTTP State Management Mechanism
	"6454": "4 6.1 6.2 7",                                           // The Web Origin Concept
	"6585": "3 4 5",                                                 // Additional HTTP Status Codes
	"7301": "3.1 3.2",                                               // ALPN
	"7617": "2",                                                     // The "Basic" HTTP Authentication Scheme
	"7936": "2",                                                     // Clarifying Registry Procedures for the WebSocket Subprotocol Name Registry
	"8307": "3",                                                     // Well-Known URIs for the WebSocket Protocol
	"8441": "3 4 5",                                                 // Bootstrapping WebSockets with HTTP/2
	"8446": "4.2.1 5 5.1 6 6.1 6.2",                                 // TLS 1.3
	"9111": "5.2 5.4",                                               // HTTP Caching
	"9113": "8.5 8.6",                                               // HTTP/2
	"9293": "3.1 3.5 3.6",                                           // TCP
}

var citationPattern = regexp.MustCompile(`RFC ([0-9]+) §[0-9]+(?:\.[0-9]+)*(?:(?:, | and | or |, and |–|-)§?[0-9]+(?:\.[0-9]+)*)*`)

// A section that is cited exists: in the code, in the tests and in the
// documents.
func TestSectionsExist(t *testing.T) {
	check := func(path, text string) {
		for _, m := range citationPattern.FindAllStringSubmatch(text, -1) {
			_, list, _ := strings.Cut(m[0], "§")
			for _, section := range regexp.MustCompile(`[0-9]+(?:\.[0-9]+)*`).FindAllString(list, -1) {
				if !slices.Contains(strings.Fields(sections[m[1]]), section) {
					t.Errorf("%s cites RFC %s §%s, which the list of sections does not know", path, m[1], section)
				}
			}
		}
	}
	for _, f := range goFiles(t) {
		for _, text := range f.texts(t) {
			check(f.path, text)
		}
	}
	documents, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(documents, "../README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		check(name, string(text))
	}
}
