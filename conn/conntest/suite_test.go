package conntest

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/octet-ws/octet/conn"
	"github.com/octet-ws/octet/conn/proto"
	"github.com/octet-ws/octet/frame"
)

// wrong holds endpoints that break a rule each: a right one, of which what is
// sent is changed.
var wrong = map[string]struct {
	change func(Frame) (f Frame, send bool)
	finds  []string // cases that have to fail
	passes []string // and some that have to pass
}{
	"none": {
		change: func(f Frame) (Frame, bool) { return f, true },
		passes: []string{"text", "pings", "close 1000", "opcode_3"},
	},
	"a Pong of its own": {
		change: func(f Frame) (Frame, bool) {
			if f.Op == frame.Pong {
				f.Payload = "pong"
			}
			return f, true
		},
		finds:  []string{"pings", "ping inside a message"},
		passes: []string{"text", "close 1000"},
	},
	"1002 where 1007 is due": {
		change: func(f Frame) (Frame, bool) {
			if f.Op == frame.Close && strings.HasPrefix(f.Payload, "\x03\xef") {
				f = Close(1002, "")
			}
			return f, true
		},
		finds:  []string{"close reason that is not UTF-8", `text "\xc0\xaf"`, `fragmented text "a\xff"`},
		passes: []string{"text", "opcode 3"},
	},
	"no Close for a peer that broke a rule": {
		change: func(f Frame) (Frame, bool) { return f, !strings.HasPrefix(f.Payload, "\x03\xea") },
		finds:  []string{"opcode 3", "rsv 1 on ping", "ping of 126 bytes", "close 999", "wrong masking"},
		passes: []string{"text", `text "\x80"`},
	},
	"text for binary": {
		change: func(f Frame) (Frame, bool) {
			if f.Op == frame.Binary {
				f.Op = frame.Text
			}
			return f, true
		},
		finds:  []string{"binary", "fragments", "large message"},
		passes: []string{"text", "126 bytes"},
	},
}

// changed is a stream that changes the whole frames written to it.
type changed struct {
	Stream
	masked bool
	out    []byte // the beginning of a frame
	change func(Frame) (Frame, bool)
}

// CloseWrite is what lets a peer read the last Close before the end.
func (s *changed) CloseWrite() error {
	return s.Stream.(interface{ CloseWrite() error }).CloseWrite()
}

func (s *changed) Write(p []byte) (int, error) {
	s.out = append(s.out, p...)
	var b []byte
	for {
		f, _, n := parse(s.out)
		if n == 0 {
			break
		}
		s.out = s.out[n:]
		if f, send := s.change(f); send {
			b = f.Append(b, s.masked)
		}
	}
	_, err := s.Stream.Write(b)
	return len(p), err
}

// echo runs a right endpoint over s.
func echo(role proto.Role, s Stream) {
	var c *conn.Conn
	if role == proto.Client {
		c = conn.Client(s, nil)
	} else {
		c = conn.Server(s, nil)
	}
	defer c.Close()
	for {
		t, p, err := c.NextMessage()
		if err != nil || c.WriteMessage(t, p) != nil {
			return
		}
	}
}

// The suite passes a right endpoint and finds what is wrong with others. It runs
// in another process, since there it has to fail.
func TestRunFindsWhatIsWrong(t *testing.T) {
	if name := os.Getenv("CONNTEST_ENDPOINT"); name != "" {
		Run(t, func(role proto.Role, s Stream) {
			echo(role, &changed{Stream: s, masked: role == proto.Client, change: wrong[name].change})
		})
		return
	}
	for name, tt := range wrong {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestRunFindsWhatIsWrong$", "-test.v")
			cmd.Env = append(os.Environ(), "CONNTEST_ENDPOINT="+name)
			out, err := cmd.CombinedOutput()
			if (err != nil) != (len(tt.finds) > 0) {
				t.Errorf("the suite ends with %v", err)
			}
			for _, role := range []string{"client", "server"} {
				at := ": TestRunFindsWhatIsWrong/" + role + "/"
				for verdict, cases := range map[string][]string{"--- FAIL": tt.finds, "--- PASS": tt.passes} {
					for _, c := range cases {
						if line := verdict + at + strings.ReplaceAll(c, " ", "_") + " "; !strings.Contains(string(out), line) {
							t.Errorf("want %q", line)
						}
					}
				}
			}
		})
	}
}
