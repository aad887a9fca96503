package tap

import (
	"bufio"
	"io"
)

// An output is a buffered writer that remembers the first error, so that a
// format can be written without looking at each.
type output struct {
	*bufio.Writer
	err error
}

func newOutput(w io.Writer) *output { return &output{Writer: bufio.NewWriterSize(w, 64<<10)} }

func (o *output) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if o.err == nil {
		o.err = err
	}
	return n, err
}
