package agent_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Where the clients are: this module's own, and those of localaws, whose folder has the packages of both.
const (
	clientsDir    = "testdata/clients"
	localawsDir   = "../localaws/testdata/clients"
	telemetrygen  = "testdata/telemetrygen"
	telemetryTool = "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen"
)

// clientPatience is how long a client may take on a busy machine.
const clientPatience = 2 * time.Minute

// missing ends a test that has not what it runs: CI installs it, and fails without.
func missing(t *testing.T, text string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// nodeEnv is the environment in which Node finds the clients' packages.
func nodeEnv(t *testing.T) string {
	t.Helper()
	modules, err := filepath.Abs(filepath.Join(localawsDir, "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = exec.LookPath("node"); err == nil {
		_, err = os.Stat(filepath.Join(modules, ".package-lock.json"))
	}
	if err != nil {
		missing(t, "Node or its packages are missing: run make test once, or npm ci in localaws/testdata/clients")
	}
	return "NODE_PATH=" + modules
}

// python is a Python that has the X-Ray SDK.
func python(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import aws_xray_sdk").Run() == nil {
			return python
		}
	}
	missing(t, "Python's aws_xray_sdk is missing: run make test once, or install Debian's python3-aws-xray-sdk")
	return ""
}

// awsCLIs are those on PATH and of Debian: the two versions speak differently.
func awsCLIs(t *testing.T) []string {
	t.Helper()
	const debian = "/usr/bin/aws"
	var all []string
	if path, err := exec.LookPath("aws"); err == nil && path != debian {
		all = append(all, path)
	}
	if _, err := os.Stat(debian); err == nil {
		all = append(all, debian)
	}
	if len(all) == 0 {
		missing(t, "no AWS CLI on PATH; make test installs it")
	}
	return all
}

// environment is this process's with more. An empty AWS_PROFILE names a profile to the SDK for Python.
func environment(more []string) []string {
	env := slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "AWS_PROFILE=") })
	return append(env, more...)
}

// runClient runs a program to its end and returns what it wrote, stderr where it failed.
func runClient(t *testing.T, env []string, program string, args ...string) (out string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), clientPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = environment(env)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stderr.String(), err
	}
	return stdout.String(), nil
}

// lines runs a program that must succeed and returns the fields of each line it wrote.
func lines(t *testing.T, env []string, program string, args ...string) (all [][]string) {
	t.Helper()
	out, err := runClient(t, env, program, args...)
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	for line := range strings.Lines(out) {
		all = append(all, strings.Fields(line))
	}
	return all
}

// startService runs one of localaws' services until the test ends and returns its address, which is its first line.
func startService(t *testing.T, env []string, program, file string) string {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, file) // it ends when its stdin does
	cmd.Dir = localawsDir
	cmd.Env = environment(env)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(clientPatience, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() {
		defer kill.Stop()
		_ = stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", file, err, &stderr)
		}
	})
	first := bufio.NewScanner(stdout)
	if !first.Scan() {
		t.Fatalf("%s does not answer: %v\n%s", file, first.Err(), &stderr)
	}
	return first.Text()
}
