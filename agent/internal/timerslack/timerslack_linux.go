package timerslack

import (
	"runtime"
	"syscall"
)

// comm is where the kernel has the process's name.
const comm = "/proc/self/comm"

// Widen has all threads run with [Slack]. It executes the program again, so nothing may come before it; in the second run
// it returns. It does nothing where the slack is as wide already, where [Env] is "off", where the arguments are a short
// subcommand's, and where the system does not allow it.
func Widen() {
	if name, again := syscall.Getenv(marker); again {
		_ = syscall.Unsetenv(marker)
		_ = write(comm, name)
		return
	}
	args, err := arguments()
	if off, _ := syscall.Getenv(Env); off == "off" || err != nil || !serves(args) {
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
		executeAgain(args)
	}
	setSlack(before)
}

// executeAgain returns only if that can't be done. The program's path is taken rather than /proc/self/exe, since its last
// part becomes the name of the threads.
func executeAgain(args []string) {
	file := make([]byte, 4096) // PATH_MAX
	n, err := syscall.Readlink("/proc/self/exe", file)
	if err != nil || n == len(file) {
		return
	}
	name, err := read(comm)
	if err != nil || len(name) == 0 {
		return
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return
	}
	env := append(syscall.Environ(), marker+"="+string(name[:len(name)-1])) // a newline ends it
	_ = syscall.Exec(string(file[:n]), args, env)                           //nolint:gosec // it is this program
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files)                    // which Exec has put back to what it was before Go raised it
}

// arguments are those of the process, which package os does not know yet.
func arguments() ([]string, error) {
	text, err := read("/proc/self/cmdline")
	var all []string
	for from, i := 0, 0; i < len(text); i++ {
		if text[i] == 0 {
			all = append(all, string(text[from:i]))
			from = i + 1
		}
	}
	return all, err
}

func read(file string) ([]byte, error) {
	fd, err := syscall.Open(file, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = syscall.Close(fd) }()
	var all []byte
	for part := make([]byte, 4096); ; {
		n, err := syscall.Read(fd, part)
		switch {
		case err == syscall.EINTR:
		case err != nil || n <= 0:
			return all, err
		default:
			all = append(all, part[:n]...)
		}
	}
}

func write(file, text string) error {
	fd, err := syscall.Open(file, syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(fd) }()
	_, err = syscall.Write(fd, []byte(text))
	return err
}

// What prctl is asked for.
// https://github.com/torvalds/linux/blob/master/include/uapi/linux/prctl.h
const (
	prSetTimerSlack = 29
	prGetTimerSlack = 30
)

// slack is this thread's, in nanoseconds; -1 where the system does not tell.
func slack() int {
	ns, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, prGetTimerSlack, 0, 0, 0, 0, 0)
	if errno != 0 {
		return -1
	}
	return int(ns)
}

// setSlack sets this thread's. Whether it did, slack tells.
func setSlack(ns int) {
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, prSetTimerSlack, uintptr(ns), 0, 0, 0, 0)
}
