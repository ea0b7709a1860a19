package awscloudwatchlogs

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/updraft-otel/updraft/logs"
)

// lineOf is the line of a request's only record.
func lineOf(all plog.Logs, compat bool) []byte {
	rl := all.ResourceLogs().At(0)
	e := encoder{compat: compat}
	e.begin(newSource(rl.Resource().Attributes(), destination{}, compat))
	e.beginScope(rl.ScopeLogs().At(0).Scope())
	return e.append(nil, rl.ScopeLogs().At(0).LogRecords().At(0))
}

func one(fill func(pcommon.Resource, pcommon.InstrumentationScope, plog.LogRecord)) plog.Logs {
	all := plog.NewLogs()
	rl := all.ResourceLogs().AppendEmpty()
	sl := rl.ScopeLogs().AppendEmpty()
	fill(rl.Resource(), sl.Scope(), sl.LogRecords().AppendEmpty())
	return all
}

func TestCompat(t *testing.T) {
	f := func(want string, fill func(pcommon.Resource, pcommon.InstrumentationScope, plog.LogRecord)) {
		t.Helper()
		if got := string(lineOf(one(fill), true)); got != want {
			t.Errorf("line\n%s\nwant\n%s", got, want)
		}
	}
	f(`{}`, func(pcommon.Resource, pcommon.InstrumentationScope, plog.LogRecord) {})
	f(`{"body":""}`, func(_ pcommon.Resource, _ pcommon.InstrumentationScope, r plog.LogRecord) { r.Body().SetStr("") })
	f(`{"resource":{"b":1}}`, func(r pcommon.Resource, s pcommon.InstrumentationScope, _ plog.LogRecord) {
		r.Attributes().PutInt("b", 1)
		s.SetVersion("a scope without a name is left out")
	})
	f(`{"body":{"a":[1,null,"\u003c"],"b":{}},"severity_number":9,"severity_text":"INFO","dropped_attributes_count":4,"flags":1,`+
		`"trace_id":"01000000000000000000000000000000","span_id":"0200000000000000","attributes":{"a":1.5,"z":"AQI="},`+
		`"scope":{"name":"s","version":"1","attributes":{"k":true}},"resource":{"host.name":"web"}}`,
		func(resource pcommon.Resource, s pcommon.InstrumentationScope, r plog.LogRecord) {
			resource.Attributes().PutStr("host.name", "web")
			s.SetName("s")
			s.SetVersion("1")
			s.Attributes().PutBool("k", true)
			body := r.Body().SetEmptyMap()
			body.PutEmptyMap("b")
			list := body.PutEmptySlice("a")
			list.AppendEmpty().SetInt(1)
			list.AppendEmpty()
			list.AppendEmpty().SetStr("<")
			r.SetSeverityNumber(9)
			r.SetSeverityText("INFO")
			r.SetDroppedAttributesCount(4)
			r.SetFlags(1)
			r.SetTraceID(pcommon.TraceID{1})
			r.SetSpanID(pcommon.SpanID{2})
			r.SetEventName("left out")
			r.Attributes().PutEmptyBytes("z").FromRaw([]byte{1, 2})
			r.Attributes().PutDouble("a", 1.5)
		})
}

// TestCompat_tooLong has a line of the library's stand for one that is too long.
func TestCompat_tooLong(t *testing.T) {
	line := lineOf(one(func(_ pcommon.Resource, _ pcommon.InstrumentationScope, r plog.LogRecord) {
		r.Body().SetStr(strings.Repeat("x", 2<<20))
	}), true)
	if len(line) > logs.MaxEventBytes || !json.Valid(line) || !strings.Contains(string(line), logs.TruncationMark) {
		t.Errorf("line of %d bytes, %.100s", len(line), line)
	}
}

// TestAppendValue compares values with encoding/json's.
func TestAppendValue(t *testing.T) {
	f := func(raw any) {
		t.Helper()
		v := pcommon.NewValueEmpty()
		if err := v.FromRaw(raw); err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(v.AsRaw())
		if err != nil {
			t.Fatal(err)
		}
		if got := appendValue(nil, v, 0); !bytes.Equal(got, want) {
			t.Errorf("%v is %s, want %s", raw, got, want)
		}
	}
	f(nil)
	f("plain")
	f("a \"quote\", a \\, <html> & \u2028 \x00\x1f\x7f é \xff")
	f(true)
	f(int64(math.MinInt64))
	for _, n := range []float64{0, 1, -1.5, 1e20, 1e21, 1e-6, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Copysign(0, -1)} {
		f(n)
	}
	f([]byte{})
	f([]byte{0, 255, 1})
	f([]any{})
	f([]any{1, "x", []any{nil}, map[string]any{"z": 1, "a": 2, "<": 3}})
	f(map[string]any{})
}

// FuzzLine holds that any OTLP request becomes lines of valid JSON within an event's size, in both forms, and that the
// collector's form is what encoding/json would write.
func FuzzLine(f *testing.F) {
	for _, fill := range hostile {
		if text, err := (&plog.ProtoMarshaler{}).MarshalLogs(one(fill)); err == nil && len(text) < 64<<10 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(text)
		if err != nil {
			return
		}
		for _, rl := range all.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				for _, record := range sl.LogRecords().All() {
					for _, compat := range []bool{false, true} {
						e := encoder{compat: compat}
						e.begin(newSource(rl.Resource().Attributes(), destination{}, compat))
						e.beginScope(sl.Scope())
						checkLine(t, e.append(nil, record))
						if raw := e.appendRaw(nil, record); len(raw) == 0 || !utf8.Valid(raw) {
							t.Errorf("raw line %q", raw)
						}
						destinationOf(e.appendRaw(nil, record), destination{})
					}
				}
			}
		}
	})
}

func checkLine(t *testing.T, line []byte) {
	t.Helper()
	if len(line) > logs.MaxEventBytes || !json.Valid(line) || !utf8.Valid(line) {
		t.Errorf("line of %d bytes, valid JSON %t: %.200s", len(line), json.Valid(line), line)
	}
}

// hostile are records made to end a process, or at least a request.
var hostile = map[string]func(pcommon.Resource, pcommon.InstrumentationScope, plog.LogRecord){
	"nothing at all": func(pcommon.Resource, pcommon.InstrumentationScope, plog.LogRecord) {},
	"two thousand levels": func(resource pcommon.Resource, s pcommon.InstrumentationScope, r plog.LogRecord) {
		for _, at := range []pcommon.Value{r.Body(), r.Attributes().PutEmpty("deep"), resource.Attributes().PutEmpty("deep"), s.Attributes().PutEmpty("deep")} {
			s.SetName("deep")
			for range 1000 {
				at = at.SetEmptySlice().AppendEmpty().SetEmptyMap().PutEmpty("a")
			}
		}
	},
	"numbers that are none": func(_ pcommon.Resource, _ pcommon.InstrumentationScope, r plog.LogRecord) {
		for name, v := range map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1)} {
			r.Attributes().PutDouble(name, v)
		}
		r.SetSeverityNumber(math.MinInt32)
		r.SetFlags(math.MaxUint32)
	},
	"bytes that are no text": func(resource pcommon.Resource, s pcommon.InstrumentationScope, r plog.LogRecord) {
		resource.Attributes().PutStr("service.name", "\xff\x00:*")
		s.SetName("\xff")
		r.Body().SetStr("\xed\xa0\x80")
		r.SetSeverityText("\xff")
		r.SetEventName("\xfe")
		r.Attributes().PutStr("\xfe", "\xc3\x28")
	},
	"three megabytes": func(resource pcommon.Resource, _ pcommon.InstrumentationScope, r plog.LogRecord) {
		for _, v := range []pcommon.Value{r.Body(), r.Attributes().PutEmpty("large"), resource.Attributes().PutEmpty("large")} {
			v.SetStr(strings.Repeat("x", 1<<20))
		}
	},
	"a hundred thousand attributes": func(_ pcommon.Resource, _ pcommon.InstrumentationScope, r plog.LogRecord) {
		r.Attributes().EnsureCapacity(100_000)
		list := r.Body().SetEmptySlice()
		for range 100_000 {
			list.AppendEmpty().SetInt(1 << 40)
		}
	},
	"times that are none": func(_ pcommon.Resource, _ pcommon.InstrumentationScope, r plog.LogRecord) {
		r.SetTimestamp(math.MaxUint64)
	},
}
