package updraft_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft"
)

func TestStart_console(t *testing.T) {
	var out bytes.Buffer
	tel, err := updraft.Config{
		Traces: "console", Metrics: "console", Logs: "console", Console: &out, Strict: true, NoGlobals: true, LogLevel: slog.LevelDebug,
	}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "work")
	tel.Logger().DebugContext(ctx, "detail")
	gauge, err := tel.MeterProvider().Meter("test").Float64Gauge("level")
	if err != nil {
		t.Fatal(err)
	}
	gauge.Record(ctx, 0.5)
	span.SetAttributes(attribute.Int("n", 1))
	span.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"span_name":"work"`, `"body":"detail"`, "level"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
	if n := strings.Count(out.String(), "level"); n != 1 {
		t.Errorf("the gauge is written %d times at the end, want once\n%s", n, out.String())
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not a JSON line: %s", line)
		}
	}
}
