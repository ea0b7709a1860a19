package localaws

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMain fails the package when a goroutine outlives its tests.
func TestMain(m *testing.M) {
	if dir := os.Getenv(helperEnv); dir != "" {
		os.Exit(serveForever(dir))
	}
	code := m.Run()
	if code == 0 {
		code = leaked()
	}
	os.Exit(code)
}

// leaked waits a moment for goroutines of ours to end.
func leaked() int {
	http.DefaultClient.CloseIdleConnections()
	var ours []string
	deadline := time.Now().Add(5 * time.Second)
	for ours = runningGoroutines(); len(ours) > 0; ours = runningGoroutines() {
		if time.Now().After(deadline) {
			fmt.Fprintf(os.Stderr, "%d goroutines leaked:\n%s\n", len(ours), strings.Join(ours, "\n\n"))
			return 1
		}
		runtime.Gosched()
	}
	return 0
}

func runningGoroutines() []string {
	buf := make([]byte, 1<<20)
	all := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	return slices.DeleteFunc(all, func(g string) bool {
		return !strings.Contains(g, "updraft/localaws") || strings.Contains(g, "TestMain")
	})
}

// startTest is a server with the defaults, but for what cfg says.
func startTest(t testing.TB, cfg Config) *Server {
	t.Helper()
	srv, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv
}

// sdkConfig points the SDK's clients at the server, with one attempt a call.
func sdkConfig(srv *Server) aws.Config {
	return aws.Config{
		Region:           Region,
		Credentials:      credentials.NewStaticCredentialsProvider(AccessKeyID, SecretAccessKey, ""),
		BaseEndpoint:     aws.String(srv.URL()),
		RetryMaxAttempts: 1,
		HTTPClient:       SDKClient(),
	}
}

// awsCLIs are the AWS CLIs of this machine: the one on PATH, and Debian's.
func awsCLIs(t *testing.T) []string {
	t.Helper()
	onPath, err := exec.LookPath("aws")
	if err != nil {
		t.Fatal("no AWS CLI on PATH; make test installs it")
	}
	clis := []string{onPath}
	if _, err := os.Stat("/usr/bin/aws"); err == nil && onPath != "/usr/bin/aws" {
		clis = append(clis, "/usr/bin/aws")
	}
	return clis
}

// runCLI calls the AWS CLI against the server and decodes its answer.
func runCLI(t *testing.T, cli string, srv *Server, out any, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), cli, append([]string{"--endpoint-url", srv.URL(), "--output", "json", "--no-cli-pager"}, args...)...)
	if !strings.HasPrefix(cli, "/usr/bin/") { // version 1 knows no pager
		cmd.Args = slices.DeleteFunc(cmd.Args, func(a string) bool { return a == "--no-cli-pager" })
	}
	cmd.Env = append(os.Environ(), srv.Env()...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	body, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", cli, strings.Join(args, " "), err, stderr.String())
	}
	if out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
	}
}

// golden compares with testdata/NAME, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", path, got)
	}
}

// getJSON reads one answer of the console, and its status.
func getJSON(t *testing.T, url string, out any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, out); err != nil {
		t.Fatalf("%s: %v in %s", url, err, body)
	}
	return resp.StatusCode
}
