package proc

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestCPUTimeOfThisProcessGrowsWithWork(t *testing.T) {
	before, err := CPUTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for i := range 10_000_000 {
		sum += i * i
	}
	after, err := CPUTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if after <= before {
		t.Errorf("the clock stood at %v and after work (%d) at %v", before, sum, after)
	}
}

func TestRSSCountsTouchedPages(t *testing.T) {
	before, err := RSS(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const size = 32 << 20
	b := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		b[i] = 1
	}
	after, err := RSS(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if after-before < size*9/10 {
		t.Errorf("RSS went from %d to %d after touching %d bytes", before, after, size)
	}
	b[0]++
}

func TestServerRunsOnItsProcessor(t *testing.T) {
	cpus, err := CPUs()
	if err != nil {
		t.Fatal(err)
	}
	cpu := cpus[len(cpus)-1]
	script := `echo listening here; while read x; do grep Cpus_allowed_list /proc/self/status | tr -d '\n'; echo " $x"; done`
	s, err := Start(cpu, "/bin/sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if s.Addr != "here" {
		t.Errorf("Addr = %q, want %q", s.Addr, "here")
	}
	got, err := s.Do("ping")
	if err != nil {
		t.Fatal(err)
	}
	if f := strings.Fields(got); len(f) != 3 || f[1] != strconv.Itoa(cpu) || f[2] != "ping" {
		t.Errorf("the server answered %q, want processor %d and ping", got, cpu)
	}
}

func TestServerThatFailsSaysWhy(t *testing.T) {
	start := time.Now()
	_, err := Start(-1, "/bin/sh", "-c", "echo no such thing >&2")
	if err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Errorf("after %v: %v; want an error with what the server printed", time.Since(start), err)
	}
}
