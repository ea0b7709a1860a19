package awsxray_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestExporter_otlp sends spans as OTLP: every document within X-Ray's size, each span in one, events included; a span that
// no document of OTLP has room for goes as a segment.
func TestExporter_otlp(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	var mu sync.Mutex
	var requests []ptrace.Traces
	segments, largest := 0, 0
	aws.Control("PutTraceSegments", func(c *localaws.Call) *localaws.Fault {
		var in struct{ TraceSegmentDocuments []string }
		if err := json.Unmarshal(c.Body, &in); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, doc := range in.TraceSegmentDocuments {
			largest = max(largest, len(doc))
			text, ok := strings.CutPrefix(doc, "T1S")
			if !ok {
				segments++
				continue
			}
			raw, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				t.Error(err)
			}
			traces, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(raw)
			if err != nil {
				t.Error(err)
			}
			requests = append(requests, traces)
		}
		return nil
	})
	keys := noQueue()
	keys["transit_spans_in_otlp_format"] = true
	keys["indexed_attributes"] = []any{"tenant"}
	r := newRig(t, keys)
	traces := agenttest.Traces(1000)
	spans := traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	spans.At(3).Events().AppendEmpty().SetName("cache miss")
	spans.At(500).Attributes().PutStr("large", strings.Repeat("x", 60<<10))
	if err := r.ConsumeTraces(t.Context(), traces); err != nil {
		t.Fatal(err)
	}
	total, events := 0, 0
	for _, request := range requests {
		total += request.SpanCount()
		for _, rs := range request.ResourceSpans().All() {
			if list, ok := rs.Resource().Attributes().Get("aws.xray.exporter.config.indexed_attributes"); !ok || list.Slice().Len() != 1 {
				t.Errorf("the resource does not say what to index: %v", rs.Resource().Attributes().AsRaw())
			}
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					events += span.Events().Len()
				}
			}
		}
	}
	if total != 999 || segments != 1 || events != 1 {
		t.Errorf("%d spans as OTLP, %d as segments, %d events; want 999, 1 and 1", total, segments, events)
	}
	if largest > 64<<10 {
		t.Errorf("a document of %d bytes", largest)
	}
	if n := aws.Counts().Segments; n != 1000 {
		t.Errorf("%d segments at AWS, want 1000: %v", n, aws.Refused())
	}
	if len(requests) > 20 {
		t.Errorf("%d documents of OTLP for 999 spans", len(requests))
	}
}
