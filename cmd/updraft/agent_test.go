package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestAgentCommand has the program in PATH stand for the agent.
func TestAgentCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("writes a shell script")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"agent $*\"\nexit 3\n"
	if err := os.WriteFile(filepath.Join(dir, agentProgram), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"agent", "--config", "a.yaml"}, stdio{strings.NewReader(""), &out, &errs}); status != 3 {
		t.Errorf("status %d, want the agent's 3; %s", status, errs.String())
	}
	if got := out.String(); got != "agent --config a.yaml\n" {
		t.Errorf("the agent was asked %q", got)
	}
	t.Setenv("PATH", "")
	errs.Reset()
	if status := run(t.Context(), []string{"agent"}, stdio{strings.NewReader(""), &out, &errs}); status != 1 || !strings.Contains(errs.String(), "make build") {
		t.Errorf("without an agent: status %d, %s", status, errs.String())
	}
}
