package proc

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// CPUTime returns the processor time, user and system, that all threads of a
// process have used. It is the scheduler's own clock in nanoseconds
// (clock_getcpuclockid(3)), where /proc/PID/stat counts ticks of 10 ms.
func CPUTime(pid int) (time.Duration, error) {
	const cpuClockSched = 2 // <linux/posix-timers.h>
	clock := ^int32(pid)<<3 | cpuClockSched
	var ts syscall.Timespec
	_, _, e := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&ts)), 0)
	if e != 0 {
		return 0, fmt.Errorf("processor clock of process %d: %w", pid, e)
	}
	return time.Duration(ts.Nano()), nil
}

// RSS returns the bytes of a process that are in memory. They are counted page
// by page (smaps_rollup): the counters in /proc/PID/statm are kept per
// processor and lag behind.
func RSS(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		f := bytes.Fields(lines.Bytes())
		if len(f) == 3 && string(f[0]) == "Rss:" {
			kib, err := strconv.ParseInt(string(f[1]), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("no Rss line in /proc/%d/smaps_rollup", pid)
}

// RaiseFileLimit allows this process and its children as many open files as
// the system lets them have, and returns that number.
func RaiseFileLimit() (uint64, error) {
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim); err != nil {
		return 0, err
	}
	lim.Cur = lim.Max
	return lim.Cur, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &lim)
}
