package updraft_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/updraft-otel/updraft"

// mayImport says which packages of this module each may import, and why.
// Imports point down the way of a span; siblings never import one another.
var mayImport = map[string]struct {
	packages []string
	why      string
}{
	"":                    {[]string{"appsignals", "awsapi", "awssdk", "detect", "logs", "metrics", "otlp", "outbox", "sampling", "xray"}, "the root is where the parts meet"},
	"appsignals":          {nil, "it measures any SDK's spans, and its metrics leave by whatever reader there is"},
	"awsapi":              {[]string{"internal/jsonstring"}, "it has no idea where bytes come from"},
	"awssdk":              {nil, "X-Ray's header reaches it through the propagator it is given"},
	"detect":              {nil, "it stands alone"},
	"internal/appendjson": {[]string{"internal/jsonstring"}, "it only writes JSON"},
	"internal/jsonstring": {nil, "it only writes JSON strings"},
	"internal/leaktest":   {nil, "it only counts goroutines"},
	"logs":                {[]string{"internal/appendjson"}, "it stands alone"},
	"metrics":             {[]string{"internal/appendjson"}, "it stands alone"},
	"otlp":                {nil, "it stands alone"},
	"outbox":              {nil, "bytes leave it through a function it is given"},
	"sampling":            {nil, "rules come to it through an interface of its own"},
	"xray":                {[]string{"internal/appendjson"}, "it stands alone"},
}

// mustNotReach are modules that must not come to who imports the library.
var mustNotReach = map[string]string{
	"google.golang.org/grpc":                            "OTLP needs no gRPC library",
	"google.golang.org/protobuf":                        "forces its version on the user",
	"go.opentelemetry.io/collector":                     "the collector is the agent's",
	"github.com/open-telemetry/opentelemetry-collector": "the collector is the agent's",
	"modernc.org/sqlite":                                "databases are the double's and the examples'",
	"github.com/mattn/go-sqlite3":                       "databases are the double's and the examples'",
	"github.com/aws/aws-sdk-go-v2/service/xray":         "awsapi speaks the wire itself",
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch":   "awsapi speaks the wire itself",
	module + "/localaws":                                "the double is for tests and laptops",
	module + "/agent":                                   "the agent is a program of its own",
}

// maxModules bounds what the library adds to a user's build list.
const maxModules = 45

func TestImports(t *testing.T) {
	out := run(t, ".", "go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "./...")
	for line := range strings.Lines(out) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		name := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
		rule, known := mayImport[name]
		if !known {
			t.Errorf("%s is new: say in mayImport what it may import, and why", path)
			continue
		}
		for imported := range strings.FieldsSeq(imports) {
			ours, ok := strings.CutPrefix(imported, module+"/")
			if ok && !slices.Contains(rule.packages, ours) {
				t.Errorf("%s imports %s: %s", path, imported, rule.why)
			}
		}
	}
}

// TestBuildList makes a module that imports the library, as a user would, and
// reads what that brings along.
func TestBuildList(t *testing.T) {
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	user := t.TempDir()
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod": "module example.com/user\n\ngo 1.26.0\n\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + root + "\n",
		"go.sum": string(sums),
		"main.go": "package main\n\nimport (\n\t\"context\"\n\n\t\"" + module + "\"\n)\n\n" +
			"func main() { _, _ = updraft.Start(context.Background()) }\n",
	} {
		if err := os.WriteFile(filepath.Join(user, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, user, "go", "mod", "tidy")
	modules := strings.Fields(run(t, user, "go", "list", "-m", "-f", "{{.Path}}", "all"))
	modules = slices.DeleteFunc(modules, func(m string) bool { return m == "example.com/user" || m == module })
	built := strings.Fields(run(t, user, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "."))
	for _, list := range [][]string{modules, built} {
		for _, m := range list {
			for path, why := range mustNotReach {
				if m == path || strings.HasPrefix(m, path+"/") {
					t.Errorf("a user of the library gets %s: %s", m, why)
				}
			}
		}
	}
	if len(modules) > maxModules {
		t.Errorf("the library brings %d modules, want at most %d:\n%s", len(modules), maxModules, strings.Join(modules, "\n"))
	}
	t.Logf("%d modules in the build list, %d compiled", len(modules), len(slices.Compact(slices.Sorted(slices.Values(built)))))
}

// TestGoMod keeps what would reach the library's users out of its go.mod.
func TestGoMod(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(strings.TrimSpace(line), "replace") {
			t.Errorf("go.mod: %q: a replace does not reach users, who would build something else", strings.TrimSpace(line))
		}
	}
	if _, err := os.Stat("go.work"); err == nil {
		t.Error("go.work is here: it hides what users of the modules get")
	}
}

func run(t *testing.T, dir string, command ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		var stderr []byte
		if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // as Output returns it
			stderr = exit.Stderr
		}
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, stderr)
	}
	return string(out)
}
