package tap

import (
	"bytes"
	"compress/flate"
	"io"

	"github.com/octet-ws/octet/frame"
)

const (
	window      = 32 << 10 // the most that DEFLATE refers back (RFC 1951 §2)
	maxDeflated = 1 << 20  // compressed bytes of a message that are gathered
	maxInflated = 16 << 20 // bytes that a message may decompress to
)

// The end of a message that a sender leaves off (RFC 7692 §7.2.1), and a last
// empty block, for a reader that wants to see an end.
const deflateTail = "\x00\x00\xff\xff" + "\x01\x00\x00\xff\xff"

// An inflater decompresses the messages of one direction to show them. A nil
// inflater takes everything and shows nothing: a direction gets one while
// compression was agreed and every message so far could be followed.
type inflater struct {
	takeover bool // messages refer back to earlier ones
	max      int  // bytes of a message to keep
	in       []byte
	tooLong  bool
	history  []byte // the last bytes decompressed, a window at most
	r        io.ReadCloser
	failed   bool
}

func (i *inflater) add(p []byte) {
	if i == nil || i.failed || i.tooLong {
		return
	}
	if len(i.in)+len(p) > maxDeflated {
		i.tooLong = true
		return
	}
	i.in = append(i.in, p...)
}

// end decompresses the message that was added. After a message that cannot be
// followed, context takeover makes all later ones unreadable too.
func (i *inflater) end() (m *Inflated, fault string) {
	if i == nil || i.failed {
		return nil, ""
	}
	in, tooLong := i.in, i.tooLong
	i.in, i.tooLong = i.in[:0], false
	if tooLong {
		i.failed = i.takeover
		return nil, ""
	}
	src := io.MultiReader(bytes.NewReader(in), bytes.NewReader([]byte(deflateTail)))
	if i.r == nil {
		i.r = flate.NewReaderDict(src, i.history)
	} else {
		i.r.(flate.Resetter).Reset(src, i.history)
	}
	m = &Inflated{}
	buf := make([]byte, 4096)
	for {
		n, err := i.r.Read(buf)
		m.Data = append(m.Data, buf[:min(n, i.max-len(m.Data))]...)
		m.Length += int64(n)
		if i.takeover {
			i.remember(buf[:n])
		}
		switch {
		case err == io.EOF:
			return m, ""
		case err != nil:
			i.failed = i.takeover
			return nil, frame.RuleCompressed.String()
		case m.Length > maxInflated:
			i.failed = i.takeover
			return nil, ""
		}
	}
}

func (i *inflater) remember(p []byte) {
	i.history = append(i.history, p...)
	if len(i.history) > 2*window {
		i.history = append(i.history[:0], i.history[len(i.history)-window:]...)
	}
}
