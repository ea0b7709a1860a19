package loadbalancing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// keysOf is a chooser that gives each key a share of its own, and the keys that it saw.
func keysOf() (chooser, *[]string) {
	var keys []string
	return func(key []byte) int {
		if i := slices.Index(keys, string(key)); i >= 0 {
			return i
		}
		keys = append(keys, string(key))
		return len(keys) - 1
	}, &keys
}

func traces() ptrace.Traces {
	data := ptrace.NewTraces()
	for r := range 2 {
		rs := data.ResourceSpans().AppendEmpty()
		rs.SetSchemaUrl("https://opentelemetry.io/schemas/1.30.0")
		rs.Resource().Attributes().PutStr("service.name", fmt.Sprint("service-", r))
		rs.Resource().Attributes().PutInt("n", int64(r))
		for s := range 2 {
			ss := rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName(fmt.Sprint("scope-", s))
			ss.Scope().Attributes().PutStr("in", fmt.Sprint("s", s))
			for i := range 4 {
				span := ss.Spans().AppendEmpty()
				span.SetTraceID(pcommon.TraceID{1, byte(i)})
				span.SetName(fmt.Sprint("span-", i))
				span.SetKind(ptrace.SpanKindServer)
				span.Attributes().PutBool("odd", i%2 == 1)
			}
		}
	}
	return data
}

func TestSplitTraces(t *testing.T) {
	f := func(by string, attributes []string, want ...string) {
		t.Helper()
		choose, keys := keysOf()
		data := traces()
		shares := splitTraces(data, &key{by: by, attributes: attributes}, choose)
		if !slices.Equal(*keys, want) {
			t.Errorf("%s %q: keys %q, want %q", by, attributes, *keys, want)
		}
		total := 0
		for _, share := range shares {
			total += share.SpanCount()
			for _, rs := range share.ResourceSpans().All() {
				if rs.SchemaUrl() == "" || rs.Resource().Attributes().Len() != 2 || rs.ScopeSpans().At(0).Scope().Name() == "" {
					t.Errorf("%s: a share without what it belongs to", by)
				}
			}
		}
		if total != data.SpanCount() || data.SpanCount() != 16 {
			t.Errorf("%s: %d spans in shares, want %d", by, total, data.SpanCount())
		}
	}
	id := func(i byte) string { b := [16]byte{1, i}; return string(b[:]) }
	f(byTrace, nil, id(0), id(1), id(2), id(3))
	f(byService, nil, "service.name=service-0|", "service.name=service-1|")
	f(byResource, nil, "n=0|service.name=service-0|", "n=1|service.name=service-1|")
	f(byAttributes, []string{"n"}, "n=0|", "n=1|")
	f(byAttributes, []string{"odd", "in"}, "odd=false|in=s0|", "odd=true|in=s0|", "odd=false|in=s1|", "odd=true|in=s1|")
	f(byAttributes, []string{"span.kind", "absent"}, "span.kind=Server|absent=|")
	f(byAttributes, []string{"span.name"}, "span.name=span-0|", "span.name=span-1|", "span.name=span-2|", "span.name=span-3|")
}

func TestSplitLogs(t *testing.T) {
	data := plog.NewLogs()
	for r := range 2 {
		rl := data.ResourceLogs().AppendEmpty()
		if r == 1 {
			rl.Resource().Attributes().PutStr("service.name", "b")
		}
		sl := rl.ScopeLogs().AppendEmpty()
		sl.Scope().Attributes().PutStr("in", "s")
		for i := range 3 {
			record := sl.LogRecords().AppendEmpty()
			record.SetSeverityText("INFO")
			record.Body().SetStr(fmt.Sprint("line ", i))
			record.Attributes().PutInt("i", int64(i))
			if i > 0 {
				record.SetTraceID(pcommon.TraceID{byte(i)})
			}
		}
	}
	f := func(by string, attributes []string, want ...string) {
		t.Helper()
		choose, keys := keysOf()
		shares := splitLogs(data, &key{by: by, attributes: attributes}, choose)
		total := 0
		for share := range maps.Values(shares) {
			total += share.LogRecordCount()
		}
		if total != 6 {
			t.Errorf("%s: %d records in shares, want 6", by, total)
		}
		if want != nil && !slices.Equal(*keys, want) {
			t.Errorf("%s %q: keys %q, want %q", by, attributes, *keys, want)
		}
		if want == nil && len(*keys) != 4 { // two traces, and two records of no trace
			t.Errorf("%s: keys %q", by, *keys)
		}
	}
	f(byTrace, nil)
	f(byService, nil, "", "b")
	f(byResource, nil, "", "service.name=b|")
	f(byAttributes, []string{"service.name", "in"}, "in=s|service.name=|", "service.name=b|in=s|")
	f(byAttributes, []string{"log.severity", "i"}, "log.severity=INFO|i=0|", "log.severity=INFO|i=1|", "log.severity=INFO|i=2|")
	f(byAttributes, []string{"log.body"}, "log.body=line 0|", "log.body=line 1|", "log.body=line 2|")
}

// metrics has each kind of metric, with three data points each.
func metrics() pmetric.Metrics {
	data := pmetric.NewMetrics()
	rm := data.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "a")
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName("scope")
	add := func(name string) pmetric.Metric {
		m := sm.Metrics().AppendEmpty()
		m.SetName(name)
		m.SetUnit("By")
		m.SetDescription("about " + name)
		return m
	}
	gauge, sum := add("gauge").SetEmptyGauge(), add("sum").SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	histogram, exponential := add("histogram").SetEmptyHistogram(), add("exponential").SetEmptyExponentialHistogram()
	histogram.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	exponential.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	summary := add("summary").SetEmptySummary()
	for i := range 3 {
		for _, a := range []pcommon.Map{
			gauge.DataPoints().AppendEmpty().Attributes(), sum.DataPoints().AppendEmpty().Attributes(), histogram.DataPoints().AppendEmpty().Attributes(),
			exponential.DataPoints().AppendEmpty().Attributes(), summary.DataPoints().AppendEmpty().Attributes(),
		} {
			a.PutInt("i", int64(i%2))
		}
	}
	return data
}

func TestSplitMetrics(t *testing.T) {
	f := func(by string, attributes []string, want ...string) {
		t.Helper()
		choose, keys := keysOf()
		shares := splitMetrics(metrics(), &key{by: by, attributes: attributes}, choose)
		total := 0
		for share := range maps.Values(shares) {
			total += share.DataPointCount()
			for _, m := range share.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
				if m.Unit() != "By" || m.Description() != "about "+m.Name() {
					t.Errorf("%s: %s has unit %q and description %q", by, m.Name(), m.Unit(), m.Description())
				}
				if m.Type() == pmetric.MetricTypeSum && (!m.Sum().IsMonotonic() || m.Sum().AggregationTemporality() != pmetric.AggregationTemporalityDelta) {
					t.Errorf("%s: the sum is another kind of sum", by)
				}
			}
		}
		if total != 15 {
			t.Errorf("%s: %d data points in shares, want 15", by, total)
		}
		if !slices.Equal(*keys, want) {
			t.Errorf("%s %q: keys %q, want %q", by, attributes, *keys, want)
		}
	}
	f(byService, nil, "a")
	f(byResource, nil, "service.name=a|")
	f(byMetric, nil, "gauge", "sum", "histogram", "exponential", "summary")
	f(byAttributes, []string{"service.name"}, "service.name=a|")
	f(byAttributes, []string{"i", "service.name", "absent"}, "service.name=a|i=0|absent=|", "service.name=a|i=1|absent=|")
	choose, keys := keysOf()
	shares := splitMetrics(metrics(), &key{by: byStream}, choose)
	if len(shares) != 10 || len(*keys) != 10 {
		t.Errorf("by stream: %d shares of %q, want one of each metric and attribute", len(shares), *keys)
	}
}

// TestBackend_panic has a call panic: its share is refused, and the connection is free again.
func TestBackend_panic(t *testing.T) {
	b := newBackend(&balancer[ptrace.Traces]{}, "collector:4317")
	b.conn = &connection[ptrace.Traces]{consume: func(context.Context, ptrace.Traces) error { panic("bad") }}
	outcome, _, err := b.send(t.Context(), ptrace.NewTraces())
	if outcome != refused || err == nil || !strings.Contains(err.Error(), "panic: bad") {
		t.Errorf("%v, %v", outcome, err)
	}
	if b.conn.users != 0 {
		t.Errorf("%d users", b.conn.users)
	}
	b.calls.Wait()
}

// BenchmarkSplitTraces divides requests of 512 spans among three collectors, per span.
func BenchmarkSplitTraces(b *testing.B) {
	data := ptrace.NewTraces()
	ss := data.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
	for i := range 512 {
		span := ss.Spans().AppendEmpty()
		span.SetTraceID(pcommon.TraceID{byte(i / 8), byte(i % 3)})
		span.SetName("GET /orders/{id}")
		span.Attributes().PutStr("http.request.method", "GET")
		span.Attributes().PutInt("http.response.status_code", 200)
	}
	t := &table[ptrace.Traces]{endpoints: []string{"a", "b", "c"}, ring: newRing([]string{"a", "b", "c"})}
	by := &key{by: byTrace}
	b.ReportAllocs()
	for b.Loop() {
		splitTraces(data, by, func(key []byte) int { return t.ring.owners[t.ring.find(key)] })
	}
}

// TestKey_allocations makes a span's key and finds its collector without memory.
func TestKey_allocations(t *testing.T) {
	data := traces()
	rs := data.ResourceSpans().At(0)
	ss := rs.ScopeSpans().At(0)
	ring := newRing([]string{"a", "b", "c"})
	for _, by := range []key{{by: byTrace}, {by: byService}} {
		of := spanKey{key: &by}
		of.resource(rs)
		of.span(ss, ss.Spans().At(0))
		if n := testing.AllocsPerRun(100, func() {
			for _, span := range ss.Spans().All() {
				_ = ring.owners[ring.find(of.span(ss, span))]
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", by.by, n)
		}
	}
}
