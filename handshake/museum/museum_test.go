package museum_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/octet-ws/octet/handshake"
	"github.com/octet-ws/octet/handshake/diagnose"
	. "github.com/octet-ws/octet/handshake/museum"
	"github.com/octet-ws/octet/handshake/profile"
)

// transportOf is what a guest sends below its head to a rule about that.
func transportOf(rule string) diagnose.TLS {
	t := diagnose.TLS{ALPN: "http/1.1", SNI: "example.com", Version: "1.3"}
	switch rule {
	case "tls-alpn-missing":
		t.ALPN = ""
	case "tls-alpn-h2":
		t.ALPN = "h2,http/1.1"
	case "tls-sni-missing":
		t.SNI = ""
	}
	return t
}

// An exhibit is a rule as a server that diagnose can probe.
type exhibit struct {
	Rule
	visits int
}

func (x *exhibit) Probe(_ context.Context, a diagnose.Attempt) diagnose.Outcome {
	x.visits++
	var alpn []string
	if a.TLS.ALPN != "" {
		alpn = strings.Split(a.TLS.ALPN, ",")
	}
	// As over a wire: what the server judges is parsed from the bytes.
	r, _, _ := handshake.ParseRequest(a.Request.AppendRaw(nil), handshake.Limits{})
	reaction := x.React(Visit{Request: r, Number: x.visits, TLS: TLS{ALPN: alpn, SNI: a.TLS.SNI, Version: a.TLS.Version}})
	fail := func(p handshake.Phase, r handshake.Requirement) diagnose.Outcome {
		return diagnose.Outcome{Phase: p, Err: &handshake.Error{Requirement: r}}
	}
	switch reaction.Deed {
	case Accept:
		return diagnose.Outcome{Phase: handshake.PhaseCheck, Response: &handshake.Response{Proto: "HTTP/1.1", Status: 101}}
	case Drop:
		return fail(handshake.PhaseAnswer, handshake.NoAnswer)
	case Hang:
		return fail(handshake.PhaseAnswer, handshake.Silent)
	case Alert:
		return fail(handshake.PhaseTLS, handshake.Transport)
	}
	out := fail(handshake.PhaseAnswer, handshake.NotSwitching)
	out.Response = &handshake.Response{Proto: "HTTP/1.1", Status: reaction.Status, Fields: reaction.Fields, Body: []byte(reaction.Body)}
	return out
}

// visit sends a guest to a rule and returns the report, and how many attempts
// there were until a head was accepted.
func visit(t *testing.T, rule Rule, g guest) (report *diagnose.Report, baselines int) {
	t.Helper()
	target := profile.Target{Host: host, Target: "/feed", Key: sample}
	p, ok := profile.Lookup(g.profile)
	if !ok {
		t.Fatalf("there is no profile %s", g.profile)
	}
	suspect := diagnose.Head{Name: p.Name, Request: p.Request(target)}
	if rule.TLS {
		suspect.TLS = transportOf(rule.Name)
	}
	if g.edit != nil {
		g.edit(suspect.Request)
	}
	opts := diagnose.Options{URL: handshake.URL{Secure: rule.TLS, Host: "example.com", Port: "9000", Target: "/feed"}}
	if rule.Name == "flaky" {
		opts.Repeat = 3
	}
	for _, name := range []string{"node-ws", "chrome", "gobwas", "firefox", "curl"} {
		p, _ := profile.Lookup(name)
		opts.Controls = append(opts.Controls, diagnose.Head{Name: name, Request: p.Request(target)})
	}
	synctest.Test(t, func(t *testing.T) { // for the rate limit
		var err error
		if report, err = diagnose.Explain(t.Context(), &exhibit{Rule: rule}, suspect, opts); err != nil {
			t.Fatal(err)
		}
	})
	return report, 1 + slices.IndexFunc(report.Tried, func(t diagnose.Trial) bool { return t.Accepted })
}

func say(causes [][]diagnose.Change) string {
	var alternatives []string
	for _, cause := range causes {
		var changes []string
		for _, c := range cause {
			changes = append(changes, c.String())
		}
		alternatives = append(alternatives, strings.Join(changes, " & "))
	}
	return strings.Join(alternatives, " | ")
}

// singleCause is what a single cause may cost beside the baselines.
const singleCause = 8

// Every rule is explained with the right change and nothing else, from at least
// three suspects; a single cause costs at most 8 attempts beside the baselines.
func TestEveryRuleIsExplained(t *testing.T) {
	t.Logf("%-30s %-26s %9s %8s", "rule", "suspect", "baselines", "attempts")
	for _, rule := range All() {
		if len(guests[rule.Name]) < 3 {
			t.Errorf("%s: tried with %d suspects, want at least 3", rule.Name, len(guests[rule.Name]))
		}
		for _, g := range guests[rule.Name] {
			report, baselines := visit(t, rule, g)
			if report.Verdict != diagnose.Explained {
				t.Errorf("%s: the refusal of %s is %s, want explained", rule.Name, g.profile, report.Verdict)
				continue
			}
			if got := say(report.Causes); got != g.want {
				t.Errorf("%s: what is wrong with %s (-want +got)\n%s", rule.Name, g.profile, cmp.Diff(g.want, got))
			}
			attempts := report.Attempts - baselines
			t.Logf("%-30s %-26s %9d %8d", rule.Name, g.profile, baselines, attempts)
			repeats := rule.Name == "flaky" || rule.Name == "rate-limit" // they make attempts over again
			if attempts > singleCause && !repeats {
				t.Errorf("%s: %d attempts for %s beside the baselines, want at most %d", rule.Name, attempts, g.profile, singleCause)
			}
		}
	}
	for name := range guests {
		if _, ok := Lookup(name); !ok {
			t.Errorf("there are suspects for %s, which is no rule", name)
		}
	}
}

func TestRulesAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		switch {
		case seen[r.Name]:
			t.Errorf("two rules are called %s", r.Name)
		case r.Refuses == "" || r.Cause == "" || r.Fix == "" || len(r.Sources) == 0:
			t.Errorf("%s lacks a description, a cause, a fix or a source", r.Name)
		}
		for _, s := range r.Sources {
			if measured := strings.HasPrefix(s, "measured: "); measured == (URL(s) != "") {
				t.Errorf("%s: %q is neither a report nor a measurement", r.Name, s)
			}
		}
		seen[r.Name] = true
	}
	if len(seen) < 25 {
		t.Errorf("%d rules, want at least 25", len(seen))
	}
}

// Whatever the suspect and whatever the control: what is found mends the
// suspect, and a single cause is found in few attempts.
func TestAnyProfileAgainstAnyControl(t *testing.T) {
	target := profile.Target{Host: host, Target: "/feed", Key: sample}
	for _, rule := range All() {
		if rule.TLS || rule.Name == "flaky" || rule.Name == "rate-limit" {
			continue
		}
		for _, p := range profile.All() {
			for _, c := range profile.All() {
				suspect := diagnose.Head{Name: p.Name, Request: p.Request(target)}
				control := diagnose.Head{Name: c.Name, Request: c.Request(target)}
				if rule.React(Visit{Request: suspect.Request}).Deed == Accept || rule.React(Visit{Request: control.Request}).Deed != Accept {
					continue
				}
				if rule.Name == "origin-foreign" && control.Request.Fields.Get("Host") != host {
					continue // the origin it has is right for the Host it has: two changes
				}
				report, err := diagnose.Explain(t.Context(), &exhibit{Rule: rule}, suspect, diagnose.Options{Controls: []diagnose.Head{control}})
				if err != nil || report.Verdict != diagnose.Explained || rule.React(Visit{Request: report.Heads.Fixed}).Deed != Accept {
					t.Errorf("%s: %s against %s: verdict %s, error %v, causes %s", rule.Name, p.Name, c.Name, report.Verdict, err, say(report.Causes))
					continue
				}
				n := report.Attempts - 2
				most := singleCause
				if rule.Name == "header-order" { // to leave out what stands before Host helps too, which has to be found out
					most *= 2
				}
				if len(report.Causes) != 1 || len(report.Causes[0]) != 1 || n > most {
					t.Errorf("%s: %s against %s: %d attempts for %s", rule.Name, p.Name, c.Name, n, say(report.Causes))
				}
			}
		}
	}
}
