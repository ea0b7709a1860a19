package storagecheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// limit is how long a database may take.
const limit = time.Minute

// maxSaid is how much of a dying process's last words is kept.
const maxSaid = 4 << 10

// Files returns which of the databases are damaged, and how. The program, which must run [Main] for the subcommand
// [Command], is executed for each of them. The error says which could not be looked at, and why. A database that another
// process has open counts as whole.
func Files(ctx context.Context, files []string) (found map[string]string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	found = map[string]string{}
	var errs []error
	for _, file := range files {
		damage, err := look(ctx, self, file)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
		}
		if damage != "" {
			found[file] = damage
		}
	}
	return found, errors.Join(errs...)
}

// look returns what is wrong with a database, or why it does not know.
func look(ctx context.Context, self, file string) (damage string, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, Command, file) //nolint:gosec // it is this program
	var said lastWords
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err == nil {
		return "", nil
	}
	var exit *exec.ExitError
	verdict, begun := strings.CutPrefix(string(out), reading+" "+file+"\n")
	if !begun || !errors.As(err, &exit) || exit.ExitCode() != failed && exit.ExitCode() != crashed { // a signal's is -1
		return "", err
	}
	if reason, told := strings.CutPrefix(verdict, damaged+" "+file+": "); told {
		return strings.TrimSpace(reason), nil
	}
	return said.first(), nil
}

// lastWords are the beginning of what a process says when it dies.
type lastWords struct{ bytes.Buffer }

func (w *lastWords) Write(p []byte) (int, error) {
	w.Buffer.Write(p[:min(len(p), maxSaid-w.Len())])
	return len(p), nil
}

// first is the line that says what happened.
func (w *lastWords) first() string {
	lines := strings.Split(w.String(), "\n")
	i := slices.IndexFunc(lines, func(l string) bool {
		return strings.HasPrefix(l, "panic: ") || strings.HasPrefix(l, "fatal error: ")
	})
	return lines[max(i, 0)]
}
