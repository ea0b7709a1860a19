package storagecheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
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
	if begun && errors.As(err, &exit) {
		if reason, told := strings.CutPrefix(verdict, damaged+" "+file+": "); told {
			return strings.TrimSpace(reason), nil
		}
		if words := said.crash(); words != "" && exit.ExitCode() == crashed {
			return words, nil
		}
	}
	return "", fmt.Errorf("%w: %s", err, said.String())
}

// lastWords are the beginning of what a process says when it dies.
type lastWords struct{ bytes.Buffer }

func (w *lastWords) Write(p []byte) (int, error) {
	w.Buffer.Write(p[:min(len(p), maxSaid-w.Len())])
	return len(p), nil
}

// crashes begin what Go's runtime says where a database is the reason. It says other things where memory or threads can't be had.
var crashes = []string{"panic: ", "fatal error: fault", "fatal error: stack overflow"}

// crash is the line that says what happened, "" if it is not the database's fault.
func (w *lastWords) crash() string {
	for line := range strings.Lines(w.String()) {
		for _, c := range crashes {
			if strings.HasPrefix(line, c) {
				return strings.TrimSpace(line)
			}
		}
	}
	return ""
}
