package main

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/museum"
)

// startRule runs a server of the museum on loopback and returns its address.
func startRule(t *testing.T, name string) string {
	t.Helper()
	rule, ok := museum.Lookup(name)
	if !ok {
		t.Fatalf("no rule %s", name)
	}
	var visits atomic.Int64
	return startListener(t, func(nc net.Conn) {
		r, _, err := readRequest(nc)
		if err != nil {
			return
		}
		reaction := rule.React(museum.Visit{Request: r, Number: int(visits.Add(1))})
		var out []byte
		switch reaction.Deed {
		case museum.Accept:
			answer := handshake.Answer{Agreement: handshake.Agreement{Subprotocol: reaction.Subprotocol}}
			out, err = answer.Append(nil, r.Fields.Get("Sec-WebSocket-Key"))
		case museum.Answer:
			refusal := &handshake.Refusal{Status: reaction.Status, Fields: reaction.Fields, Body: reaction.Body}
			out, err = handshake.Refuse(refusal).Append(nil)
		case museum.Drop:
			return
		}
		if err != nil {
			t.Error(err)
		}
		nc.Write(out)
		if reaction.Deed != museum.Answer {
			io.Copy(io.Discard, nc)
		}
	})
}

// startListener runs serve for each connection to a port of loopback.
func startListener(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	address, stop, err := listenAndServe(context.Background(), serve)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return address
}
