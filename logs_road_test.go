package updraft_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/awsapi"
)

// TestLogGroupSettings creates a log group as it was asked for, and goes on
// where it may not set how long events are kept.
func TestLogGroupSettings(t *testing.T) {
	f := func(answer http.HandlerFunc, warning string) {
		t.Helper()
		e := newEndpoint(t)
		var retention struct {
			LogGroupName    string
			RetentionInDays int
		}
		e.other = func(w http.ResponseWriter, name string, body []byte) {
			if name == "PutRetentionPolicy" {
				_ = json.Unmarshal(body, &retention)
				answer(w, nil)
			}
		}
		tel, err := updraft.Config{
			ServiceName: "shop", Environment: "test", Traces: "none", Metrics: "none", Strict: true, NoGlobals: true,
			LogGroup: "/app/{service}", LogStream: "{environment}/{level}",
			LogGroupSettings: awsapi.LogGroupSettings{RetentionDays: 30},
		}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tel.Logger().Warn("low stock")
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		if len(e.events) != 1 || !e.groups["/app/shop/test/warn"] {
			t.Errorf("%q in %v", e.events, e.groups)
		}
		if retention.LogGroupName != "/app/shop" || retention.RetentionInDays != 30 {
			t.Errorf("%+v", retention)
		}
		if want := `"Type":"Service","Name":"shop","Environment":"test"`; !strings.Contains(e.entity, want) {
			t.Errorf("entity %s, want %s", e.entity, want)
		}
		if got := tel.Report().Signals[0].Warning; !strings.Contains(got, warning) || (got == "") != (warning == "") {
			t.Errorf("warning %q, want %q", got, warning)
		}
	}
	f(func(http.ResponseWriter, *http.Request) {}, "")
	f(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"AccessDeniedException","message":"not authorized to perform: logs:PutRetentionPolicy"}`))
	}, "logs:PutRetentionPolicy")

	newEndpoint(t)
	_, err := updraft.Config{Strict: true, NoGlobals: true, LogGroupSettings: awsapi.LogGroupSettings{RetentionDays: 31}}.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "RetentionDays is 31") {
		t.Errorf("%v", err)
	}
}

// TestLogRaw sends the body alone, asked for by either way.
func TestLogRaw(t *testing.T) {
	f := func(config updraft.Config, env string) {
		t.Helper()
		e := newEndpoint(t)
		t.Setenv("UPDRAFT_LOG_RAW", env)
		config.Traces, config.Metrics, config.Strict, config.NoGlobals = "none", "none", true, true
		tel, err := config.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tel.Logger().Warn("by slog", "a", 1)
		var r log.Record
		r.SetBody(attribute.MapValue(attribute.Int("a", 1)))
		tel.LoggerProvider().Logger("test").Emit(t.Context(), r)
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		if want := []string{"by slog", `{"a":1}`}; !slices.Equal(e.events, want) {
			t.Errorf("%q, want %q", e.events, want)
		}
	}
	f(updraft.Config{LogRaw: true}, "")
	f(updraft.Config{}, "true")
}

// TestForceFlush_linesThatComeFast delivers what a goroutine was still to encode.
func TestForceFlush_linesThatComeFast(t *testing.T) {
	e := newEndpoint(t)
	tel, err := updraft.Config{Traces: "none", Metrics: "none", Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const rounds, each = 5, 2000
	began := time.Now()
	for round := range rounds {
		for i := range each {
			at := began.Add(time.Duration(round*each+i) * 20 * time.Microsecond) // 50,000 a second
			_ = tel.Logger().Handler().Handle(t.Context(), slog.NewRecord(at, slog.LevelInfo, "m", 0))
		}
		flush := tel.ForceFlush
		if round == rounds-1 {
			flush = tel.Shutdown
		}
		if err := flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.mu.Lock()
		if got, want := len(e.events), (round+1)*each; got != want {
			t.Errorf("%d lines after round %d, want %d", got, round, want)
		}
		e.mu.Unlock()
	}
}
