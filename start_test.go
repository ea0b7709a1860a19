package updraft_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
)

// An endpoint answers the calls that the library makes, and keeps what they said.
type endpoint struct {
	*httptest.Server
	mu       sync.Mutex
	calls    map[string]int
	segments []map[string]any
	events   []string
	groups   map[string]bool // and streams, as group/stream
	metrics  [][]byte
	entity   string           // of the last PutLogEvents
	fail     http.HandlerFunc // takes over, when set
	other    func(w http.ResponseWriter, name string, body []byte)
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	e := &endpoint{calls: map[string]int{}, groups: map[string]bool{}}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	for variable, value := range map[string]string{
		"AWS_ENDPOINT_URL": e.URL, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"OTEL_BSP_SCHEDULE_DELAY": "10", "OTEL_BLRP_SCHEDULE_DELAY": "10",
	} {
		t.Setenv(variable, value)
	}
	return e
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, name, _ = strings.Cut(target, ".")
	}
	e.calls[name]++
	if e.fail != nil {
		e.fail(w, r)
		return
	}
	if !strings.Contains(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=local/") {
		http.Error(w, "not signed", http.StatusForbidden)
		return
	}
	switch name {
	case "TraceSegments":
		e.putTraceSegments(w, body)
	case "PutLogEvents":
		e.putLogEvents(w, body)
	case "CreateLogGroup":
		var in struct{ LogGroupName string }
		_ = json.Unmarshal(body, &in)
		e.groups[in.LogGroupName] = true
	case "CreateLogStream":
		var in struct{ LogGroupName, LogStreamName string }
		_ = json.Unmarshal(body, &in)
		if !e.groups[in.LogGroupName] {
			notFound(w)
			return
		}
		e.groups[in.LogGroupName+"/"+in.LogStreamName] = true
	case "PutMetricData":
		e.metrics = append(e.metrics, body)
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		_, _ = w.Write([]byte{0xa0})
	default:
		if e.other != nil {
			e.other(w, name, body)
		}
	}
}

func (e *endpoint) putTraceSegments(w io.Writer, body []byte) {
	var in struct{ TraceSegmentDocuments []string }
	_ = json.Unmarshal(body, &in)
	unprocessed := []map[string]string{}
	for _, document := range in.TraceSegmentDocuments {
		var segment map[string]any
		_ = json.Unmarshal([]byte(document), &segment)
		if id, _ := segment["id"].(string); segment["name"] == "unwelcome" {
			unprocessed = append(unprocessed, map[string]string{"Id": id, "ErrorCode": "InvalidName", "Message": "Invalid segment."})
			continue
		}
		e.segments = append(e.segments, segment)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"UnprocessedTraceSegments": unprocessed})
}

func (e *endpoint) putLogEvents(w http.ResponseWriter, body []byte) {
	var in struct {
		LogGroupName, LogStreamName string
		LogEvents                   []struct{ Message string }
		Entity                      json.RawMessage
	}
	_ = json.Unmarshal(body, &in)
	e.entity = string(in.Entity)
	if !e.groups[in.LogGroupName+"/"+in.LogStreamName] {
		notFound(w)
		return
	}
	for _, event := range in.LogEvents {
		e.events = append(e.events, event.Message)
	}
	_, _ = io.WriteString(w, `{}`)
}

func notFound(w http.ResponseWriter) {
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, `{"__type":"ResourceNotFoundException","message":"The specified log stream does not exist."}`)
}

// stderr runs f and returns what it wrote to standard error.
func stderr(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = w
	f()
	os.Stderr = old
	_ = w.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestStart_deliversTheThreeSignals(t *testing.T) {
	e := newEndpoint(t)
	tel, err := updraft.Config{ServiceName: "shop", Environment: "test", Strict: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := otel.Tracer("test").Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
	tel.Logger().InfoContext(ctx, "hello", "answer", 42)
	counter, err := otel.Meter("test").Int64Counter("requests")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(ctx, 1)
	span.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}

	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.segments) != 1 || e.segments[0]["name"] != "shop" {
		t.Errorf("segments %v, want one named after the service", e.segments)
	}
	if len(e.events) != 1 || !strings.Contains(e.events[0], `"body":"hello"`) {
		t.Fatalf("events %q, want the one that was logged", e.events)
	}
	id, _ := e.segments[0]["trace_id"].(string)
	for _, want := range []string{id, span.SpanContext().TraceID().String(), span.SpanContext().SpanID().String(), `"answer":42`} {
		if !strings.Contains(e.events[0], want) {
			t.Errorf("event %s lacks %s", e.events[0], want)
		}
	}
	if len(e.metrics) != 1 || !bytes.Contains(e.metrics[0], []byte("requests")) {
		t.Errorf("metrics %q, want one call with the counter", e.metrics)
	}
	for _, signal := range tel.Report().Signals {
		if signal.Delivered != 1 || signal.DroppedTotal() != 0 || signal.Endpoint != e.URL {
			t.Errorf("report of %s: %+v", signal.Signal, signal)
		}
	}
}

func TestStart_countsWhatXRayDoesNotTake(t *testing.T) {
	e := newEndpoint(t)
	text := stderr(t, func() {
		tel, err := updraft.Config{Metrics: "none", Logs: "none", Strict: true}.Start(t.Context())
		if err != nil {
			t.Error(err)
			return
		}
		ctx, parent := tel.TracerProvider().Tracer("test").Start(t.Context(), "parent")
		for _, name := range []string{"welcome", "unwelcome", "welcome too"} {
			_, span := tel.TracerProvider().Tracer("test").Start(ctx, name)
			span.End()
		}
		parent.End()
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		s := tel.Report().Signals[0]
		if s.Delivered != 3 || s.Dropped["refused"] != 1 || !strings.Contains(s.LastError, "InvalidName") {
			t.Errorf("report: %+v, want one of four refused, with X-Ray's reason", s)
		}
	})
	if len(e.segments) != 3 || e.calls["TraceSegments"] != 1 {
		t.Errorf("%d segments by %d calls, want 3 by one: what is refused is not sent again", len(e.segments), e.calls["TraceSegments"])
	}
	if strings.Count(text, "\n") != 1 || !strings.Contains(text, "InvalidName") {
		t.Errorf("stderr %q, want one line that says why", text)
	}
}

func TestStart_argumentOverEnvironmentOverDefault(t *testing.T) {
	newEndpoint(t)
	f := func(cfg updraft.Config, setting, wantValue, wantSource string) {
		t.Helper()
		cfg.Strict = true
		tel, err := cfg.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tel.Shutdown(t.Context()) }()
		for _, c := range tel.Report().Choices {
			if c.Setting == setting {
				if c.Value != wantValue || c.Source != wantSource {
					t.Errorf("%s is %q from %q, want %q from %q", setting, c.Value, c.Source, wantValue, wantSource)
				}
				return
			}
		}
		t.Errorf("no %s in the report", setting)
	}
	f(updraft.Config{}, "service.name", "updraft.test", "default")
	f(updraft.Config{}, "traces", "awsxray", "default")
	f(updraft.Config{}, "log group", "/updraft/updraft.test", "default")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=attribute,service.namespace=acme")
	f(updraft.Config{}, "service.name", "attribute", "OTEL_RESOURCE_ATTRIBUTES")
	f(updraft.Config{}, "metric namespace", "acme/attribute", "default")
	t.Setenv("OTEL_SERVICE_NAME", "variable")
	t.Setenv("OTEL_TRACES_EXPORTER", "none")
	t.Setenv("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x-aws-log-group=%2Fapp%2Flogs,x-aws-log-stream=one,x-aws-metric-namespace=App")
	f(updraft.Config{}, "service.name", "variable", "OTEL_SERVICE_NAME")
	f(updraft.Config{}, "traces", "none", "OTEL_TRACES_EXPORTER")
	f(updraft.Config{}, "log group", "/app/logs", "OTEL_EXPORTER_OTLP_LOGS_HEADERS")
	f(updraft.Config{}, "metric namespace", "App", "OTEL_EXPORTER_OTLP_LOGS_HEADERS")
	f(updraft.Config{ServiceName: "argument"}, "service.name", "argument", "argument")
	f(updraft.Config{Traces: "awsxray"}, "traces", "awsxray", "argument")
	f(updraft.Config{LogGroup: "/mine"}, "log group", "/mine", "argument")
}

func TestStart_neverBreaksTheApplication(t *testing.T) {
	f := func(name string, environment map[string]string, wantLine string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			newEndpoint(t)
			for variable, value := range environment {
				t.Setenv(variable, value)
			}
			line := stderr(t, func() {
				tel, err := updraft.Start(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "work")
				span.End()
				if err := tel.Shutdown(t.Context()); err != nil {
					t.Errorf("shutdown: %v", err)
				}
			})
			if strings.Count(line, "\n") != 1 || !strings.Contains(line, wantLine) {
				t.Errorf("stderr %q, want one line with %q", line, wantLine)
			}
			if _, err := (updraft.Config{Strict: true}).Start(t.Context()); err == nil || !strings.Contains(err.Error(), wantLine) {
				t.Errorf("with Strict: %v, want an error with %q", err, wantLine)
			}
		})
	}
	f("unknown exporter", map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, `exporter "zipkin"`)
	f("no region", map[string]string{"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "set AWS_REGION")
	f("unknown propagator", map[string]string{"OTEL_PROPAGATORS": "xray,b4"}, `"b4"`)
	f("unknown sampler", map[string]string{"OTEL_TRACES_SAMPLER": "dice"}, `"dice"`)
	f("ratio that is none", map[string]string{"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"}, `"2" is no ratio`)
	f("delay that is no number", map[string]string{"OTEL_BSP_SCHEDULE_DELAY": "soon"}, "OTEL_BSP_SCHEDULE_DELAY")
	f("profile that is not there", map[string]string{"AWS_PROFILE": "nobody"}, "nobody")
}

func TestStart_standardSamplers(t *testing.T) {
	f := func(name, arg, header string, wantSampled bool) {
		t.Helper()
		t.Run(name+arg+header, func(t *testing.T) {
			t.Setenv("OTEL_TRACES_SAMPLER", name)
			t.Setenv("OTEL_TRACES_SAMPLER_ARG", arg)
			tel, err := updraft.Config{
				Traces: "console", Metrics: "none", Logs: "none", Console: io.Discard, Strict: true, NoGlobals: true,
			}.Start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ctx := tel.Propagator().Extract(t.Context(), propagation.MapCarrier{"X-Amzn-Trace-Id": header})
			_, span := tel.TracerProvider().Tracer("test").Start(ctx, "work")
			if got := span.SpanContext().IsSampled(); got != wantSampled {
				t.Errorf("sampled %v, want %v", got, wantSampled)
			}
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	const root, parent = "Root=1-674f0a1b-a2c3d4e5f60718293a4b5c6d", ";Parent=1122334455667788"
	f("", "", "", true)
	f("always_on", "", root+parent+";Sampled=0", true)
	f("always_off", "", root+parent+";Sampled=1", false)
	f("traceidratio", "0", "", false)
	f("traceidratio", "1", "", true)
	f("parentbased_always_off", "", "", false)
	f("parentbased_always_off", "", root+parent+";Sampled=1", true)
	f("parentbased_traceidratio", "0", root+parent+";Sampled=1", true)
	f("parentbased_always_on", "", root+parent+";Sampled=0", false)
	// What only X-Ray's header says: a question, and a decision without a parent.
	f("parentbased_always_on", "", root+parent+";Sampled=?", true)
	f("parentbased_always_off", "", root+parent+";Sampled=?", false)
	f("parentbased_always_on", "", root+";Sampled=0", false)
	f("parentbased_always_off", "", root+";Sampled=1", true)
}

func TestStart_disabled(t *testing.T) {
	e := newEndpoint(t)
	t.Setenv("OTEL_SDK_DISABLED", "true")
	before := otel.GetTracerProvider()
	line := stderr(t, func() {
		tel, err := updraft.Config{Strict: true}.Start(t.Context())
		if err != nil {
			t.Error(err)
			return
		}
		if otel.GetTracerProvider() != before {
			t.Error("the globals were changed")
		}
		tel.Logger().Info("still logged")
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(line, "still logged") {
		t.Errorf("stderr %q, want the log line", line)
	}
	if len(e.calls) != 0 {
		t.Errorf("calls %v, want none", e.calls)
	}
}
