package localaws

import (
	"bufio"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// Clients put a prefix before the endpoint's host for StartLiveTail, and no
// resolver knows the name that this gives: "stream-127.0.0.1". Through a proxy
// they need not resolve it, and the server takes requests that are written for
// one.

const tailGroupARN = "arn:aws:logs:" + Region + ":" + AccountID + ":log-group:/shop/web"

func TestStartLiveTail_cli(t *testing.T) {
	for _, cli := range awsCLIs(t) {
		t.Run(filepath.Dir(cli), func(t *testing.T) {
			t.Parallel()
			if !hasLiveTail(t, cli) {
				t.Skipf("%s is too old to know start-live-tail", cli)
			}
			testLiveTailCLI(t, cli)
		})
	}
}

// hasLiveTail asks for the command without its arguments, which one that knows
// it misses.
func hasLiveTail(t *testing.T, cli string) bool {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), cli, "logs", "start-live-tail").CombinedOutput()
	return err != nil && strings.Contains(string(said), "--log-group-identifiers")
}

func testLiveTailCLI(t *testing.T, cli string) {
	srv := startTest(t, Config{})
	client := tailedGroup(t, srv)
	cmd := exec.CommandContext(t.Context(), cli, "--endpoint-url", srv.URL(), "logs", "start-live-tail", "--log-group-identifiers", tailGroupARN,
		"--log-event-filter-pattern", "ERROR")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return strings.HasSuffix(strings.ToLower(name), "_proxy")
	})
	cmd.Env = append(append(cmd.Env, srv.Env()...), "HTTP_PROXY="+srv.URL(), "PYTHONUNBUFFERED=1")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make(chan string, 1)
	go func() {
		defer close(first)
		if lines := bufio.NewScanner(out); lines.Scan() {
			first <- lines.Text()
		}
	}()
	tick, late := time.NewTicker(100*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	got := ""
	for waiting := true; waiting; {
		select {
		case got = <-first:
			waiting = false
		case <-late:
			waiting = false
		case <-tick.C: // the session may not be there yet
			putLines(t, client, "/shop/web", time.Now(), "INFO nothing", "ERROR disk full")
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if !strings.Contains(got, "ERROR disk full") {
		t.Errorf("got %q, %s", got, said.String())
	}
}

func tailedGroup(t *testing.T, srv *Server) *cloudwatchlogs.Client {
	t.Helper()
	client, group := cloudwatchlogs.NewFromConfig(sdkConfig(srv)), "/shop/web"
	_, err := client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group})
	if err == nil {
		_, err = client.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &group})
	}
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// answerDelay is less than an answer takes from any network. Of answers that come at once the SDK closed one in a hundred
// connections: it ends the request when it has the answer, perhaps before net/http has noticed that the request is written.
const answerDelay = 20 * time.Millisecond

// The Go SDK reaches the server in the same way, with the prefix.
func TestStartLiveTail_proxy(t *testing.T) {
	srv := startTest(t, Config{})
	srv.Control("StartLiveTail", func(*Call) *Fault { return &Fault{Delay: answerDelay} })
	writer := tailedGroup(t, srv)
	address, err := url.Parse(srv.URL())
	if err != nil {
		t.Fatal(err)
	}
	cfg := sdkConfig(srv)
	cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) { transport.Proxy = http.ProxyURL(address) })
	out, err := cloudwatchlogs.NewFromConfig(cfg).StartLiveTail(t.Context(), &cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{tailGroupARN}})
	if err != nil {
		t.Fatal(err)
	}
	stream := out.GetStream()
	defer func() { _ = stream.Close() }()
	for e := range stream.Events() {
		switch e := e.(type) {
		case *logstypes.StartLiveTailResponseStreamMemberSessionStart:
			putLines(t, writer, "/shop/web", time.Now(), "tailed")
		case *logstypes.StartLiveTailResponseStreamMemberSessionUpdate:
			if len(e.Value.SessionResults) > 0 {
				if *e.Value.SessionResults[0].Message != "tailed" {
					t.Errorf("%+v", e.Value)
				}
				return
			}
		}
	}
	t.Error(stream.Err())
}
