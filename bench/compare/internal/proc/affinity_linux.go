// Package proc starts a server process on a processor of its own and asks the
// kernel what it costs. Linux only.
package proc

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

// cpuSet is the kernel's bit set of processors, enough for 1,024 of them.
type cpuSet [16]uint64

func (s *cpuSet) add(cpu int)      { s[cpu/64] |= 1 << (cpu % 64) }
func (s *cpuSet) has(cpu int) bool { return s[cpu/64]&(1<<(cpu%64)) != 0 }

func getAffinity(tid int) (s cpuSet, err error) {
	_, _, e := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, uintptr(tid), unsafe.Sizeof(s), uintptr(unsafe.Pointer(&s)))
	if e != 0 {
		return s, e
	}
	return s, nil
}

func setAffinity(tid int, s cpuSet) error {
	_, _, e := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(tid), unsafe.Sizeof(s), uintptr(unsafe.Pointer(&s)))
	if e != 0 {
		return e
	}
	return nil
}

// CPUs returns the processors this process may run on, in order.
func CPUs() ([]int, error) {
	set, err := getAffinity(0)
	if err != nil {
		return nil, err
	}
	var cpus []int
	for cpu := range len(set) * 64 {
		if set.has(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// PinSelf moves every thread of this process, and those to come, to one
// processor.
func PinSelf(cpu int) error {
	var set cpuSet
	set.add(cpu)
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range tasks {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		// A thread may have ended since the directory was read.
		if err := setAffinity(tid, set); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// onCPU runs f, which starts a process, so that the process runs on cpu: a
// child inherits the affinity of the thread that forks it.
func onCPU(cpu int, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	old, err := getAffinity(0)
	if err != nil {
		return err
	}
	var set cpuSet
	set.add(cpu)
	if err := setAffinity(0, set); err != nil {
		return err
	}
	defer setAffinity(0, old)
	return f()
}
