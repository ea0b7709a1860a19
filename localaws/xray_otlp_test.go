package localaws

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// otlpSpans is a request of n spans that start at a time.
func otlpSpans(n int, at time.Time) *tracepb.TracesData {
	var spans []*tracepb.Span
	for i := range n {
		spans = append(spans, &tracepb.Span{
			TraceId: bytes.Repeat([]byte{1}, 16), SpanId: []byte{1, 0, 0, 0, 0, 0, byte(i >> 8), byte(i)},
			Name: "GET /", Kind: tracepb.Span_SPAN_KIND_SERVER,
			StartTimeUnixNano: uint64(at.UnixNano()), EndTimeUnixNano: uint64(at.Add(time.Second).UnixNano()),
		})
	}
	name := &commonpb.KeyValue{Key: "service.name", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: "cart"}}}
	return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:   &resourcepb.Resource{Attributes: []*commonpb.KeyValue{name}},
		ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}},
	}}}
}

func encodeSpans(t *testing.T, request *tracepb.TracesData) []byte {
	t.Helper()
	body, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// postOTLP sends a signed request, and returns its status and its answer.
func postOTLP(t *testing.T, srv *Server, contentType string, body []byte) (int, string) {
	t.Helper()
	return postEncodedOTLP(t, srv, contentType, "", body)
}

// postEncodedOTLP sends one with a Content-Encoding.
func postEncodedOTLP(t *testing.T, srv *Server, contentType, encoding string, body []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	config := sdkConfig(srv)
	keys, err := config.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, req, hex.EncodeToString(sum[:]), "xray", Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := config.HTTPClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

func TestOTLP(t *testing.T) {
	srv := startTest(t, Config{})
	if status, answer := postOTLP(t, srv, "application/x-protobuf", encodeSpans(t, otlpSpans(3, time.Now()))); status != 200 || answer != "" {
		t.Fatalf("%d %q", status, answer)
	}
	if status, answer := postOTLP(t, srv, "application/json", jobJSON(time.Now())); status != 200 || answer != "{}" {
		t.Fatalf("%d %q", status, answer)
	}
	if c := srv.Counts(); c.Segments != 4 || c.Traces != 2 || c.Refused != 0 {
		t.Errorf("%+v", c)
	}
}

// jobJSON is a request of one span in OTLP's JSON.
func jobJSON(at time.Time) []byte {
	return fmt.Appendf(nil, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090A0b0c0d0e0f10","spanId":"0102030405060708",`+
		`"name":"job","kind":5,"startTimeUnixNano":"%[1]d","endTimeUnixNano":%[1]d,"notYetKnown":{"a":[1]}}]}]}]}`, at.UnixNano())
}

// TestOTLP_gzip sends compressed bodies, as OpenTelemetry's exporters may.
func TestOTLP_gzip(t *testing.T) {
	srv := startTest(t, Config{})
	protobuf := encodeSpans(t, otlpSpans(2, time.Now()))
	f := func(contentType, encoding string, body []byte, want int) {
		t.Helper()
		if status, answer := postEncodedOTLP(t, srv, contentType, encoding, body); status != want {
			t.Errorf("%s, %s: %d %q", contentType, encoding, status, answer)
		}
	}
	f("application/x-protobuf", "gzip", gzipped(t, protobuf), 200)
	f("application/json", "gzip", gzipped(t, jobJSON(time.Now())), 200)
	if c := srv.Counts(); c.Segments != 3 || c.Traces != 2 || c.Refused != 0 {
		t.Errorf("%+v", c)
	}
	f("application/x-protobuf", "gzip", protobuf, 400)
	f("application/x-protobuf", "gzip", gzipped(t, protobuf)[:20], 400)
	f("application/x-protobuf", "zstd", protobuf, 400)
	f("application/x-protobuf", "", gzipped(t, protobuf), 400)
	f("application/json", "", protobuf, 400)
	f("application/json", "", []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"not hex"}]}]}]}`), 400)
	if c := srv.Counts(); c.Segments != 3 {
		t.Errorf("%+v", c)
	}
}

func gzipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestOTLP_bytes measures 5 MB before compression: what is just as long passes,
// one byte more does not, however small it is on the wire.
func TestOTLP_bytes(t *testing.T) {
	exactly := encodeSpans(t, otlpSpansOf(t, maxOTLPBytes))
	f := func(encoding string, body []byte, status int) {
		t.Helper()
		srv := startTest(t, Config{})
		got, answer := postEncodedOTLP(t, srv, "application/x-protobuf", encoding, body)
		list := srv.Refused()
		if got != status || (status == 200) != (len(list) == 0) || len(list) > 0 && list[0].Rule.ID != ruleOTLPBytes.ID {
			t.Errorf("%d bytes %s: %d %q, refused %+v", len(body), encoding, got, answer, list)
		}
	}
	more := encodeSpans(t, otlpSpansOf(t, maxOTLPBytes+1))
	f("gzip", gzipped(t, exactly), 200)
	f("", more, 400)
	f("gzip", gzipped(t, more), 400)
	long := append(jobJSON(time.Now()), bytes.Repeat([]byte{' '}, maxOTLPBytes)...)
	srv := startTest(t, Config{})
	if status, answer := postOTLP(t, srv, "application/json", long); status != 400 || !strings.Contains(answer, "5242880") {
		t.Errorf("JSON: %d %q", status, answer)
	}
}

// otlpSpansOf is a request whose protobuf is n bytes long.
func otlpSpansOf(t *testing.T, n int) *tracepb.TracesData {
	t.Helper()
	request := otlpSpans(32, time.Now())
	spans := request.ResourceSpans[0].ScopeSpans[0].Spans
	for _, span := range spans {
		span.Name = strings.Repeat("n", n/len(spans)-100)
	}
	spans[0].Name += strings.Repeat("n", n-proto.Size(request))
	if got := proto.Size(request); got != n {
		t.Fatalf("%d bytes, want %d", got, n)
	}
	return request
}

func TestOTLP_refused(t *testing.T) {
	f := func(cfg Config, rule *Rule, status int, request *tracepb.TracesData) {
		t.Helper()
		srv := startTest(t, cfg)
		got, _ := postOTLP(t, srv, "application/x-protobuf", encodeSpans(t, request))
		list := srv.Refused()
		if got != status || len(list) != 1 || list[0].Rule.ID != rule.ID {
			t.Errorf("%s: status %d, refused %+v", rule.ID, got, list)
		}
	}
	now := time.Now()
	f(Config{NoTransactionSearch: true}, &ruleTransactionSearch, 400, otlpSpans(1, now))
	f(Config{}, &ruleOTLPSpans, 400, otlpSpans(10_001, now))
	f(Config{}, &ruleOTLPPast, 400, otlpSpans(1, now.Add(-15*24*time.Hour)))
	f(Config{}, &ruleOTLPFuture, 400, otlpSpans(1, now.Add(3*time.Hour)))
	gap := otlpSpans(2, now)
	gap.ResourceSpans[0].ScopeSpans[0].Spans[0].StartTimeUnixNano -= uint64(25 * time.Hour)
	f(Config{}, &ruleOTLPGap, 400, gap)
	wide := otlpSpans(1, now)
	wide.ResourceSpans[0].ScopeSpans[0].Scope = &commonpb.InstrumentationScope{Name: string(bytes.Repeat([]byte{'n'}, 17<<10))}
	f(Config{}, &ruleOTLPResource, 400, wide)
	long := otlpSpans(1, now)
	long.ResourceSpans[0].ScopeSpans[0].Spans[0].Name = string(bytes.Repeat([]byte{'n'}, 201<<10))
	f(Config{}, &ruleOTLPSpanBytes, 200, long)
	noID := otlpSpans(1, now)
	noID.ResourceSpans[0].ScopeSpans[0].Spans[0].TraceId = make([]byte, 16)
	f(Config{}, &ruleOTLPTraceID, 200, noID)
}
