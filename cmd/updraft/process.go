package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"github.com/updraft-otel/updraft"
)

// How long the demo waits for a service, and then gives up or kills it.
const (
	startTimeout = 15 * time.Second
	stopTimeout  = 20 * time.Second // more than a service takes for its last requests and its last telemetry
)

// A process is a service of the shop that runs as a child of the demo.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.Closer
	ready chan string   // its address, once
	done  chan struct{} // closed when it has ended; then the rest may be read

	report updraft.Report
	err    error
}

// startProcess runs the program at path with args and env. What it writes to
// stderr goes to stderr line by line, behind its name.
func startProcess(name, path string, args, env []string, stderr *lineWriter) (*process, error) {
	p := &process{name: name, ready: make(chan string, 1), done: make(chan struct{})}
	p.cmd = exec.Command(path, args...) //nolint:gosec // path is this program itself
	p.cmd.Env = env
	p.cmd.Stderr = stderr.prefixed(name + ": ")
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.stdin = stdin
	go p.watch(stdout)
	return p, nil
}

// watch reads what the service says until it ends.
func (p *process) watch(stdout io.Reader) {
	defer close(p.done)
	for lines := json.NewDecoder(stdout); ; {
		var m message
		if err := lines.Decode(&m); err != nil {
			break
		}
		if m.Ready != "" {
			select {
			case p.ready <- m.Ready:
			default: // said twice; the first one counts
			}
		}
		if m.Report != nil {
			p.report = *m.Report
		}
	}
	_, _ = io.Copy(io.Discard, stdout) // whatever is not a message must not block the service
	p.err = p.cmd.Wait()
}

// waitReady returns the service's address.
func (p *process) waitReady(ctx context.Context) (string, error) {
	timeout := time.NewTimer(startTimeout)
	defer timeout.Stop()
	select {
	case url := <-p.ready:
		return url, nil
	case <-p.done:
		return "", p.ended()
	case <-timeout.C:
		return "", fmt.Errorf("service %s does not answer after %s", p.name, startTimeout)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// ended says that the service is gone though nobody stopped it.
func (p *process) ended() error {
	return withHint(fmt.Errorf("service %s ended by itself: %w", p.name, cmpErr(p.err)), "what it said stands above")
}

func cmpErr(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// stop ends the service and returns the report on its telemetry.
func (p *process) stop() (updraft.Report, error) {
	_ = p.stdin.Close() // an error means that it has ended already
	timeout := time.NewTimer(stopTimeout)
	defer timeout.Stop()
	select {
	case <-p.done:
	case <-timeout.C:
		_ = p.cmd.Process.Kill()
		<-p.done
		return p.report, fmt.Errorf("service %s had to be killed after %s", p.name, stopTimeout)
	}
	if p.err != nil {
		return p.report, fmt.Errorf("service %s: %w", p.name, p.err)
	}
	return p.report, nil
}

// lineWriter lets several writers share w without mixing their lines.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lineWriter) prefixed(prefix string) io.Writer { return &prefixWriter{to: l, prefix: prefix} }

// Write writes whole lines only, as its callers do.
func (l *lineWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// A prefixWriter is used by one goroutine.
type prefixWriter struct {
	to     *lineWriter
	prefix string
	part   []byte // a line that has not ended yet
}

func (p *prefixWriter) Write(b []byte) (int, error) {
	p.part = append(p.part, b...)
	for {
		line, rest, found := bytes.Cut(p.part, []byte("\n"))
		if !found {
			return len(b), nil
		}
		if _, err := fmt.Fprintf(p.to, "%s%s\n", p.prefix, line); err != nil {
			return 0, err
		}
		p.part = rest
	}
}
