package bench

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// compatDir has records, and the lines that both exporters make of them: the collector's here, the agent's in its own test.
const compatDir = "../agent/exporter/awscloudwatchlogs/testdata"

var update = flag.Bool("update", false, "write the golden files anew")

// TestLogsCompat holds the collector's exporter to the golden lines, which the agent's exporter makes under compat. With -update
// it makes both anew.
func TestLogsCompat(t *testing.T) {
	file := filepath.Join(compatDir, "records.json")
	if *update {
		text, err := (&plog.JSONMarshaler{}).MarshalLogs(madeUp(200))
		if err != nil {
			t.Fatal(err)
		}
		write(t, file, text)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []bool{false, true} {
		all, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(text)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(collectorEvents(t, all, raw), "\n") + "\n"
		golden := filepath.Join(compatDir, fmt.Sprintf("lines-raw-%t.golden", raw))
		if *update {
			write(t, golden, []byte(got))
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("the collector's exporter makes other lines than %s", golden)
		}
	}
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// collectorEvents are what OpenTelemetry's exporter sends of these records, one after the other: group, stream and message, with the
// latter as a JSON string.
func collectorEvents(t *testing.T, all plog.Logs, raw bool) []string {
	t.Helper()
	type event struct {
		at   int64
		line string
	}
	var mu sync.Mutex
	var events []event
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutLogEvents") {
			var in struct {
				LogGroupName, LogStreamName string
				LogEvents                   []struct {
					Timestamp int64
					Message   string
				}
			}
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, e := range in.LogEvents {
				message, _ := json.Marshal(e.Message)
				events = append(events, event{e.Timestamp, in.LogGroupName + "\t" + in.LogStreamName + "\t" + string(message)})
			}
		}
		_, _ = io.WriteString(w, `{"nextSequenceToken":"1"}`)
	}))
	t.Cleanup(server.Close)
	n := 0
	now := time.Now()
	for _, rl := range all.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, record := range sl.LogRecords().All() {
				record.SetTimestamp(pcommon.NewTimestampFromTime(now.Add(time.Duration(n) * time.Millisecond)))
				n++
			}
		}
	}
	if err := collectorLogsTo(t, server.URL, raw).ConsumeLogs(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(events, func(a, b event) int { return int(a.at - b.at) })
	lines := make([]string, 0, len(events))
	for _, e := range events {
		lines = append(lines, e.line)
	}
	if len(lines) != n {
		t.Errorf("%d events of %d records", len(lines), n)
	}
	return lines
}

// collectorLogsTo is OpenTelemetry's exporter with names that a resource fills.
func collectorLogsTo(t *testing.T, endpoint string, raw bool) exporter.Logs {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	factory := awscloudwatchlogsexporter.NewFactory()
	config := factory.CreateDefaultConfig().(*awscloudwatchlogsexporter.Config)
	config.LogGroupName, config.LogStreamName, config.RawLog = "/shop/{ServiceName}", "{TaskId}/{PodName}", raw
	config.Region = "eu-central-1"
	config.AWSSessionSettings.Endpoint = endpoint
	config.QueueSettings = configoptional.None[exporterhelper.QueueBatchConfig]()
	logs, err := factory.CreateLogs(t.Context(), exporter.Settings{
		ID: component.NewID(factory.Type()),
		TelemetrySettings: component.TelemetrySettings{
			Logger: zap.NewNop(), TracerProvider: tracenoop.NewTracerProvider(), MeterProvider: metricnoop.NewMeterProvider(),
			Resource: pcommon.NewResource(),
		},
	}, config)
	if err != nil {
		t.Fatal(err)
	}
	if err := logs.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return logs
}

// A maker makes up records.
type maker struct{ *rand.Rand }

// madeUp are n records of all sorts, the same each time.
func madeUp(n int) plog.Logs {
	m := maker{rand.New(rand.NewPCG(5, 6))}
	all := plog.NewLogs()
	for made := 0; made < n; {
		rl := all.ResourceLogs().AppendEmpty()
		m.fill(rl.Resource().Attributes(), 2)
		for _, key := range []string{"service.name", "aws.ecs.task.id", "TaskId", "pod"} {
			if m.IntN(2) == 0 {
				rl.Resource().Attributes().PutStr(key, fmt.Sprint(key, m.IntN(3)))
			}
		}
		for range 1 + m.IntN(2) {
			sl := rl.ScopeLogs().AppendEmpty()
			if m.IntN(3) > 0 {
				sl.Scope().SetName(m.text())
				m.fill(sl.Scope().Attributes(), 1)
			}
			if m.IntN(2) == 0 {
				sl.Scope().SetVersion("1.0")
			}
			for range 1 + m.IntN(8) {
				m.record(sl.LogRecords().AppendEmpty())
				made++
			}
		}
	}
	return all
}

func (m maker) record(r plog.LogRecord) {
	m.value(r.Body(), 3)
	switch {
	case r.Body().AsString() == "":
		r.Body().SetStr("CloudWatch Logs takes no empty event")
	case m.IntN(6) == 0:
		r.Body().SetStr(fmt.Sprintf(`{"_aws":{"logGroupName":"own%d","LogStreamName":%q},"v":1}`, m.IntN(2), []string{"", "s"}[m.IntN(2)]))
	case m.IntN(6) == 0:
		r.Body().SetStr(fmt.Sprintf(`{"log_group_name":"own%d","log_stream_name":"before"}`, m.IntN(2)))
	}
	m.fill(r.Attributes(), 2)
	if m.IntN(2) == 0 {
		r.SetSeverityNumber(plog.SeverityNumber(m.IntN(25)))
		r.SetSeverityText(m.text())
		r.SetFlags(plog.LogRecordFlags(m.IntN(3)))
		r.SetDroppedAttributesCount(uint32(m.IntN(2)))
	}
	if m.IntN(2) == 0 {
		r.SetTraceID(pcommon.TraceID{byte(m.IntN(256)), 15: 1})
		r.SetSpanID(pcommon.SpanID{byte(m.IntN(256)), 7: 1})
	}
}

// text is any of a few, with what JSON escapes.
func (m maker) text() string {
	return []string{"", "plain", "a \"b\" \\ c", "<html> & co", "line\nend\ttab", "\x00\x1f\x7f\u2028", "né 世界 🙂", "1.5"}[m.IntN(8)]
}

func (m maker) fill(attributes pcommon.Map, depth int) {
	for i := range m.IntN(5) {
		m.value(attributes.PutEmpty(fmt.Sprint(m.text(), i)), depth)
	}
}

func (m maker) value(v pcommon.Value, depth int) {
	kinds := 9
	if depth == 0 {
		kinds = 7
	}
	switch m.IntN(kinds) {
	case 0, 1:
		v.SetStr(m.text())
	case 2:
		v.SetInt(m.Int64() - m.Int64())
	case 3:
		v.SetDouble([]float64{0, 1.5, -1e21, 1e-7, math.MaxFloat64, 3}[m.IntN(6)])
	case 4:
		v.SetBool(m.IntN(2) == 0)
	case 5:
		v.SetEmptyBytes().FromRaw([]byte(m.text()))
	case 6: // nothing
	case 7:
		m.fill(v.SetEmptyMap(), depth-1)
	case 8:
		list := v.SetEmptySlice()
		for range m.IntN(4) {
			m.value(list.AppendEmpty(), depth-1)
		}
	}
}
