//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// startProgram runs updraft as a process, in a process group of its own that
// its services belong to as well.
func startProgram(t *testing.T, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := new(output)
	cmd := &exec.Cmd{
		Path: self, Args: append([]string{"updraft"}, args...), // TestMain knows the name
		Stdout: out, Stderr: out,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	return cmd, out
}

func groupIsGone(cmd *exec.Cmd) func() bool {
	return func() bool { return errors.Is(syscall.Kill(-cmd.Process.Pid, 0), syscall.ESRCH) }
}

// TestDemo_killed shows that a demo that has no chance to clean up leaves no
// service behind.
func TestDemo_killed(t *testing.T) {
	cmd, out := startProgram(t, "demo", "--listen", "127.0.0.1:0", "--no-browser")
	out.find(t, `(\d+) requests`)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // says that it was killed
	within(t, patience, groupIsGone(cmd), "all processes of the demo gone")
}

// TestDemo_interrupted sends what Ctrl-C sends: the interrupt to the whole group.
func TestDemo_interrupted(t *testing.T) {
	cmd, out := startProgram(t, "demo", "--listen", "127.0.0.1:0", "--no-browser", "--rate", "30")
	out.find(t, `[1-9]\d* metric datums`)
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v; it said:\n%s", err, out)
	}
	out.find(t, `requests +\d+, .* 0 not answered\n`)
	out.find(t, `dropped +0\n`)
	within(t, patience, groupIsGone(cmd), "all processes of the demo gone")
}
