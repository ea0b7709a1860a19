// Package timerslack lets the program's timers fire up to 4 ms late, so that Go's runtime wakes up less often.
//
// Whenever a goroutine runs, a thread of the runtime, sysmon, sleeps 20 µs at a time and looks whether it is needed. For a
// program that gets a small request now and then that is a fifth of all it does. The kernel has a setting for each thread
// that says how much later than asked its sleeps may end, the timer slack, 50 µs by default. A thread has it from the one
// that creates it, and sysmon is there before any code of ours; but it outlives execve. So the program widens its own and
// executes itself again, as the same process with the same arguments and name. What the network brings wakes it at once,
// as before.
// https://man7.org/linux/man-pages/man2/PR_SET_TIMERSLACK.2const.html
//
// It imports syscall and runtime alone, so that it is ready to do so before nearly all other packages are initialised: see
// package early.
package timerslack

// Env is the environment variable that keeps the slack as it is, if its value is "off".
const Env = "UPDRAFT_TIMER_SLACK"

// Slack is how late a timer may fire, in nanoseconds.
const Slack = 4_000_000

// marker is the variable by which the second run knows what it is: where the kernel takes the slack and forgets it, the
// program would execute itself for ever. Its value is the process's name, which the kernel takes from the file's otherwise.
const marker = "UPDRAFT_TIMER_SLACK_SET"

// serves says whether the program runs until it is stopped. One that answers and ends is over before the slack matters; a
// health check comes every few seconds.
func serves(args []string) bool {
	switch {
	case len(args) == 0 || base(args[0]) == "healthcheck":
		return false
	case len(args) == 1 || args[1] == "xray-daemon":
		return true
	case args[1] == "-h" || args[1] == "--help" || args[1] == "-v" || args[1] == "--version":
		return false
	}
	return args[1] != "" && args[1][0] == '-' // else a subcommand, as validate
}

func base(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[i+1:]
		}
	}
	return path
}
