package timerslack

import (
	"bytes"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// comm is where the kernel has the process's name.
const comm = "/proc/self/comm"

// Widen has all threads run with [Slack]. It executes the program again, so nothing may come before it; in the second run
// it returns. It does nothing where the slack is as wide already, where [Env] is "off", where the arguments are a short
// subcommand's, and where the system does not allow it.
func Widen() {
	if name, again := os.LookupEnv(marker); again {
		_ = os.Unsetenv(marker)
		_ = os.WriteFile(comm, []byte(name), 0)
		return
	}
	if os.Getenv(Env) == "off" || !serves(os.Args) {
		return
	}
	runtime.LockOSThread() // the slack is this thread's
	defer runtime.UnlockOSThread()
	before := slack()
	if before < 0 || before >= Slack {
		return
	}
	setSlack(Slack)
	if slack() == Slack {
		executeAgain()
	}
	setSlack(before)
}

// executeAgain returns only if that can't be done. The program's path is taken rather than /proc/self/exe, since its last
// part becomes the name of the threads.
func executeAgain() {
	file, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	name, err := os.ReadFile(comm)
	if err != nil {
		return
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return
	}
	env := append(os.Environ(), marker+"="+string(bytes.TrimSpace(name)))
	_ = syscall.Exec(file, os.Args, env)                 //nolint:gosec // it is this program
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files) // which Exec has put back to what it was before Go raised it
}

// slack is this thread's, in nanoseconds; -1 where the system does not tell.
func slack() int {
	ns, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return -1
	}
	return ns
}

// setSlack sets this thread's. Whether it did, slack tells.
func setSlack(ns int) { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(ns), 0, 0, 0) }
