package handshake

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// acceptSlowly is Accept as its documentation explains it.
func acceptSlowly(c *Chooser, b []byte, lim Limits) (out string, n int, a Agreement, err error) {
	r, n, err := ParseRequest(b, lim)
	if n == 0 && err == nil {
		return "", 0, a, nil
	}
	var offer Offer
	if err == nil {
		offer, err = CheckRequest(r)
	}
	var answer Answer
	if err == nil {
		answer, err = c.Answer(r, &offer)
	}
	var p []byte
	if err == nil {
		p, err = answer.Append(nil, offer.Key)
	}
	if err != nil {
		p, _ = Refuse(err).Append(nil)
	}
	return string(p), n, answer.Agreement, err
}

func checkAccept(t *testing.T, c *Chooser, b []byte, lim Limits) {
	t.Helper()
	wantOut, wantN, wantA, wantErr := acceptSlowly(c, b, lim)
	out, n, a, err := c.Accept([]byte("x"), b, lim)
	if string(out) != "x"+wantOut || n != wantN || fmt.Sprint(err) != fmt.Sprint(wantErr) || err == nil && !cmp.Equal(a, wantA) {
		t.Errorf("%.300q:\nAccept       %q %d %+v %v\nstep by step %q %d %+v %v", b, out[1:], n, a, err, wantOut, wantN, wantA, wantErr)
	}
}

func TestAcceptIsTheSameAsStepByStep(t *testing.T) {
	choosers := []*Chooser{nil, {}, {Subprotocols: []string{"chat"}}, {Origins: []string{"*"}},
		{Decide: func(r *Request, o Offer, a Answer) (Answer, error) {
			a.Extensions = o.Extensions
			return a, nil
		}}}
	limits := []Limits{{}, {Fields: 5}, {Fields: 4}, {HeadBytes: 100}, {LineBytes: 30}, {LineBytes: -1, HeadBytes: -1, Fields: -1}}
	var heads [][]byte
	for _, row := range requestRows {
		heads = append(heads, []byte(row.head), []byte(row.head+"\x81\x85"), []byte(row.head+"\r\n\r\n"), []byte(row.head[:len(row.head)-1]))
	}
	for _, c := range captures(t, "requests.txt") {
		heads = append(heads, c.bytes)
	}
	for _, head := range oddHeads {
		heads = append(heads, []byte(head))
	}
	for _, head := range heads {
		for _, c := range choosers {
			for _, lim := range limits {
				checkAccept(t, c, head, lim)
			}
		}
	}
	head := []byte(request("+Origin: http://example.com"))
	for i := range head { // every byte at every place
		was := head[i]
		for c := range 256 {
			head[i] = byte(c)
			checkAccept(t, nil, head, Limits{})
		}
		head[i] = was
	}
}

func TestAcceptingAnOrdinaryRequestAllocatesNothing(t *testing.T) {
	if raceEnabled {
		return // the race detector allocates
	}
	out := make([]byte, 0, 512)
	var c Chooser
	for _, capture := range captures(t, "requests.txt") {
		head := capture.bytes
		if _, n := c.acceptUsual(nil, head, Limits{}); n == 0 {
			continue // not an ordinary one: another test counts them
		}
		if n := testing.AllocsPerRun(10, func() { out, _, _, _ = c.Accept(out[:0], head, Limits{}) }); n != 0 {
			t.Errorf("the head of %s: %v allocations", capture.name, n)
		}
	}
}

func TestCapturedRequestsAreOrdinary(t *testing.T) {
	for _, c := range captures(t, "requests.txt") {
		r, _, _ := ParseRequest(c.bytes, Limits{})
		offer, err := CheckRequest(r)
		if err != nil || len(offer.Subprotocols) > 0 || offer.Origin != "" && !sameOrigin(offer.Origin, offer.Host) {
			continue
		}
		if _, n := (*Chooser)(nil).acceptUsual(nil, c.bytes, Limits{}); n == 0 {
			t.Errorf("the head of %s is accepted, but not in the short way", c.name)
		}
	}
}

func TestAnOrdinaryRequestCostsTwoAllocations(t *testing.T) {
	if raceEnabled {
		return // the race detector allocates
	}
	head := []byte(request("+Origin: http://example.com", "+User-Agent: x/1", "+Accept: */*"))
	var c Chooser
	out := make([]byte, 0, 512)
	once := testing.AllocsPerRun(100, func() {
		r, _, err := ParseRequest(head, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		offer, err := CheckRequest(r)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.Answer(r, &offer)
		if err != nil {
			t.Fatal(err)
		}
		if out, err = answer.Append(out[:0], offer.Key); err != nil {
			t.Fatal(err)
		}
	})
	if once > 2 {
		t.Errorf("parse, check and answer: %v allocations, want at most 2", once)
	}
	var r Request
	var offer Offer
	head = []byte(request("+Sec-WebSocket-Protocol: a, b", "+Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"))
	again := testing.AllocsPerRun(100, func() {
		if _, err := r.Parse(head, Limits{}); err != nil {
			t.Fatal(err)
		}
		if err := offer.Parse(&r); err != nil {
			t.Fatal(err)
		}
	})
	if again > 1 {
		t.Errorf("parse and check into used values: %v allocations, want at most 1", again)
	}
}
