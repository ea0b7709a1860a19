package localaws

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

const rulesPage = "../docs/aws-rules.md"

// TestRulesPage holds the documentation to the table that the server refuses by.
func TestRulesPage(t *testing.T) {
	var page bytes.Buffer
	page.WriteString("# What AWS refuses\n\n" +
		"The local AWS refuses by this table, and its console explains by it. It is made from the code: `go test ./localaws -run TestRulesPage -update`.\n" +
		"*Certainty* is how we know: AWS documents it, it was seen in logs of real accounts (observed), or AWS's texts leave it open (unsettled). It is said of what AWS wants; X-Ray publishes no list of its codes for single documents, they follow those that were seen.\n")
	service := ""
	for _, r := range Rules() {
		if r.Service != service {
			service = r.Service
			name := service
			if name == "*" {
				name = "Every service"
			}
			fmt.Fprintf(&page, "\n## %s\n\n| rule | operation | what AWS wants | limit | error | certainty |\n| --- | --- | --- | --- | --- | --- |\n", name)
		}
		operation := r.Operation
		if operation == "*" {
			operation = "all"
		}
		fmt.Fprintf(&page, "| [%s](%s) | %s | %s | %s | `%s` | %s |\n",
			r.ID, r.Page, operation, cell(r.Title+" "+r.Fix), cell(r.Limit), r.Code, r.Certainty)
	}
	if *update {
		if err := os.WriteFile(rulesPage, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, page.Bytes()) {
		t.Errorf("%s is not what the rules say; run: go test ./localaws -run TestRulesPage -update", rulesPage)
	}
}

// cell makes text fit for a cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(text)
}
