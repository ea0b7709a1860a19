package localaws_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/updraft-otel/updraft/awssdk"
	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/xray"
)

// A service plays an AWS service over HTTP: it keeps what clients sent, and
// gives the answers it was told, one a request, the last again and again.
type service struct {
	*httptest.Server
	mu       sync.Mutex
	requests []received
	answers  []answer
}

// received is one request as it came over the wire.
type received struct {
	method, path, query string
	header              http.Header
	body                []byte
}

type answer struct {
	status int
	header http.Header
	body   string
}

func newService(t testing.TB, answers ...answer) *service {
	t.Helper()
	s := &service{answers: answers}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, received{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Clone(), body})
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// last is the last request.
func (s *service) last(t testing.TB) received {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == 0 {
		t.Fatal("no request came")
	}
	return s.requests[len(s.requests)-1]
}

// into decodes the body of the last request.
func (s *service) into(t testing.TB, v any) {
	t.Helper()
	body := s.last(t).body
	if err := json.Unmarshal(body, v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
}

func requestID(id string) http.Header { return http.Header{"X-Amzn-Requestid": {id}} }

// traced is an SDK configuration whose calls are traced into the recorder.
func traced(t testing.TB, s *service, c awssdk.Config) (aws.Config, *tracetest.SpanRecorder) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	c.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder), sdktrace.WithIDGenerator(xray.NewIDGenerator()))
	if c.Propagator == nil {
		c.Propagator = propagation.NewCompositeTextMapPropagator(propagation.Baggage{}, xray.Propagator{}, propagation.TraceContext{})
	}
	cfg := aws.Config{
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		BaseEndpoint: aws.String(s.URL),
		HTTPClient:   localaws.SDKClient(),
		Retryer:      quickRetryer,
	}
	awssdk.Instrument(&cfg, c)
	return cfg, recorder
}

// only is the one span that was recorded.
func only(t testing.TB, recorder *tracetest.SpanRecorder) sdktrace.ReadOnlySpan {
	t.Helper()
	spans := recorder.Ended()
	if len(spans) != 1 || len(recorder.Started()) != 1 {
		t.Fatalf("%d spans begun and %d ended, want one", len(recorder.Started()), len(spans))
	}
	return spans[0]
}

// checkAttributes wants the attributes as "key=value" lines, in order of
// their keys; a value of * is any.
func checkAttributes(t testing.TB, got []attribute.KeyValue, want ...string) {
	t.Helper()
	var lines []string
	for _, kv := range got {
		lines = append(lines, string(kv.Key)+"="+kv.Value.String())
	}
	slices.Sort(lines)
	slices.Sort(want)
	match := slices.EqualFunc(lines, want, func(line, pattern string) bool {
		key, anything := strings.CutSuffix(pattern, "*")
		return line == pattern || anything && strings.HasPrefix(line, key)
	})
	if !match {
		t.Errorf("attributes\n\t%s\nwant\n\t%s", strings.Join(lines, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// carried is the X-Ray header of the span, as its children would see it.
func carried(span sdktrace.ReadOnlySpan) string {
	sc := span.SpanContext()
	return "Root=" + string(xray.AppendTraceID(nil, sc.TraceID())) + ";Parent=" + sc.SpanID().String() + ";Sampled=1"
}

func traceparent(span sdktrace.ReadOnlySpan) string {
	sc := span.SpanContext()
	return "00-" + sc.TraceID().String() + "-" + sc.SpanID().String() + "-01"
}

func attributeMap(attributes []attribute.KeyValue) map[string]any {
	m := make(map[string]any)
	for _, kv := range attributes {
		m[string(kv.Key)] = kv.Value.AsInterface()
	}
	return m
}
