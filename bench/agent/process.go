package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long a process may take to start or to end.
const patience = 30 * time.Second

// ticksPerSecond is USER_HZ, in which /proc counts CPU time; it is 100 on every Linux that Go runs on.
const ticksPerSecond = 100

// A process is a program under test.
type process struct {
	cmd    *exec.Cmd
	log    bytes.Buffer
	ended  chan struct{}
	begun  time.Time
	health string // address of its health check, "" without
}

// launch starts a program, with credentials for a made-up AWS at endpoint.
func launch(ctx context.Context, program, endpoint string, args ...string) (*process, error) {
	path, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	//nolint:gosec // which program is to be measured is what the flags say
	p := &process{cmd: exec.CommandContext(ctx, path, args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.Env = append(os.Environ(),
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_SESSION_TOKEN=", "AWS_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_ENDPOINT_URL="+endpoint, "AWS_XRAY_DAEMON_ADDRESS=", "AOT_CONFIG_CONTENT=")
	p.begun = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// collector starts a collector with a configuration, and waits until it is well.
func collector(ctx context.Context, program, endpoint, health, config string) (*process, error) {
	p, err := launch(ctx, program, endpoint, "--config", "yaml:"+config)
	if err != nil {
		return nil, err
	}
	p.health = health
	if err := p.healthy(ctx); err != nil {
		p.stop()
		return nil, fmt.Errorf("%s: %w\n%s", program, err, p.log.Bytes())
	}
	return p, nil
}

// healthy waits until the health check says so.
func (p *process) healthy(ctx context.Context) error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		select {
		case <-p.ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
		if answers(ctx, "http://"+p.health) {
			return nil
		}
	}
	return errors.New("not healthy in time")
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// stop ends it as a container engine would, and waits.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// cpu is the CPU time it has had, user's and system's.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name of the program may have spaces; what follows it does not. utime and stime are fields 14 and 15.
	// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const utime, stime = 14 - 3, 15 - 3
	if len(fields) <= stime {
		return 0, fmt.Errorf("unexpected /proc/PID/stat %q", text)
	}
	user, err1 := strconv.ParseInt(fields[utime], 10, 64)
	system, err2 := strconv.ParseInt(fields[stime], 10, 64)
	return time.Duration(user+system) * (time.Second / ticksPerSecond), errors.Join(err1, err2)
}

// memory is what is resident, in bytes: all of it, and what is not the program's file.
func (p *process) memory() (all, anonymous float64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		kib, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch key {
		case "VmRSS":
			all = kib * 1024
		case "RssAnon":
			anonymous = kib * 1024
		}
	}
	return all, anonymous, nil
}

// freeAddr is an address on which nothing listens.
func freeAddr() string {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// pause returns early when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
