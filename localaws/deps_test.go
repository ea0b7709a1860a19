package localaws_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestImports keeps the double an independent witness: it must not share an
// encoder, or a mistake, with the library that is tested against it.
func TestImports(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	const library, double = "github.com/updraft-otel/updraft", "github.com/updraft-otel/updraft/localaws"
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for imported := range strings.FieldsSeq(imports) {
			if imported == library || strings.HasPrefix(imported, library+"/") && !strings.HasPrefix(imported, double) {
				t.Errorf("%s imports %s: the double must not know the library; only its tests may", path, imported)
			}
		}
	}
}
