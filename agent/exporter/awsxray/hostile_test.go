package awsxray_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"encoding/json"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/exporter/awsxray"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/xray"
)

// hostile are spans that end the process of the collector's own exporter, or are made to.
var hostile = map[string]func(r pcommon.Resource, s ptrace.Span){
	"java: a cause without a message": exception("java", "x\nCaused by: Foo:"),
	"java: a cause without a type":    exception("java", "x\nCaused by: :"),
	"python: a file with two commas":  exception("python", "Traceback\n  File ,a,b\nValueError: x"),
	"python: during handling, nothing": exception("python",
		"\nDuring handling of the above exception, another exception occurred:\n"),
	"python: during handling, no message": exception("python",
		"Traceback\n  File \"a\", line 1, in b\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback\n  File \"a\", line 1, in b\nValueError"),
	"dotnet: a line without its end": exception("dotnet", "x\n   at a in b:line"),
	"javascript: half a line":        exception("javascript", "x\n    at ("),
	"go: half a frame":               exception("go", "x\ngoroutine 1 [running]:\nmain.main()"),
	"local root of another cloud": func(r pcommon.Resource, s ptrace.Span) {
		r.Attributes().PutStr("cloud.provider", "gcp")
		s.SetKind(ptrace.SpanKindClient)
		s.Attributes().PutStr("aws.span.kind", "LOCAL_ROOT")
	},
	"nothing at all": func(r pcommon.Resource, s ptrace.Span) {
		r.Attributes().RemoveIf(func(string, pcommon.Value) bool { return true })
		ptrace.NewSpan().CopyTo(s)
	},
	"a thousand levels": func(_ pcommon.Resource, s ptrace.Span) {
		at := s.Attributes().PutEmpty("deep")
		for range 500 {
			at = at.SetEmptySlice().AppendEmpty().SetEmptyMap().PutEmpty("a")
		}
	},
	"numbers that are none": func(_ pcommon.Resource, s ptrace.Span) {
		for name, v := range map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1)} {
			s.Attributes().PutDouble(name, v)
		}
	},
	"times before time": func(_ pcommon.Resource, s ptrace.Span) {
		s.SetStartTimestamp(math.MaxUint64)
		s.SetEndTimestamp(1)
	},
	"bytes that are no text": func(_ pcommon.Resource, s ptrace.Span) {
		s.SetName("\xff\x00\x1b[31m")
		s.Attributes().PutStr("\xfe", "\xc3\x28")
		s.Status().SetMessage("\xed\xa0\x80")
		s.Status().SetCode(ptrace.StatusCodeError)
	},
	"a megabyte": func(_ pcommon.Resource, s ptrace.Span) {
		s.Attributes().PutStr("large", strings.Repeat("x", 1<<20))
		s.SetName(strings.Repeat("y", 1<<16))
	},
	"keys that repeat": func(_ pcommon.Resource, s ptrace.Span) {
		s.Attributes().FromRaw(map[string]any{"aws.xray.annotations": []any{1, nil, map[string]any{}}, "aws.dynamodb.table_names": 7,
			"http.response.status_code": "500", "messaging.message_payload_size_bytes": "many", "aws.xray.inprogress": "yes"})
	},
	"kinds that are none": func(_ pcommon.Resource, s ptrace.Span) {
		s.SetKind(ptrace.SpanKind(math.MaxInt32))
		s.Status().SetCode(ptrace.StatusCode(math.MinInt32))
	},
}

func exception(language, stack string) func(pcommon.Resource, ptrace.Span) {
	return func(r pcommon.Resource, s ptrace.Span) {
		r.Attributes().PutStr("telemetry.sdk.language", language)
		e := s.Events().AppendEmpty()
		e.SetName("exception")
		e.Attributes().PutStr("exception.type", "Foo")
		e.Attributes().PutStr("exception.stacktrace", stack)
	}
}

// TestExporter_hostile sends every hostile span between ordinary ones: those arrive.
func TestExporter_hostile(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	for _, keys := range []map[string]any{{}, {"compat": true}, {"index_all_attributes": true}} {
		keys["sending_queue"] = map[string]any{"enabled": false}
		r := newRig(t, keys)
		for name, spoil := range hostile {
			before := aws.Counts().Segments
			traces := agenttest.Traces(2)
			bad := agenttest.Traces(1).ResourceSpans().At(0)
			spoil(bad.Resource(), bad.ScopeSpans().At(0).Spans().At(0))
			bad.CopyTo(traces.ResourceSpans().AppendEmpty())
			if err := r.ConsumeTraces(t.Context(), traces); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if n := aws.Counts().Segments - before; n < 2 {
				t.Errorf("%s: %d documents at AWS, want the two good ones at least", name, n)
			}
		}
	}
}

// FuzzFillSegment holds that any OTLP request becomes documents of valid JSON, within their size.
func FuzzFillSegment(f *testing.F) {
	for _, spoil := range hostile {
		traces := agenttest.Traces(1)
		rs := traces.ResourceSpans().At(0)
		spoil(rs.Resource(), rs.ScopeSpans().At(0).Spans().At(0))
		text, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(traces)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < 64<<10 {
			f.Add(text)
		}
	}
	var segment xray.Segment // used again, as the exporter does
	f.Fuzz(func(t *testing.T, text []byte) {
		traces, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(text)
		if err != nil {
			return
		}
		for _, rs := range traces.ResourceSpans().All() {
			resource := xray.NewResource(awsxray.Attributes(rs.Resource().Attributes()))
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					for _, compat := range []bool{false, true} {
						awsxray.FillSegment(&segment, span)
						segment.Scope, segment.Resource, segment.Compat = ss.Scope().Name(), resource, compat
						service, split := segment.Split()
						check(t, xray.AppendSegment(nil, &segment))
						if split {
							check(t, xray.AppendSegment(nil, &service))
						}
					}
				}
			}
		}
	})
}

func check(t *testing.T, document []byte) {
	t.Helper()
	if len(document) > xray.MaxDocumentBytes || !json.Valid(document) || !utf8.Valid(document) {
		t.Errorf("document of %d bytes, valid JSON %t: %.200s", len(document), json.Valid(document), document)
	}
}
