package bench

import (
	"math"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	collectorlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"github.com/updraft-otel/updraft/otlp"
)

// TestLogs_likeProtobuf reads what package otlp writes of log records with
// protobuf's own library.
func TestLogs_likeProtobuf(t *testing.T) {
	at := time.Unix(1_700_000_000, 123_456_789)
	records := []otlp.LogRecord{
		{
			Scope: otlp.Scope{Name: "shop", Version: "1", SchemaURL: "https://example.com/scope"}, Time: at, Observed: at.Add(time.Second),
			Severity: 9, SeverityText: "INFO", EventName: "order", Body: attribute.StringValue("placed \xff"),
			TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, Flags: trace.FlagsSampled,
			Attributes: []attribute.KeyValue{attribute.Int64("n", math.MinInt64), attribute.StringSlice("l", []string{"a", ""})}, DroppedAttributes: 3,
		},
		{Scope: otlp.Scope{Name: "other"}, Body: attribute.MapValue(attribute.Bool("b", false))},
		{Scope: otlp.Scope{Name: "shop", Version: "1", SchemaURL: "https://example.com/scope"}, Body: attribute.StringValue("")},
	}
	var items [][]byte
	for i := range records {
		items = append(items, otlp.AppendLogItem(nil, &records[i]))
	}
	resource := otlp.AppendResource(nil, &otlp.Resource{Attributes: []attribute.KeyValue{attribute.String("service.name", "shop")}, SchemaURL: "s"})
	var got collectorlogs.ExportLogsServiceRequest
	if err := proto.Unmarshal(otlp.AppendLogs(nil, string(resource), len(items), func(i int) []byte { return items[i] }), &got); err != nil {
		t.Fatal(err)
	}
	if n := len(got.GetResourceLogs()); n != 1 || got.GetResourceLogs()[0].GetSchemaUrl() != "s" {
		t.Fatalf("%v", &got)
	}
	scopes := got.GetResourceLogs()[0].GetScopeLogs()
	if len(scopes) != 2 || len(scopes[0].GetLogRecords()) != 2 || scopes[0].GetScope().GetName() != "shop" || scopes[0].GetSchemaUrl() != "https://example.com/scope" {
		t.Fatalf("%v", scopes)
	}
	first := scopes[0].GetLogRecords()[0]
	if first.GetTimeUnixNano() != uint64(at.UnixNano()) || first.GetObservedTimeUnixNano() != uint64(at.Add(time.Second).UnixNano()) ||
		first.GetSeverityNumber() != logspb.SeverityNumber_SEVERITY_NUMBER_INFO || first.GetSeverityText() != "INFO" ||
		first.GetEventName() != "order" || first.GetBody().GetStringValue() != "placed \uFFFD" || first.GetFlags() != 1 ||
		first.GetTraceId()[0] != 1 || len(first.GetTraceId()) != 16 || first.GetSpanId()[0] != 2 || len(first.GetSpanId()) != 8 ||
		first.GetDroppedAttributesCount() != 3 || len(first.GetAttributes()) != 2 ||
		first.GetAttributes()[0].GetValue().GetIntValue() != math.MinInt64 || len(first.GetAttributes()[1].GetValue().GetArrayValue().GetValues()) != 2 {
		t.Errorf("%v", first)
	}
	second := scopes[0].GetLogRecords()[1]
	if second.GetTimeUnixNano() != 0 || second.GetTraceId() != nil || second.GetBody().GetValue() == nil || len(second.ProtoReflect().GetUnknown()) != 0 {
		t.Errorf("%v", second)
	}
	if kv := scopes[1].GetLogRecords()[0].GetBody().GetKvlistValue().GetValues(); len(kv) != 1 || kv[0].GetKey() != "b" {
		t.Errorf("%v", kv)
	}
}
