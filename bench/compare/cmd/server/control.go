//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/octet-ws/octet/bench/compare/internal/proc"
)

// control obeys the commands of the program that measures, one a line, and
// answers each with one line. The end of its input ends the process.
//
//	memory             the heap's figures as JSON (proc.Memory)
//	gc                 collect garbage and give free memory back
//	broadcast N SIZE   send N messages of SIZE bytes to every connection
func control(in io.Reader, out io.Writer, h *hub) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		answer, err := obey(lines.Text(), h)
		if err != nil {
			answer = "error " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Fprintln(out, answer)
	}
	os.Exit(0)
}

func obey(line string, h *hub) (answer string, err error) {
	verb, args, _ := strings.Cut(line, " ")
	switch verb {
	case "memory":
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b, err := json.Marshal(proc.Memory{
			Mallocs:    m.Mallocs,
			HeapInuse:  m.HeapInuse,
			StackInuse: m.StackInuse,
			Goroutines: runtime.NumGoroutine(),
		})
		return string(b), err
	case "gc":
		debug.FreeOSMemory()
		return "ok", nil
	case "broadcast":
		var n, size int
		if _, err := fmt.Sscan(args, &n, &size); err != nil {
			return "", err
		}
		payload := []byte(strings.Repeat("x", size))
		for range n {
			if err := h.broadcast(payload); err != nil {
				return "", err
			}
		}
		return "ok", nil
	}
	return "", fmt.Errorf("unknown command %q", verb)
}
