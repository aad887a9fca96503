package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/octet-ws/octet/conn/tap"
	"github.com/octet-ws/octet/frame"
	"github.com/octet-ws/octet/handshake"
)

// runSub runs one subcommand as a shell would, in process.
func runSub(f func(*env, []string) int, stdin string, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	e := &env{ctx: context.Background(), stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs}
	status = f(e, args)
	return status, out.String(), errs.String()
}

// updateGoldens rewrites the files that goldens are compared with.
var updateGoldens = flag.Bool("update", false, "write the golden files of testdata")

// untail takes the blanks off the ends of lines, which editors do to goldens.
func untail(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

func TestExplainGolden(t *testing.T) {
	const (
		request = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Authorization: Bearer s3cret\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
		answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
		faulty = "GET /feed HTTP/1.0\r\nHost : server.example.com\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Key: abc\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Protocol: chat, COINEX protocol\r\n" +
			"X-A: b\x01c\r\n d\r\nX-Unknown: 1\r\n\r\n"
		refusal = "HTTP/1.1 502 Bad Gateway\r\nServer: cloudflare\r\nContent-Length: 15\r\n\r\nerror code: 502"
	)
	for _, tt := range []struct {
		name   string
		args   []string
		stdin  string
		status int
	}{
		{"masked-text", []string{"81", "85", "37fa213d", "7f9f4d5158"}, "", 0},
		{"close", []string{"88 07 03e8 48656c6c6f 8a 00"}, "", 1},
		{"faults", []string{"-from", "client", "f3 7e 0001 61 09 fe 0080 00000000" + strings.Repeat("20", 128)}, "", 1},
		{"bad-text", []string{"01 02 48ff 80 03 616263 80 00"}, "", 1},
		{"long", []string{"82 7f 0000000000010000" + strings.Repeat("ab", 70)}, "", 1},
		{"impossible", []string{"82 7f 8000000000000000"}, "", 1},
		{"session", nil, request + answer + "\x81\x02hi\x88\x00", 0},
		{"faulty-request", nil, faulty, 1},
		{"refusal", nil, request + refusal, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errs := runSub(runExplain, tt.stdin, tt.args...)
			if status != tt.status || errs != "" {
				t.Errorf("status %d, want %d; standard error: %q", status, tt.status, errs)
			}
			golden := filepath.Join("testdata", "explain-"+tt.name+".txt")
			if *updateGoldens {
				if err := os.WriteFile(golden, []byte(untail(out)), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), untail(out)); diff != "" {
				t.Errorf("the output differs from %s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// TestExplainInput holds that the same frame is understood in every form.
func TestExplainInput(t *testing.T) {
	const raw = "\x81\x05Hello"
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	_, want, _ := runSub(runExplain, raw)
	for _, tt := range []struct {
		name, stdin string
		args        []string
	}{
		{"digits", "", []string{"810548656c6c6f"}},
		{"spaced digits in several operands", "", []string{"81", "05 48 65", "6C6C6F"}},
		{"0x", "", []string{"0x81", "0x05", "0x48656c6c6f"}},
		{"- is standard input", raw, []string{"-"}},
		{"digits on standard input", "81 05\n48656c 6c6f\n", nil},
		{"a raw file", "", []string{file("raw", raw)}},
		{"a file of digits", "", []string{file("hex", "81 05 48 65 6c 6c 6f\n")}},
		{"xxd", "00000000: 8105 4865 6c6c 6f                        ..Hello\n", nil},
		{"hexdump -C", "00000000  81 05 48 65 6c 6c 6f                              |..Hello|\n00000007\n", nil},
		{"the hex dump of tap", string(tap.AppendHexdump(nil, []byte(raw), 0, "     ")), nil},
	} {
		status, got, errs := runSub(runExplain, tt.stdin, tt.args...)
		if status != 0 || got != want {
			t.Errorf("%s: status %d, %s\n%s", tt.name, status, errs, cmp.Diff(want, got))
		}
	}
	for _, args := range [][]string{{"no such file"}, {"81", "xx"}, {"-from", "both", "81 00"}, {"-nonsense"}} {
		if status, _, errs := runSub(runExplain, "", args...); status != exitUsage || errs == "" {
			t.Errorf("%q: status %d and %q on standard error, want %d and a reason", args, status, errs, exitUsage)
		}
	}
	if status, _, _ := runSub(runExplain, ""); status != exitUsage {
		t.Errorf("nothing to explain: status %d", status)
	}
}

func TestExplainJSON(t *testing.T) {
	status, out, _ := runSub(runExplain, "", "-json", "88 02 03ed")
	var got []struct {
		Kind           string
		Offset, Length int
		Parts          []struct {
			Offset                                    int
			Hex, Bits, Field, Value, Meaning, Section string
			Problems                                  []struct{ Rule, Section string }
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != exitFail {
		t.Fatalf("status %d, %v:\n%s", status, err, out)
	}
	last := got[0].Parts[len(got[0].Parts)-1]
	if last.Field != "code" || last.Value != "1005" || len(last.Problems) != 1 || last.Problems[0].Section != frame.RuleCloseCode.Section() {
		t.Errorf("the last part is %+v, want the close code 1005 with its broken rule", last)
	}
	var fields []string
	for _, p := range got[0].Parts {
		fields = append(fields, p.Field)
	}
	want := []string{"FIN", "RSV1", "RSV2", "RSV3", "opcode", "MASK", "length", "payload", "code"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("the parts of a Close (-want +got):\n%s", diff)
	}
}

func TestExplainHidesSecrets(t *testing.T) {
	const head = "GET / HTTP/1.1\r\nHost: a\r\nCookie: id=s3cret\r\n\r\n"
	if _, out, _ := runSub(runExplain, head); strings.Contains(out, "s3cret") {
		t.Errorf("the secret is shown:\n%s", out)
	}
	if _, out, _ := runSub(runExplain, head, "-secrets"); !strings.Contains(out, "s3cret") {
		t.Errorf("-secrets does not show it:\n%s", out)
	}
}

// TestExplainNamesEveryRule holds that no rule that a single direction can
// break is passed over, nor one of the requirements of a head that can be
// seen in it.
func TestExplainNamesEveryRule(t *testing.T) {
	broken := map[frame.Rule][]string{
		frame.RuleRSV:               {"c8 00"},
		frame.RuleOpcode:            {"83 00"},
		frame.RuleControlFragmented: {"09 00"},
		frame.RuleControlLength:     {"89 7e 0080" + strings.Repeat("00", 128)},
		frame.RuleLengthRange:       {"82 7f ffffffffffffffff"},
		frame.RuleLengthMinimal:     {"82 7e 0001 00"},
		frame.RuleUnmasked:          {"-from", "client", "82 00"},
		frame.RuleMasked:            {"-from", "server", "82 80 00000000"},
		frame.RuleInterleaved:       {"01 00 81 00"},
		frame.RuleOrphan:            {"81 00 80 00"},
		frame.RuleUTF8:              {"81 01 ff"},
		frame.RuleCloseLength:       {"88 01 03"},
		frame.RuleCloseCode:         {"88 02 03ec"},
		frame.RuleCloseReason:       {"88 03 03e8 ff"},
		frame.RuleAfterClose:        {"88 00 81 00"},
	}
	for rule, args := range broken {
		status, out, _ := runSub(runExplain, "", args...)
		if status != exitFail || strings.Count(out, rule.String()) != 1 {
			t.Errorf("%q breaks %q: status %d\n%s", args, rule, status, out)
		}
	}
	const start = "GET / HTTP/1.1\r\n"
	key := "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	heads := map[handshake.Requirement]string{
		handshake.MalformedStartLine:   "GET  / HTTP/1.1\r\n\r\n",
		handshake.UnsupportedHTTP:      "GET / HTTP/1.0\r\n\r\n",
		handshake.MalformedTarget:      "GET x HTTP/1.1\r\n\r\n",
		handshake.MethodNotGET:         "POST / HTTP/1.1\r\n\r\n",
		handshake.MalformedField:       start + "no colon\r\n\r\n",
		handshake.SpaceBeforeColon:     start + "Host : a\r\n\r\n",
		handshake.ObsoleteFold:         start + "A: b\r\n c\r\n\r\n",
		handshake.BareCR:               start + "A: b\rc\r\n\r\n",
		handshake.ControlInValue:       start + "A: b\x00c\r\n\r\n",
		handshake.MissingHost:          start + "\r\n",
		handshake.RepeatedHost:         start + "Host: a\r\nHost: a\r\n\r\n",
		handshake.MalformedHost:        start + "Host: a b\r\n\r\n",
		handshake.MissingUpgrade:       start + "Upgrade: h2c\r\n\r\n",
		handshake.MissingConnection:    start + "Connection: close\r\n\r\n",
		handshake.MissingKey:           start + "\r\n",
		handshake.MalformedKey:         start + "Sec-WebSocket-Key: abc\r\n\r\n",
		handshake.RepeatedKey:          start + key + key + "\r\n",
		handshake.UnpaddedKey:          start + "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==\r\n\r\n",
		handshake.MissingVersion:       start + "\r\n",
		handshake.UnsupportedVersion:   start + "Sec-WebSocket-Version: 8\r\n\r\n",
		handshake.MalformedSubprotocol: start + "Sec-WebSocket-Protocol: COINEX protocol\r\n\r\n",
		handshake.RepeatedSubprotocol:  start + "Sec-WebSocket-Protocol: a, a\r\n\r\n",
		handshake.MalformedExtensions:  start + "Sec-WebSocket-Extensions: ;\r\n\r\n",

		handshake.AnswerWithoutUpgrade:    "HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n",
		handshake.AnswerWithoutConnection: "HTTP/1.1 101 x\r\n\r\n",
		handshake.MissingAccept:           "HTTP/1.1 101 x\r\n\r\n",
		handshake.WrongAccept:             start + key + "\r\nHTTP/1.1 101 x\r\nSec-WebSocket-Accept: abc\r\n\r\n",
		handshake.UnrequestedSubprotocol:  start + key + "\r\nHTTP/1.1 101 x\r\nSec-WebSocket-Protocol: a\r\n\r\n",
		handshake.UnrequestedExtension:    start + key + "\r\nHTTP/1.1 101 x\r\nSec-WebSocket-Extensions: a\r\n\r\n",
	}
	for r, head := range heads {
		if status, out, _ := runSub(runExplain, head); status != exitFail || !strings.Contains(out, r.String()) {
			t.Errorf("%q breaks %q: status %d\n%s", head, r, status, out)
		}
	}
}

// FuzzExplain holds that all bytes can be explained, in full and once.
func FuzzExplain(f *testing.F) {
	for _, seed := range []string{"818537fa213d7f9f4d5158", "880203e8", "827f8000000000000000", "837f8000000000000000",
		hex.EncodeToString([]byte("GET / HTTP/1.1\r\nA : b\r\n c\r\n\r\nHTTP/1.1 101\r\n\r\n\x81\x00"))} {
		b, _ := unhex(seed)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		at := 0
		list := explain(b, explainFlags{})
		for _, x := range list {
			if x.Offset != at || x.Length <= 0 {
				t.Fatalf("%q has %d bytes at %d; the part before ended at %d", x.Title, x.Length, x.Offset, at)
			}
			at += x.Length
		}
		if at != len(b) {
			t.Fatalf("%d of %d bytes are explained", at, len(b))
		}
		renderExplained(list, style{colour: true})
	})
}
