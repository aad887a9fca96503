// Package fuzz holds one fuzz target for each property that must hold for
// every input. Run one with
//
//	go test -fuzz FuzzEndpoint ./fuzz
//
// and all their seeds, as ordinary tests, with go test ./fuzz.
package fuzz
