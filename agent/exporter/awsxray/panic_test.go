package awsxray_test

import (
	"fmt"
	"testing"

	"github.com/updraft-otel/updraft/agent/exporter/awsxray"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestExporter_panic has the encoder panic at a span, and at a resource: the others arrive once, and what does not is counted.
func TestExporter_panic(t *testing.T) {
	for _, c := range []struct {
		keys        map[string]any
		taken, lost int
	}{
		{map[string]any{}, 136, 7},
		{map[string]any{"compat": true}, 136, 7},
		{map[string]any{"transit_spans_in_otlp_format": true}, 140, 3}, // nobody reads a span's attributes
	} {
		t.Run(fmt.Sprint(c.keys), func(t *testing.T) {
			keys := c.keys
			aws := agenttest.AWS(t, localaws.Config{})
			keys["sending_queue"] = map[string]any{"enabled": false}
			r := newRig(t, keys)
			traces := agenttest.Traces(130)
			spans := traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
			for _, i := range []int{0, 49, 50, 129} { // 50 documents make a call
				agenttest.Unreadable(spans.At(i).Attributes().PutEmpty("broken"))
			}
			bad := agenttest.Traces(3).ResourceSpans().At(0)
			agenttest.Unreadable(bad.Resource().Attributes().PutEmpty("broken"))
			bad.MoveTo(traces.ResourceSpans().AppendEmpty())
			agenttest.Traces(10).ResourceSpans().MoveAndAppendTo(traces.ResourceSpans())
			if err := r.ConsumeTraces(t.Context(), traces); err != nil {
				t.Errorf("error %v though most spans were taken", err)
			}
			if n := aws.Counts().Segments; n != c.taken {
				t.Errorf("%d segments at AWS, want %d", n, c.taken)
			}
			if counts := r.Counted(t, "refused_spans"); counts["panic"] != int64(c.lost) || len(counts) != 1 {
				t.Errorf("refused: %v, want %d for a panic", counts, c.lost)
			}
			if n := len(aws.Refused()); n != 0 {
				t.Errorf("%d refused by AWS, want none", n)
			}
		})
	}
}

// TestExporter_panicWhileSending has the goroutine of a call panic, for want of a client: its spans are counted.
func TestExporter_panicWhileSending(t *testing.T) {
	factory := awsxray.NewFactory()
	keys := noQueue()
	keys["region"] = "us-east-1"
	e, r := agenttest.MakeExporter(t, factory, factory.CreateTraces, keys) // not started
	for range 20 {                                                         // more than calls may run at a time
		if err := e.ConsumeTraces(t.Context(), agenttest.Traces(60)); err == nil {
			t.Error("no error")
		}
	}
	if counts := r.Counted(t, "refused_spans"); counts["panic"] != 1200 || len(counts) != 1 {
		t.Errorf("refused: %v, want 1200 for a panic", counts)
	}
}
