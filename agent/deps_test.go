package agent_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestImports keeps the agent to what every user of the library has: its internal packages may change with any version
// of it. localaws is for tests and what only tests import.
func TestImports(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	const library, agent = "github.com/updraft-otel/updraft/", "github.com/updraft-otel/updraft/agent"
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for imported := range strings.FieldsSeq(imports) {
			switch {
			case strings.HasPrefix(imported, library+"internal/"):
				t.Errorf("%s imports %s: the library's internal packages are its own", path, imported)
			case imported == agent+"/internal/timerslack/early" && path != agent+"/cmd/updraft-agent":
				t.Errorf("%s imports %s: it executes the program again, which is the agent's program's to decide", path, imported)
			case path == agent+"/internal/timerslack" && imported != "runtime" && imported != "syscall":
				t.Errorf("%s imports %s: it is to be ready before nearly all other packages, or the start takes longer", path, imported)
			case strings.HasPrefix(imported, library+"localaws") && path != agent+"/internal/agenttest":
				t.Errorf("%s imports %s: only tests may", path, imported)
			case strings.HasPrefix(imported, library+"bench"), strings.HasPrefix(imported, library+"examples"), strings.HasPrefix(imported, library+"cmd"):
				t.Errorf("%s imports %s: a program is nothing to import", path, imported)
			}
		}
	}
}
