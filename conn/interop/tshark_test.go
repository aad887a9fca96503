//go:build interop && unix

package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A recordedFrame is what both a recording of octet tap and tshark say of a
// frame.
type recordedFrame struct {
	From           string
	Fin, Masked    bool
	Opcode, Length int64
}

// startTap starts octet tap and returns the URL it listens on. stop interrupts
// it, so that its files are complete.
func startTap(t *testing.T, args ...string) (url string, stop func()) {
	t.Helper()
	p := start(t, nil, append([]string{octet, "tap", "-addr", "127.0.0.1:0"}, args...)...)
	line := p.line(t)
	url, ok := strings.CutPrefix(line, "listening on ")
	if !ok {
		t.Fatalf("octet tap said %q first; want listening on URL", line)
	}
	url, _, _ = strings.Cut(url, " ")
	return url, func() {
		t.Helper()
		p.cmd.Process.Signal(syscall.SIGINT)
		if _, stderr, exit := p.finish(t); exit != 0 {
			t.Errorf("octet tap ended with status %d: %s", exit, stderr)
		}
	}
}

// A copier passes connections on to an address and keeps what clients sent.
type copier struct {
	addr string
	mu   sync.Mutex
	sent bytes.Buffer
}

func (c *copier) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent.Write(b)
}

// head returns the head the client sent.
func (c *copier) head() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	head, _, _ := strings.Cut(c.sent.String(), "\r\n\r\n")
	return head + "\r\n\r\n"
}

func startCopier(t *testing.T, to string) *copier {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &copier{addr: l.Addr().String()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				client.Close()
				continue
			}
			running.Go(func() {
				io.Copy(io.MultiWriter(c, server), client)
				server.(*net.TCPConn).CloseWrite()
			})
			running.Go(func() {
				io.Copy(client, server)
				client.Close()
				server.Close()
			})
		}
	})
	t.Cleanup(func() { l.Close(); running.Wait() })
	return c
}

// A session of Node's ws through tap, with fragments, a Ping between them and
// messages of 1 MiB: Wireshark's dissectors find in the capture every frame
// that passed, in the clear even if it passed in TLS, and nothing to complain
// of. The head that tap saves is the one that was sent.
func TestTsharkReadsTap(t *testing.T) {
	tshark := need(t, "tshark", "apt-get install tshark")
	ca := newAuthority(t)
	id := ca.issue(t, "127.0.0.1", tomorrow())
	for _, tt := range []struct {
		name                 string
		clientTLS, serverTLS bool
	}{
		{"ws to ws", false, false},
		{"wss to wss", true, true},
		{"wss to ws", true, false},
		{"ws to wss", false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var serverID *identity
			if tt.serverTLS {
				serverID = id
			}
			server, _ := servers[0].start(t, serverID)
			// Heads are compared where the bytes can be seen beside tap: in
			// front of it, or behind it.
			var witness *copier
			if !tt.serverTLS {
				witness = startCopier(t, strings.TrimPrefix(server, "ws://"))
				server = "ws://" + witness.addr
			}
			dir := t.TempDir()
			capture, lines, head := filepath.Join(dir, "s.pcapng"), filepath.Join(dir, "s.jsonl"), filepath.Join(dir, "head.http")
			args := []string{"-to", server, "-root", ca.file, "-o", capture, "-o", lines, "-save-head", head}
			if tt.clientTLS {
				args = append(args, "-tls-cert", id.cert, "-tls-key", id.key)
			}
			url, stop := startTap(t, args...)
			root := ""
			if tt.clientTLS {
				root = ca.file
			} else if witness == nil {
				witness = startCopier(t, strings.TrimPrefix(url, "ws://"))
				url = "ws://" + witness.addr
			}
			if diff := cmp.Diff(clients[0].want, clients[0].run(t, url+"/echo", root)); diff != "" {
				t.Errorf("the conversation through tap (-want +got):\n%s", diff)
			}
			stop()

			want := tapFrames(t, lines)
			if n := len(want); n < 18 {
				t.Errorf("tap recorded %d frames; the conversation has at least 18", n)
			}
			if diff := cmp.Diff(want, tsharkFrames(t, tshark, capture)); diff != "" {
				t.Errorf("the frames that passed (-recorded +tshark):\n%s", diff)
			}
			complaints, stderr, exit := run(t, "", tshark, "-r", capture, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
				"-Y", "_ws.malformed || _ws.expert.severity >= 0x600000 || tcp.analysis.flags || tcp.checksum.status == 0 || ip.checksum.status == 0")
			if complaints != "" || exit != 0 {
				t.Errorf("tshark complains of:\n%s%s", complaints, stderr)
			}
			if witness != nil {
				saved, err := os.ReadFile(head)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(witness.head(), string(saved)); diff != "" {
					t.Errorf("the saved head (-sent +saved):\n%s", diff)
				}
			}
		})
	}
}

// tapFrames reads the frames of each side from a recording in JSON lines.
func tapFrames(t *testing.T, file string) (frames []recordedFrame) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		var e struct {
			Event, From     string
			Fin, Masked     bool
			Opcode, Payload int64
			Problems        []any
		}
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if len(e.Problems) > 0 {
			t.Errorf("tap finds fault with %s", in.Text())
		}
		if e.Event == "frame" {
			frames = append(frames, recordedFrame{e.From, e.Fin, e.Masked, e.Opcode, e.Payload})
		}
	}
	return bySide(frames)
}

// tsharkFrames reads the frames that tshark dissects. A packet can hold many.
func tsharkFrames(t *testing.T, tshark, capture string) (frames []recordedFrame) {
	t.Helper()
	out, stderr, exit := run(t, "", tshark, "-r", capture, "-Y", "websocket", "-T", "fields", "-E", "occurrence=a",
		"-e", "tcp.dstport", "-e", "websocket.fin", "-e", "websocket.mask", "-e", "websocket.opcode", "-e", "websocket.payload_length",
		"-e", "websocket.payload_length_ext_16", "-e", "websocket.payload_length_ext_64")
	if exit != 0 {
		t.Fatalf("tshark ended with status %d: %s", exit, stderr)
	}
	for line := range strings.Lines(out) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		next := func(column int) (n int64) { // the next value in a column
			value, rest, _ := strings.Cut(columns[column], ",")
			columns[column] = rest
			if value == "True" {
				return 1
			}
			n, _ = strconv.ParseInt(value, 0, 64)
			return n
		}
		from := "server"
		if next(0) == 80 {
			from = "client"
		}
		for columns[1] != "" {
			f := recordedFrame{from, next(1) == 1, next(2) == 1, next(3), next(4)}
			switch f.Length { // in the seven bits, 126 and 127 announce the real one
			case 126:
				f.Length = next(5)
			case 127:
				f.Length = next(6)
			}
			frames = append(frames, f)
		}
	}
	return bySide(frames)
}

// bySide puts the frames of the client first. How those of the two sides are
// interleaved is chance.
func bySide(frames []recordedFrame) []recordedFrame {
	slices.SortStableFunc(frames, func(a, b recordedFrame) int { return strings.Compare(a.From, b.From) })
	return frames
}
