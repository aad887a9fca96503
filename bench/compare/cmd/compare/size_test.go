//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/octet-ws/octet/bench/compare/internal/stats"
)

// TestOctetsClientIsTheSmallest builds and runs every client there is, and holds
// Octet's against those of all peers. One that cannot be built or does not work
// fails the test too.
func TestOctetsClientIsTheSmallest(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run([]string{"size", "-quick", "-json"}, &stdout, &stderr); status != exitOK {
		t.Fatalf("status %d: %s", status, &stderr)
	}
	var r report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	for _, complaint := range notSmallest(&r) {
		t.Error(complaint)
	}
}

// notSmallest says what keeps Octet's client from being known to be smaller than
// every peer's.
func notSmallest(r *report) (complaints []string) {
	bytes := make(map[string]float64)
	for _, res := range r.Results {
		bytes[res.Subject] = res.Figures["bytes"].Median
	}
	for _, cl := range clients {
		switch size := bytes[cl.name]; {
		case size < 1_000_000: // no Go program with package net is smaller
			complaints = append(complaints, fmt.Sprintf("%s: %.0f bytes were measured", cl.name, size))
		case cl.kind == clientPeer && bytes["octet"] >= size:
			complaints = append(complaints, fmt.Sprintf("octet takes %.0f bytes, %s %.0f", bytes["octet"], cl.name, size))
		}
	}
	return complaints
}

func TestNotSmallestComplains(t *testing.T) {
	sizes := func(change map[string]float64) *report {
		r := newReport("size", nil)
		peers := 0
		for _, cl := range clients {
			size := 2_000_000.0
			if cl.kind == clientPeer {
				size = 5_000_000
				peers++
			}
			if changed, ok := change[cl.name]; ok {
				size = changed
			}
			if size > 0 {
				r.Results = append(r.Results, result{Subject: cl.name, Figures: map[string]stats.Figure{"bytes": stats.Of([]float64{size})}})
			}
		}
		if peers < 7 {
			t.Errorf("%d peers have a client, want 7", peers)
		}
		return r
	}
	if got := notSmallest(sizes(nil)); len(got) > 0 {
		t.Errorf("octet's is the smallest: %q", got)
	}
	for name, size := range map[string]float64{"octet": 5_000_000, "gobwas": 1_999_999, "coder": 0} {
		if got := notSmallest(sizes(map[string]float64{name: size})); len(got) == 0 || !strings.Contains(got[0], name) {
			t.Errorf("%s takes %.0f bytes: the complaints are %q", name, size, got)
		}
	}
}
