// Command updraft runs a local AWS for telemetry, and a demonstration of it.
// `updraft help` says how.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(mainWithStatus()) }

// mainWithStatus is main with its deferred calls done.
func mainWithStatus() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	return run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr})
}

// stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// run does what the arguments say and returns the exit status: 0, 1 for what
// went wrong, 2 for what was asked wrongly.
func run(ctx context.Context, args []string, std stdio) int {
	err := dispatch(ctx, args, std)
	if err == nil {
		return 0
	}
	var status agentStatus
	if errors.As(err, &status) {
		return int(status)
	}
	fmt.Fprintf(std.err, "updraft: %v\n", err)
	var h *hintError
	if errors.As(err, &h) {
		fmt.Fprintf(std.err, "hint: %s\n", h.hint)
	}
	if errors.Is(err, errUsage) {
		return 2
	}
	return 1
}

func dispatch(ctx context.Context, args []string, std stdio) error {
	if len(args) == 0 {
		fmt.Fprint(std.err, usage)
		return usageError("no command", "updraft demo shows what this is")
	}
	name, args := args[0], args[1:]
	switch name {
	case "demo":
		return demoCommand(ctx, args, std)
	case "local":
		return localCommand(ctx, args, std)
	case "agent":
		return agentCommand(ctx, args, std)
	case "version", "--version":
		return versionCommand(args, std)
	case "help", "--help", "-h":
		fmt.Fprint(std.out, usage)
		return nil
	case serviceCommandName:
		return serviceCommand(ctx, args, std)
	}
	return usageError(fmt.Sprintf("unknown command %q", name), "updraft help lists the commands")
}
