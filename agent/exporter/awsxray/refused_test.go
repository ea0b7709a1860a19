package awsxray_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/exporter/awsxray"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// A rig is an exporter alone, with what it says about itself.
type rig struct {
	exporter.Traces
	*agenttest.Rig
}

// newRig starts an exporter with these keys.
func newRig(t *testing.T, keys map[string]any) *rig {
	t.Helper()
	keys["region"] = "us-east-1"
	factory := awsxray.NewFactory()
	e, r := agenttest.StartExporter(t, factory, factory.CreateTraces, keys)
	return &rig{e, r}
}

// noQueue has ConsumeTraces answer what came of it.
func noQueue() map[string]any {
	return map[string]any{"sending_queue": map[string]any{"enabled": false}}
}

// TestExporter_poison has X-Ray refuse a span in every tenth: those are counted and told of once, the others arrive once.
func TestExporter_poison(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{StrictTraceTime: true})
	r := newRig(t, noQueue())
	traces := agenttest.Traces(1000)
	spans := traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	for i := range 100 {
		id := spans.At(10 * i).TraceID()
		id[0] = 0 // 1974
		spans.At(10 * i).SetTraceID(id)
	}
	if err := r.ConsumeTraces(t.Context(), traces); err != nil {
		t.Errorf("error %v though most spans were taken", err)
	}
	if n := aws.Counts().Segments; n != 900 {
		t.Errorf("%d segments at AWS, want 900", n)
	}
	if counts := r.Counted(t, "refused_spans"); counts["InvalidTraceId"] != 100 || len(counts) != 1 {
		t.Errorf("refused: %v, want 100 for InvalidTraceId", counts)
	}
	if counts := r.Counted(t, "sent_documents"); counts[""] != 900 {
		t.Errorf("sent: %v, want 900", counts)
	}
	if n := r.Lines.FilterMessageSnippet("Loss begins").Len(); n != 1 {
		t.Errorf("%d lines about the beginning of the loss, want 1", n)
	}
	// All refused is an error for good, which exporterhelper counts too.
	one := agenttest.Traces(1)
	one.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).SetTraceID(pcommon.TraceID{15: 1})
	if err := r.ConsumeTraces(t.Context(), one); err == nil || !strings.Contains(err.Error(), "InvalidTraceId") {
		t.Errorf("error %v, want one that names InvalidTraceId", err)
	}
}

// TestExporter_unprocessed has X-Ray leave documents for a passing reason: exactly those are sent again.
func TestExporter_unprocessed(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var in struct{ TraceSegmentDocuments []string }
		if err := json.NewDecoder(req.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		calls++
		var left []string
		for i, text := range in.TraceSegmentDocuments {
			var doc struct{ ID string }
			if err := json.Unmarshal([]byte(text), &doc); err != nil {
				t.Error(err)
			}
			seen[doc.ID]++
			if calls <= 2 && i%5 == 0 {
				left = append(left, fmt.Sprintf(`{"Id":%q,"ErrorCode":"ThrottledException","Message":"later"}`, doc.ID))
			}
		}
		fmt.Fprintf(w, `{"UnprocessedTraceSegments":[%s]}`, strings.Join(left, ","))
	}))
	t.Cleanup(srv.Close)
	agenttest.AWS(t, localaws.Config{})
	keys := noQueue()
	keys["endpoint"] = srv.URL
	keys["retry_on_failure"] = map[string]any{"initial_interval": "10ms"}
	r := newRig(t, keys)
	if err := r.ConsumeTraces(t.Context(), agenttest.Traces(100)); err != nil {
		t.Fatal(err)
	}
	again := 0
	for _, n := range seen {
		again += n - 1
	}
	if len(seen) != 100 || again != 20 {
		t.Errorf("%d documents, %d sent again; want 100 and the 20 that were left", len(seen), again)
	}
}

// TestExporter_absurdAnswer has X-Ray name documents that were not sent, by ids of any form: the
// exporter goes on.
func TestExporter_absurdAnswer(t *testing.T) {
	left := strings.Repeat(`{"Id":"","ErrorCode":"x"},{"Id":"ff"},{"Id":"ffffffffffffffffff","Message":"m"},{"Id":"zzzzzzzzzzzzzzzz"},{},{"Id":"\u0000ü"},`, 50)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"UnprocessedTraceSegments":[%s]}`, strings.TrimSuffix(left, ","))
	}))
	t.Cleanup(srv.Close)
	agenttest.AWS(t, localaws.Config{})
	keys := noQueue()
	keys["endpoint"] = srv.URL
	r := newRig(t, keys)
	for range 2 {
		if err := r.ConsumeTraces(t.Context(), agenttest.Traces(10)); err != nil {
			t.Error(err)
		}
	}
}

// TestExporter_wholeCallRefused has X-Ray refuse every call that holds a certain document: halving finds it.
func TestExporter_wholeCallRefused(t *testing.T) {
	var mu sync.Mutex
	taken := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var in struct{ TraceSegmentDocuments []string }
		if err := json.NewDecoder(req.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		for _, text := range in.TraceSegmentDocuments {
			if strings.Contains(text, "poison") {
				w.Header().Set("X-Amzn-ErrorType", "InvalidRequestException")
				w.WriteHeader(http.StatusBadRequest)
				return
			}
		}
		mu.Lock()
		defer mu.Unlock()
		taken += len(in.TraceSegmentDocuments)
		fmt.Fprint(w, `{"UnprocessedTraceSegments":[]}`)
	}))
	t.Cleanup(srv.Close)
	agenttest.AWS(t, localaws.Config{})
	keys := noQueue()
	keys["endpoint"] = srv.URL
	r := newRig(t, keys)
	traces := agenttest.Traces(120)
	traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(61).Attributes().PutStr("note", "poison")
	if err := r.ConsumeTraces(t.Context(), traces); err != nil {
		t.Fatal(err)
	}
	if taken != 119 {
		t.Errorf("%d documents taken, want 119", taken)
	}
	if counts := r.Counted(t, "refused_spans"); counts["InvalidRequestException"] != 1 {
		t.Errorf("refused: %v, want 1", counts)
	}
}

// TestExporter_splitSpans keeps the two documents of a local root together, and both arrive.
func TestExporter_splitSpans(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	r := newRig(t, noQueue())
	traces := agenttest.Traces(75)
	for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		span.SetKind(ptrace.SpanKindClient)
		span.Attributes().PutStr("aws.span.kind", "LOCAL_ROOT")
		span.Attributes().PutStr("aws.remote.service", "billing")
	}
	if err := r.ConsumeTraces(t.Context(), traces); err != nil {
		t.Fatal(err)
	}
	if n := aws.Counts().Segments; n != 150 {
		t.Errorf("%d documents at AWS, want 150: %v", n, aws.Refused())
	}
}
