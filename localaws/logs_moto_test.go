package localaws_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// motoPatience is how long moto's server may take to start.
const motoPatience = time.Minute

// TestLogBatches_moto sends the batches of TestLogBatches to another double of
// AWS, the server of Python's moto, which checks the order and the age of
// events: none is refused, and all are there. Without moto it is skipped.
func TestLogBatches_moto(t *testing.T) {
	moto := startMoto(t)
	peer := &motoPeer{proxy: httputil.NewSingleHostReverseProxy(moto)}
	peer.proxy.ModifyResponse = peer.note
	server := httptest.NewServer(peer.proxy)
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	client := cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(moto.String()), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	for _, c := range logBatchCases() {
		t.Run(c.name, func(t *testing.T) {
			c.run(t, func() { peer.take() })
			calls, refusals := peer.take()
			if calls != c.calls || len(refusals) > 0 {
				t.Errorf("%d calls, want %d; refused: %q", calls, c.calls, refusals)
			}
			if n := motoEvents(t, client, c.name); n != c.events+1 {
				t.Errorf("%d events, want %d", n-1, c.events)
			}
		})
	}
}

// startMoto runs moto's server until the test ends, and returns its address.
func startMoto(t *testing.T) *url.URL {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not here: pip install 'moto[server]' brings it")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(free.Addr().String())
	_ = free.Close()
	cmd := exec.CommandContext(t.Context(), path, "-H", host, "-p", port) // it ends with the test's context
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &output, &output, time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // killed, which is an error
	address := &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
	for deadline := time.Now().Add(motoPatience); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if resp, err := http.Get(address.String() + "/moto-api/"); err == nil {
			_ = resp.Body.Close()
			return address
		}
	}
	t.Skipf("moto_server does not answer after %v", motoPatience)
	return nil
}

// A motoPeer stands before moto and notes the calls of PutLogEvents.
type motoPeer struct {
	proxy *httputil.ReverseProxy

	mu       sync.Mutex
	calls    int64
	refusals []string
}

// note counts a call, and keeps an answer that refuses it or some of its events.
func (p *motoPeer) note(resp *http.Response) error {
	if !strings.HasSuffix(resp.Request.Header.Get("X-Amz-Target"), ".PutLogEvents") {
		return nil
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if resp.StatusCode != http.StatusOK || bytes.Contains(answer, []byte("LogEventEndIndex")) || bytes.Contains(answer, []byte("LogEventStartIndex")) {
		p.refusals = append(p.refusals, string(answer))
	}
	return nil
}

// take returns what was noted, and begins anew.
func (p *motoPeer) take() (calls int64, refusals []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls, refusals = p.calls, p.refusals
	p.calls, p.refusals = 0, nil
	return calls, refusals
}

// motoEvents counts the events of a stream.
func motoEvents(t *testing.T, client *cloudwatchlogs.Client, stream string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), motoPatience)
	defer cancel()
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(client, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String("/updraft/under-test"), LogStreamNames: []string{stream},
	})
	n := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Events)
	}
	return n
}
