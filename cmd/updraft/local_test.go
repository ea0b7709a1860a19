package main

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

func TestLocal(t *testing.T) {
	out, errs, stop := background(t, "local", "--listen", "127.0.0.1:0")
	console := out.find(t, `console  (http://\S+/console/)\n`)
	out.find(t, `Ctrl-C stops it`)

	res, err := http.Get(console)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the console answers %s", res.Status)
	}

	// The block to copy, as a shell takes it.
	var block strings.Builder
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "  export ") || strings.HasPrefix(line, "  unset ") {
			block.WriteString(line)
		}
	}
	block.WriteString(`echo "$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_REGION"`)
	got, err := exec.Command("sh", "-euc", block.String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSuffix(console, "/console/") + " local local us-east-1\n"; string(got) != want {
		t.Errorf("the printed block sets %q, want %q", got, want)
	}

	if status := stop(); status != 0 {
		t.Errorf("status %d, want 0", status)
	}
	if errs.String() != "" {
		t.Errorf("stderr: %s", errs)
	}
}

func TestLocal_reachableFromOutside(t *testing.T) {
	out, errs, _ := background(t, "local", "--listen", "0.0.0.0:0")
	out.find(t, `console  (http://127\.0\.0\.1:\d+/console/)\n`)
	if !strings.Contains(errs.String(), "can be reached from other machines") {
		t.Errorf("no note on stderr: %q", errs)
	}
}
