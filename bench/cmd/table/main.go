// Command table prints what package bench measures as a Markdown table: for
// each group the best of seven interleaved rounds, in nanoseconds and, where
// bytes are worked on, in GB/s, and the ratio to the group's anchor.
//
//	go run ./bench/cmd/table [-round 2ms] [-only PREFIX]
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/octet-ws/octet/bench"
)

func main() {
	round := flag.Duration("round", 2*time.Millisecond, "time of one round of one subject")
	only := flag.String("only", "", "measure only groups that begin with `TEXT`")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), "usage: table [flags]\nwhat frames and the endpoint cost, beside their floors.\n\n")
		flag.PrintDefaults()
		fmt.Fprint(flag.CommandLine.Output(), "\nexample: go run ./bench/cmd/table -only mask\n")
	}
	flag.Parse()
	if !slices.ContainsFunc(bench.Subjects(), func(s bench.Subject) bool { return strings.HasPrefix(s.Group, *only) }) {
		fmt.Fprintf(os.Stderr, "table: no group begins with %q\n", *only)
		os.Exit(2)
	}

	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintf(out, "%s %s/%s, best of seven interleaved rounds of %v\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, *round)
	fmt.Fprintln(out, "| what | | ns | GB/s | ratio |\n|---|---|---:|---:|---:|")
	subjects := bench.Subjects()
	for len(subjects) > 0 {
		n := 1
		for n < len(subjects) && subjects[n].Group == subjects[0].Group {
			n++
		}
		if strings.HasPrefix(subjects[0].Group, *only) {
			print(out, subjects[:n], bench.Best(subjects[:n], *round))
		}
		subjects = subjects[n:]
	}
}

// print writes the rows of one group.
func print(out *bufio.Writer, group []bench.Subject, ns []float64) {
	anchor := 0.0
	for i, s := range group {
		if s.Anchor {
			anchor = ns[i]
		}
	}
	for i, s := range group {
		rate := ""
		if s.Bytes > 0 {
			rate = fmt.Sprintf("%.1f", float64(s.Bytes)/ns[i])
		}
		fmt.Fprintf(out, "| %s | %s | %.1f | %s | %.2f |\n", s.Group, s.Name, ns[i], rate, ns[i]/anchor)
	}
}
