package agent_test

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
)

// openPTY is a terminal: what a program has of it, and the end at which a person sits.
func openPTY(t *testing.T) (program, person *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	if err := unix.IoctlSetWinsize(int(person.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	return program, person
}

// seen is what a terminal was told to show.
type seen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *seen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *seen) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Contains(s.text.Bytes(), []byte(text))
}

// TestWatch_terminal watches in a terminal and quits with q: the screen is as it was then.
func TestWatch_terminal(t *testing.T) {
	metrics := watched(t)
	program, person := openPTY(t)
	cmd := selfCommand(t, "--watch="+metrics, "--interval", "100ms")
	cmd.Env = append(cmd.Env, "TERM=xterm-256color", "NO_COLOR=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	var screen seen
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = person.WriteTo(&screen)
	}()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	agenttest.Eventually(t, "it is shown twice", func() bool { return screen.has("otlp grpc") && screen.has("q quits\x1b[H") })
	if _, err := person.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after q: %v", err)
	}
	_ = program.Close()
	<-read
	if !screen.has("\x1b[?1049h\x1b[?25l") || !screen.has("\x1b[?25h\x1b[?1049l") {
		t.Errorf("the screen is not given back: %q", screen.text.String())
	}
}
