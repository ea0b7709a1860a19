package awscloudwatchlogs

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// ordinary is a record as applications log it.
func ordinary() plog.Logs {
	return one(func(resource pcommon.Resource, scope pcommon.InstrumentationScope, r plog.LogRecord) {
		resource.Attributes().PutStr("service.name", "orders")
		resource.Attributes().PutStr("host.name", "web-1")
		scope.SetName("github.com/example/shop/orders")
		r.SetTimestamp(1_700_000_000_000_000_000)
		r.SetSeverityNumber(plog.SeverityNumberInfo)
		r.SetSeverityText("INFO")
		r.Body().SetStr("order placed")
		r.Attributes().PutStr("id", "A-17")
		r.Attributes().PutInt("items", 3)
		r.Attributes().PutBool("gift", false)
		r.SetTraceID(pcommon.TraceID{1})
		r.SetSpanID(pcommon.SpanID{2})
	})
}

// lineMaker makes the line of one record, again and again.
func lineMaker(compat, raw bool) func() {
	all := ordinary()
	rl := all.ResourceLogs().At(0)
	e := encoder{compat: compat}
	e.begin(newSource(rl.Resource().Attributes(), destination{}, compat))
	e.beginScope(rl.ScopeLogs().At(0).Scope())
	record := rl.ScopeLogs().At(0).LogRecords().At(0)
	var line []byte
	return func() {
		if raw {
			line = e.appendRaw(line[:0], record)
			return
		}
		line = e.append(line[:0], record)
	}
}

// TestEncoder_allocations holds that lines are made without allocating.
func TestEncoder_allocations(t *testing.T) {
	f := func(name string, compat, raw bool) {
		t.Helper()
		if n := testing.AllocsPerRun(100, lineMaker(compat, raw)); n > 0 {
			t.Errorf("%s: %v allocations a line", name, n)
		}
	}
	f("the library's", false, false)
	f("the collector's", true, false)
	f("raw", false, true)
}

func BenchmarkEncoder(b *testing.B) {
	f := func(name string, compat, raw bool) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			line := lineMaker(compat, raw)
			for b.Loop() {
				line()
			}
		})
	}
	f("default", false, false)
	f("compat", true, false)
	f("raw", false, true)
}
