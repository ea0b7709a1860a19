package bench

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awscloudwatchlogsexporter"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

// What comes to the collector's exporter at a time.
const (
	sdkBatch       = 512  // of OpenTelemetry's SDKs: OTEL_BLRP_MAX_EXPORT_BATCH_SIZE
	collectorBatch = 8192 // of the collector's batch processor: send_batch_size
)

// A logServer takes calls of CloudWatch Logs, and counts those of PutLogEvents.
type logServer struct {
	*httptest.Server
	calls, bytes atomic.Int64
}

func newLogServer(tb testing.TB) *logServer {
	s := new(logServer)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutLogEvents") {
			s.calls.Add(1)
			s.bytes.Add(n)
		}
		_, _ = io.WriteString(w, `{"nextSequenceToken":"1"}`) // without it, the collector's exporter sends again
	}))
	tb.Cleanup(s.Close)
	return s
}

// collectorLogs is OpenTelemetry's awscloudwatchlogs exporter, by its public
// factory and without its queue, in front of a server.
func collectorLogs(tb testing.TB, server *logServer) exporter.Logs {
	tb.Helper()
	tb.Setenv("AWS_ACCESS_KEY_ID", "local")
	tb.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	tb.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	factory := awscloudwatchlogsexporter.NewFactory()
	config := factory.CreateDefaultConfig().(*awscloudwatchlogsexporter.Config)
	config.LogGroupName, config.LogStreamName = "/shop", "s"
	config.Region = "eu-central-1"
	config.AWSSessionSettings.Endpoint = server.URL
	config.QueueSettings = configoptional.None[exporterhelper.QueueBatchConfig]()
	logs, err := factory.CreateLogs(tb.Context(), exporter.Settings{
		ID: component.NewID(factory.Type()),
		TelemetrySettings: component.TelemetrySettings{
			Logger: zap.NewNop(), TracerProvider: tracenoop.NewTracerProvider(), MeterProvider: metricnoop.NewMeterProvider(),
			Resource: pcommon.NewResource(),
		},
	}, config)
	if err != nil {
		tb.Fatal(err)
	}
	if err := logs.Start(tb.Context(), nil); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = logs.Shutdown(context.WithoutCancel(tb.Context())) })
	return logs
}

// collectorLines are n records as logLine logs them.
func collectorLines(n int) plog.Logs {
	all := plog.NewLogs()
	scope := all.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty()
	scope.Scope().SetName("github.com/example/shop/orders")
	now := pcommon.NewTimestampFromTime(time.Now())
	for range n {
		r := scope.LogRecords().AppendEmpty()
		r.SetTimestamp(now)
		r.SetSeverityNumber(plog.SeverityNumberInfo)
		r.SetSeverityText("INFO")
		r.Body().SetStr("order placed")
		r.Attributes().PutStr("id", "A-17")
		r.Attributes().PutInt("items", 3)
		r.Attributes().PutInt("took", 1500)
	}
	return all
}

// BenchmarkLogs_collector is the collector's exporter, from records in its
// memory to a server in the same process; what brings them there is left out.
func BenchmarkLogs_collector(b *testing.B) {
	server := newLogServer(b)
	logs, lines := collectorLogs(b, server), collectorLines(collectorBatch)
	b.ReportAllocs()
	began, sent := cpu(b), 0
	for n := 0; b.Loop(); n++ {
		if n%collectorBatch == 0 {
			if err := logs.ConsumeLogs(b.Context(), lines); err != nil {
				b.Fatal(err)
			}
			sent += collectorBatch
		}
	}
	b.ReportMetric(float64(sent)/(cpu(b)-began).Seconds(), "events/cpu-s")
	b.ReportMetric(float64(server.bytes.Load())/float64(sent), "B/event")
}

// BenchmarkLogs_collectorCalls counts the calls that the collector's exporter
// makes for what BenchmarkLogs_calls sends.
func BenchmarkLogs_collectorCalls(b *testing.B) {
	f := func(name string, batch int) {
		b.Run(name, func(b *testing.B) {
			var calls int64
			for b.Loop() {
				server := newLogServer(b)
				logs := collectorLogs(b, server)
				lines := plog.NewLogs()
				records := lines.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
				for range batch {
					r := records.AppendEmpty()
					r.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
					r.Body().SetStr(strings.Repeat("x", callSize-len(`{"body":""}`)))
				}
				for sent := 0; sent < callLines; sent += batch {
					if left := callLines - sent; left < batch {
						n := 0
						records.RemoveIf(func(plog.LogRecord) bool { n++; return n > left })
					}
					if err := logs.ConsumeLogs(b.Context(), lines); err != nil {
						b.Fatal(err)
					}
				}
				calls = server.calls.Load()
				server.Close()
			}
			reportCalls(b, calls)
		})
	}
	f("of the SDK's batches", sdkBatch)
	f("of the collector's batches", collectorBatch)
}
