package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// agentProgram is the program behind `updraft agent`: a collector of some hundred modules, which nobody who wants a local
// AWS has to build.
const agentProgram = "updraft-agent"

// agentStopTimeout is how long the agent may take to deliver what it holds, as long as Kubernetes gives it.
const agentStopTimeout = 30 * time.Second

// An agentStatus is the exit status of the agent, which has told its errors itself.
type agentStatus int

func (agentStatus) Error() string { return "" }

// agentCommand runs the agent with these arguments, in the terminal of this program.
func agentCommand(ctx context.Context, args []string, std stdio) error {
	path, err := findAgent()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // the agent beside this program, or in PATH
	cmd.Stdin, cmd.Stdout, cmd.Stderr = std.in, std.out, std.err
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = agentStopTimeout
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return agentStatus(exit.ExitCode())
	}
	if ctx.Err() != nil {
		return nil // stopped as it was asked to
	}
	return err
}

// findAgent looks for the agent beside this program, then in PATH.
func findAgent() (string, error) {
	name := agentProgram
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		if beside := filepath.Join(filepath.Dir(self), name); isFile(beside) {
			return beside, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", withHint(errors.New(agentProgram+" is neither beside updraft nor in PATH"),
			"make build writes both into bin; or go install github.com/updraft-otel/updraft/agent/cmd/updraft-agent@latest")
	}
	return path, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
