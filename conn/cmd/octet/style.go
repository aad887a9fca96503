package main

import (
	"io"
	"os"
	"strings"
)

// A style marks text with the colours of a terminal. The zero value marks
// nothing.
type style struct{ colour bool }

// styleFor is the style for what is written to w: coloured if w is a terminal,
// unless the environment says not to (https://no-color.org, TERM=dumb).
func styleFor(w io.Writer) style {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return style{}
	}
	info, err := f.Stat()
	return style{err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// The parameters are those of ECMA-48 §8.3.117, SGR.

func (s style) bold(t string) string { return s.sgr("1", t) }
func (s style) dim(t string) string  { return s.sgr("2", t) }
func (s style) bad(t string) string  { return s.sgr("1;31", t) }
func (s style) good(t string) string { return s.sgr("32", t) }

// bits makes the bits that are spoken of stand out from the dots for others.
func (s style) bits(t string) string { return s.sgr("36", t) }

func (s style) sgr(parameters, t string) string {
	if !s.colour || strings.TrimSpace(t) == "" {
		return t
	}
	return "\x1b[" + parameters + "m" + t + "\x1b[m"
}
