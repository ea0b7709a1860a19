package updraft_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/updraft-otel/updraft"
)

// fargate answers as the task metadata endpoint does, or not at all.
func fargate(t *testing.T, up bool) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !up:
			w.WriteHeader(http.StatusInternalServerError)
		case r.URL.Path == "/task":
			_, _ = w.Write([]byte(`{"Cluster":"prod","TaskARN":"arn:aws:ecs:eu-west-1:111122223333:task/prod/158d1c80","Family":"shop","LaunchType":"FARGATE"}`))
		default:
			_, _ = w.Write([]byte(`{"DockerId":"ea32","Name":"web","LogDriver":"awslogs","LogOptions":{"awslogs-group":"/ecs/shop"}}`))
		}
	}))
	t.Cleanup(srv.Close)
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", srv.URL)
}

// TestStart_detectsThePlatform has X-Ray told of the Fargate task, and log lines say no more of it than which it is.
func TestStart_detectsThePlatform(t *testing.T) {
	e := newEndpoint(t)
	fargate(t, true)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "aws.ecs.task.family=by-env,cloud.account.id=444455556666")
	tel, err := updraft.Config{ServiceName: "shop", LogStream: "{task_id}", NoGlobals: true, Strict: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.TracerProvider().Tracer("t").Start(t.Context(), "work")
	span.End()
	tel.Logger().Info("hello")
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := e.segments[0]["origin"]; got != "AWS::ECS::Fargate" {
		t.Errorf("origin %v", got)
	}
	document, _ := json.Marshal(e.segments[0]["aws"])
	for _, part := range []string{`"task_family":"by-env"`, `"container":"web"`, `"cluster_arn":"arn:aws:ecs:eu-west-1:111122223333:cluster/prod"`, `"log_group":"/ecs/shop"`} {
		if !strings.Contains(string(document), part) {
			t.Errorf("no %s in %s", part, document)
		}
	}
	var line struct{ Resource map[string]any }
	if err := json.Unmarshal([]byte(e.events[0]), &line); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"aws.ecs.task.id": "158d1c80", "aws.ecs.task.family": "by-env", "cloud.account.id": "444455556666", "cloud.region": nil, "container.id": nil,
	} {
		if line.Resource[name] != want {
			t.Errorf("the line has %s %v, want %v", name, line.Resource[name], want)
		}
	}
	if !e.groups["/updraft/shop/158d1c80"] {
		t.Errorf("streams %v", e.groups)
	}
	if report := tel.Report().String(); !strings.Contains(report, "aws_ecs") {
		t.Errorf("report without the platform:\n%s", report)
	}
}

// TestStart_withoutMetadata starts all the same, and tells what is missing in the report.
func TestStart_withoutMetadata(t *testing.T) {
	e := newEndpoint(t)
	fargate(t, false)
	f := func(detectors []resource.Detector, origin any, told bool) {
		t.Helper()
		e.segments = nil
		tel, err := updraft.Config{ServiceName: "shop", Logs: "none", Metrics: "none", Detectors: detectors, NoGlobals: true, Strict: true}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, span := tel.TracerProvider().Tracer("t").Start(t.Context(), "work")
		span.End()
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := e.segments[0]["origin"]; got != origin {
			t.Errorf("origin %v, want %v", got, origin)
		}
		if report := tel.Report().String(); strings.Contains(report, "500 Internal Server Error") != told {
			t.Errorf("report:\n%s", report)
		}
	}
	f(nil, "AWS::ECS::Container", true)
	f([]resource.Detector{}, nil, false)
}

// TestStart_inLambda has the function's name for the service's.
func TestStart_inLambda(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	f := func(want string) {
		t.Helper()
		tel, err := updraft.Config{Traces: "none", Logs: "none", Metrics: "none", NoGlobals: true}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if report := tel.Report().String(); !strings.Contains(report, want) {
			t.Errorf("no %s in the report:\n%s", want, report)
		}
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	f("orders")
	t.Setenv("OTEL_SERVICE_NAME", "shop")
	f("shop")
}
