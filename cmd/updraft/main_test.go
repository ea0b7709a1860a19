package main

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be updraft: for scripts, and for the services
// that a demo inside a test starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == serviceCommandName {
		os.Exit(mainWithStatus())
	}
	testscript.Main(m, map[string]func(){"updraft": main})
}

func TestScripts(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = busy.Close() })
	testscript.Run(t, testscript.Params{
		Dir:      "testdata/script",
		Deadline: time.Now().Add(2 * time.Minute),
		Setup: func(env *testscript.Env) error {
			env.Setenv("BUSY", busy.Addr().String())
			return nil
		},
	})
}

func TestRun_exitStatus(t *testing.T) {
	f := func(want int, args ...string) {
		t.Helper()
		std := stdio{os.Stdin, new(output), new(output)}
		if got := run(t.Context(), args, std); got != want {
			t.Errorf("updraft %q: status %d, want %d; it says %s", args, got, want, std.err)
		}
	}
	f(0, "help")
	f(0, "demo", "-h")
	f(1, "local", "--listen", "192.0.2.1:4580") // kept for documentation: not an address of this machine
	f(2)
	f(2, "unknown")
	f(2, "demo", "--unknown")
	f(2, serviceCommandName, "--name", "unknown")
}
