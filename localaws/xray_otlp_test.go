package localaws

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
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
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
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
	const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708",` +
		`"name":"job","kind":5,"startTimeUnixNano":"`
	now := time.Now().UnixNano()
	body := append([]byte(text), []byte(fmt.Sprint(now)+`","endTimeUnixNano":"`+fmt.Sprint(now)+`"}]}]}]}`)...)
	if status, answer := postOTLP(t, srv, "application/json", body); status != 200 || answer != "{}" {
		t.Fatalf("%d %q", status, answer)
	}
	if c := srv.Counts(); c.Segments != 4 || c.Traces != 2 || c.Refused != 0 {
		t.Errorf("%+v", c)
	}
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

func TestDaemon(t *testing.T) {
	srv := startTest(t, Config{ListenUDP: "127.0.0.1:0"})
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "udp", srv.UDPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	const header = `{"format": "json", "version": 1}` + "\n"
	otlp := base64.StdEncoding.EncodeToString(encodeSpans(t, otlpSpans(2, time.Now())))
	for _, packet := range []string{
		header + `{"name":"a","id":"0102030405060708","trace_id":"1-67891233-abcdef012345678912345678","start_time":1,"end_time":2}`,
		header + "T1S" + otlp,
		header + `{"name":"a?","id":"0102030405060709","trace_id":"1-67891233-abcdef012345678912345678","start_time":1,"end_time":2}`,
		header + "T1Unot base64",
		"no header",
	} {
		if _, err := conn.Write([]byte(packet)); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.After(5 * time.Second)
	for srv.Counts().Segments+int(srv.Counts().Refused) < 6 {
		select {
		case <-deadline:
			t.Fatalf("%+v", srv.Counts())
		case <-time.After(5 * time.Millisecond):
		}
	}
	if c := srv.Counts(); c.Segments != 3 || c.Refused != 3 {
		t.Errorf("%+v", c)
	}
}
