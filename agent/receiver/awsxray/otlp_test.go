package awsxray

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/collector/receiver/receivertest"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/updraft-otel/updraft/agent/internal/xraydoc"
)

// FuzzOTLP: whatever comes to OTLP's paths, the client gets an answer that OTLP has, and the pipeline what can be walked.
func FuzzOTLP(f *testing.F) {
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetName("GET /")
	span.Attributes().PutEmptySlice("list").AppendEmpty().SetEmptyMap().PutStr("k", "v")
	span.Events().AppendEmpty().SetName("exception")
	request := ptraceotlp.NewExportRequestFromTraces(td)
	binary, err := request.MarshalProto()
	if err != nil {
		f.Fatal(err)
	}
	text, err := request.MarshalJSON()
	if err != nil {
		f.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(binary); err != nil || z.Close() != nil {
		f.Fatal(err)
	}
	f.Add("/v1/traces", "application/x-protobuf", "", binary)
	f.Add("/v1/traces", "application/json; charset=utf-8", "identity", text)
	f.Add("/v1/traces", "application/x-protobuf", "gzip", packed.Bytes())
	f.Add("/v1/metrics", "application/json", "", []byte(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[{"asInt":"1"}]}}]}]}]}`))
	f.Add("/v1/logs", "application/json", "", []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}`))
	r, err := newReceiver(receivertest.NewNopSettings(Type), defaultConfig())
	if err != nil {
		f.Fatal(err)
	}
	traces := &walker{}
	r.next.traces, r.next.metrics, r.next.logs = traces, consumertest.NewNop(), consumertest.NewNop()
	handler := newOTLP(r)
	f.Fuzz(func(t *testing.T, path, kind, encoding string, body []byte) {
		req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		req.URL.Path = path
		req.Header["Content-Type"], req.Header["Content-Encoding"] = []string{kind}, []string{encoding}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		wantAnswer(t, path, w)
	})
}

// wantAnswer wants OTLP's answer of a path, or an error with its reason, by the answer's type.
func wantAnswer(t *testing.T, path string, w *httptest.ResponseRecorder) {
	t.Helper()
	body, kind := w.Body.Bytes(), w.Header().Get("Content-Type")
	if w.Code != http.StatusOK {
		switch w.Code {
		case http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		default:
			t.Errorf("%d %s", w.Code, body)
		}
		switch kind {
		case "application/json":
			if !json.Valid(body) {
				t.Errorf("%d %s", w.Code, body)
			}
		case "application/x-protobuf":
			if err := proto.Unmarshal(body, &statuspb.Status{}); err != nil || len(body) == 0 {
				t.Errorf("%d %q: %v", w.Code, body, err)
			}
		}
		return
	}
	var answer interface {
		UnmarshalProto([]byte) error
		UnmarshalJSON([]byte) error
	}
	switch path {
	case "/v1/traces":
		answer = ptraceotlp.NewExportResponse()
	case "/v1/metrics":
		answer = pmetricotlp.NewExportResponse()
	case "/v1/logs":
		answer = plogotlp.NewExportResponse()
	default:
		t.Fatalf("%q is answered", path)
	}
	read := answer.UnmarshalProto
	if kind == "application/json" {
		read = answer.UnmarshalJSON
	}
	if err := read(body); err != nil {
		t.Errorf("%s: %v in %q", path, err, body)
	}
}

// walker looks at all of a request, as a pipeline's parts do.
type walker struct{ consumertest.TracesSink }

func (*walker) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	for _, rs := range td.ResourceSpans().All() {
		_ = rs.Resource().Attributes().AsRaw()
		for _, ss := range rs.ScopeSpans().All() {
			_ = xraydoc.IsVerbatim(ss.Scope())
			for _, span := range ss.Spans().All() {
				_ = span.Attributes().AsRaw()
				for _, e := range span.Events().All() {
					_ = e.Attributes().AsRaw()
				}
			}
		}
	}
	return nil
}
