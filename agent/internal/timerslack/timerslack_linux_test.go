package timerslack

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// envProgram has this test's binary be a program that calls Widen. "remove": its file is gone by then.
const envProgram = "TIMERSLACK_TEST_PROGRAM"

// exitStatus is the program's.
const exitStatus = 3

// A said is what the program says of itself after Widen.
type said struct {
	PID       int
	Args, Env []string
	Name      string
	Slack     []int // of all threads, each value once
	Raised    bool  // the limit of open files is as Go raises it at the start, to one less than the most
}

func TestMain(m *testing.M) {
	if os.Getenv(envProgram) == "" {
		os.Exit(m.Run())
	}
	if os.Getenv(envProgram) == "remove" {
		self, err := os.Executable()
		if err == nil {
			err = os.Remove(self)
		}
		if err != nil {
			panic(err)
		}
	}
	Widen()
	s, err := look()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(s)
	}
	if err != nil {
		panic(err)
	}
	os.Exit(exitStatus)
}

func look() (said, error) {
	s := said{PID: os.Getpid(), Args: os.Args, Env: os.Environ()}
	name, err := os.ReadFile(comm)
	if err != nil {
		return s, err
	}
	s.Name = strings.TrimSpace(string(name))
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return s, err
	}
	s.Raised = files.Cur == files.Max-1
	s.Slack, err = allSlack()
	return s, err
}

// allSlack is that of this thread, and of all others where the user may see it: that takes CAP_SYS_NICE.
func allSlack() ([]int, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	all := []int{slack()}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil, err
	}
	for _, task := range tasks {
		text, err := os.ReadFile("/proc/" + task.Name() + "/timerslack_ns")
		if errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ns, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return nil, err
		}
		all = append(all, ns)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// TestWiden runs a program through a link, as an image has for another's name.
func TestWiden(t *testing.T) {
	runtime.LockOSThread() // whose slack the program begins with
	defer runtime.UnlockOSThread()
	defer setSlack(slack())
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	low := syscall.Rlimit{Cur: files.Max / 2, Max: files.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files) }()

	const narrow, wider = 50_000, 2 * Slack
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	f := func(what string, begins, want int, env []string, args ...string) {
		t.Helper()
		if setSlack(begins); slack() != begins {
			t.Skipf("the slack can't be set here: it is %d", slack())
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "program"), self, 0o700); err != nil {
			t.Fatal(err)
		}
		link := filepath.Join(dir, "other-name")
		if err := os.Symlink("program", link); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), link, args...)
		cmd.Env = slices.Concat(os.Environ(), []string{envProgram + "=yes"}, env)
		out, err := cmd.Output()
		if status := (*exec.ExitError)(nil); !errors.As(err, &status) || status.ExitCode() != exitStatus {
			t.Fatalf("%s: %v, want exit status %d", what, err, exitStatus)
		}
		var got said
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%s: %v in %q", what, err, out)
		}
		expected := said{PID: cmd.Process.Pid, Args: cmd.Args, Name: "other-name", Slack: []int{want}, Raised: true}
		for _, e := range cmd.Environ() {
			if !strings.HasPrefix(e, marker+"=") {
				expected.Env = append(expected.Env, e)
			}
		}
		if !reflect.DeepEqual(got, expected) {
			t.Errorf("%s:\n got %+v\nwant %+v", what, got, expected)
		}
	}
	f("an agent", narrow, Slack, nil, "--config", "two words", "")
	f("an agent without arguments", narrow, Slack, nil)
	f("wide already", wider, wider, nil)
	f("switched off", narrow, narrow, []string{Env + "=off"})
	f("a short subcommand", narrow, narrow, nil, "validate")
	f("the second run, where the slack was not kept", narrow, narrow, []string{marker + "=other-name"})
	f("a program that can't be executed again", narrow, narrow, []string{envProgram + "=remove"})
}
