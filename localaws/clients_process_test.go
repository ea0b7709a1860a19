package localaws_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// clientsDir holds the services in other languages.
const clientsDir = "testdata/clients"

// clientPatience is how long a service may take to answer, and to end.
const clientPatience = 30 * time.Second

// needClients ends a test that has not what the Node services need: CI installs
// it, and fails without.
func needClients(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(clientsDir, "node_modules", ".package-lock.json"))
	}
	if err != nil {
		missing(t, "Node or its packages are missing: run make test once, or npm ci in localaws/"+clientsDir)
	}
}

// clientPython is a Python that has the X-Ray SDK.
func clientPython(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import aws_xray_sdk, requests").Run() == nil {
			return python
		}
	}
	missing(t, "Python's aws_xray_sdk and requests are missing: run make test once, or install Debian's python3-aws-xray-sdk")
	return ""
}

func missing(t *testing.T, text string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// startClient runs a service of clientsDir until the test ends, and returns its
// address, which is the first line it writes.
func startClient(t *testing.T, env []string, program, file string) string {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, file) // it ends when its stdin does
	cmd.Dir = clientsDir
	cmd.Env = append(os.Environ(), env...)
	out := &firstLine{line: make(chan string, 1)}
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		kill := time.AfterFunc(clientPatience, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if t.Failed() {
			t.Logf("%s wrote:\n%s", file, &stderr)
		}
	})
	select {
	case line := <-out.line:
		return line
	case <-time.After(clientPatience):
		t.Fatalf("%s does not answer", file)
		return ""
	}
}

// firstLine passes the first line on, and forgets the rest.
type firstLine struct {
	line chan string
	part []byte
	done bool
}

// Write implements io.Writer.
func (f *firstLine) Write(b []byte) (int, error) {
	if f.done {
		return len(b), nil
	}
	f.part = append(f.part, b...)
	if line, _, found := bytes.Cut(f.part, []byte{'\n'}); found {
		f.done = true
		f.line <- string(line)
	}
	return len(b), nil
}
