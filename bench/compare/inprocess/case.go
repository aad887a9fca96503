// Package inprocess measures the libraries without a kernel: their
// header codecs, handshakes, and whole connections over streams in memory.
// Only what a library exports can be called, so some have no entry in some
// cells.
package inprocess

import (
	"slices"
	"testing"
)

// Case is one thing that is measured.
type Case struct {
	Group string // what the figures of a table have in common
	Cell  string // the column
	Name  string // the row
	Bytes int    // processed by one operation; zero if that is not the point
	Run   func(*testing.B)
}

// Cases returns all of them, table by table.
func Cases() []Case {
	return slices.Concat(headerCases(), readCases(), writeCases(), handshakeCases())
}
