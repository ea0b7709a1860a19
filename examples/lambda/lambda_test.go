package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/updraft-otel/updraft/localaws"
)

// TestMain lets the test binary be the function.
func TestMain(m *testing.M) {
	if os.Getenv("LAMBDA_TEST_FUNCTION") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// lambdaRoot is the trace that Lambda began.
const lambdaRoot = "1-67891233-abcdef012345678912345678"

// An invocation is what the function is called with, and what it answers.
type invocation struct {
	event  string
	answer chan string
}

// runtimeAPI is Lambda as a function sees it.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func runtimeAPI(t *testing.T, invocations <-chan invocation, onAnswer func()) *httptest.Server {
	t.Helper()
	var current invocation
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case current = <-invocations:
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "request-1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(30*time.Second).UnixMilli()))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:hello")
		w.Header().Set("Lambda-Runtime-Trace-Id", "Root="+lambdaRoot+";Parent=53995c3f42cd8ad8;Sampled=1")
		_, _ = io.WriteString(w, current.event)
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/request-1/{kind}", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		onAnswer() // from now on the process may be frozen
		w.WriteHeader(http.StatusAccepted)
		current.answer <- r.PathValue("kind") + " " + string(text)
	})
	mux.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Lambda-Extension-Identifier", "extension-1")
	})
	mux.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	api := httptest.NewServer(mux)
	t.Cleanup(func() {
		api.CloseClientConnections()
		api.Close()
	})
	return api
}

// TestFunction invokes the function as Lambda does: when it answers, its trace
// has arrived.
func TestFunction(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan string, 10)
	srv.Control("PutTraceSegments", func(c *localaws.Call) *localaws.Fault {
		arrived <- string(c.Body)
		return nil
	})
	var documents string
	invocations := make(chan invocation)
	api := runtimeAPI(t, invocations, func() {
		select {
		case documents = <-arrived:
		default:
			documents = ""
		}
	})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), srv.Env()...), "LAMBDA_TEST_FUNCTION=1", "AWS_LAMBDA_FUNCTION_NAME=hello",
		"AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"), "OTEL_TRACES_EXPORTER=awsxray", "OTEL_METRICS_EXPORTER=none", "OTEL_LOGS_EXPORTER=none")
	cmd.Stderr, cmd.Stdout = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})

	for round, cold := range []bool{true, false} {
		in := invocation{answer: make(chan string)}
		event, err := json.Marshal(events.APIGatewayProxyRequest{
			HTTPMethod: "GET", Resource: "/hello", Path: "/hello", QueryStringParameters: map[string]string{"name": "a test"},
			Headers: map[string]string{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
		})
		if err != nil {
			t.Fatal(err)
		}
		in.event = string(event)
		select {
		case invocations <- in:
		case <-time.After(30 * time.Second):
			t.Fatal("the function asks for no work")
		}
		if got := <-in.answer; !strings.HasPrefix(got, "response ") || !strings.Contains(got, "Hello from a test!") {
			t.Errorf("the function answered %s", got)
		}
		for _, want := range []string{lambdaRoot, `\"parent_id\":\"53995c3f42cd8ad8\"`, `\"name\":\"hello\"`, fmt.Sprintf(`\"faas.coldstart\":%v`, cold)} {
			if !strings.Contains(documents, want) {
				t.Errorf("invocation %d: there is no %s in %s", round, want, documents)
			}
		}
	}
}
