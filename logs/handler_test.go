package logs

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
)

// recorder is a logger that keeps what it is given.
type recorder struct {
	embedded.Logger
	records []log.Record
	least   log.Severity
}

func (l *recorder) Emit(_ context.Context, r log.Record) { l.records = append(l.records, r) }

func (l *recorder) Enabled(_ context.Context, p log.EnabledParameters) bool {
	return p.Severity >= l.least
}

// last is the newest record as slogtest and our tests like to see it.
func (l *recorder) last(t *testing.T) map[string]any {
	t.Helper()
	if len(l.records) == 0 {
		t.Fatal("nothing was emitted")
	}
	r := l.records[len(l.records)-1]
	m := map[string]any{slog.MessageKey: r.Body().AsString(), slog.LevelKey: r.SeverityText()}
	if !r.Timestamp().IsZero() {
		m[slog.TimeKey] = r.Timestamp()
	}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		m[string(kv.Key)] = plain(kv.Value)
		return true
	})
	return m
}

func plain(v attribute.Value) any {
	if v.Type() != attribute.MAP {
		return v.AsInterface()
	}
	m := map[string]any{}
	for _, kv := range v.AsMap() {
		m[string(kv.Key)] = plain(kv.Value)
	}
	return m
}

func TestHandler_slogtest(t *testing.T) {
	var l *recorder
	slogtest.Run(t,
		func(*testing.T) slog.Handler { l = new(recorder); return NewHandler(l, nil) },
		func(t *testing.T) map[string]any { return l.last(t) },
	)
}

type secret string

func (secret) LogValue() slog.Value { return slog.StringValue("***") }

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

type card struct {
	Holder string `json:"holder"`
	Number string `json:"-"`
}

func TestHandler_values(t *testing.T) {
	f := func(a slog.Attr, want attribute.Value) {
		t.Helper()
		l := new(recorder)
		slog.New(NewHandler(l, nil)).LogAttrs(t.Context(), slog.LevelInfo, "m", a)
		var got attribute.Value
		l.records[0].WalkAttributes(func(kv attribute.KeyValue) bool {
			if string(kv.Key) != a.Key {
				t.Errorf("key %q, want %q", kv.Key, a.Key)
			}
			got = kv.Value
			return true
		})
		if got.Type() != want.Type() || got.String() != want.String() {
			t.Errorf("%s: got %v %s, want %v %s", a, got.Type(), got.String(), want.Type(), want.String())
		}
	}
	at := time.Date(2026, 11, 23, 1, 2, 3, 4, time.UTC)
	f(slog.String("k", "v"), attribute.StringValue("v"))
	f(slog.Int("k", -1), attribute.Int64Value(-1))
	f(slog.Uint64("k", 1<<63-1), attribute.Int64Value(1<<63-1))
	f(slog.Uint64("k", 1<<63), attribute.StringValue("9223372036854775808"))
	f(slog.Float64("k", 1.5), attribute.Float64Value(1.5))
	f(slog.Bool("k", true), attribute.BoolValue(true))
	f(slog.Duration("k", time.Microsecond), attribute.Int64Value(1000))
	f(slog.Time("k", at), attribute.StringValue("2026-11-23T01:02:03.000000004Z"))
	f(slog.Any("k", errors.New("no stock")), attribute.StringValue("no stock"))
	f(slog.Any("k", (*nilError)(nil)), attribute.StringValue("!PANIC: *logs.nilError"))
	f(slog.Any("k", secret("pw")), attribute.StringValue("***"))
	f(slog.Any("k", []string{"a", "b"}), attribute.StringSliceValue([]string{"a", "b"}))
	f(slog.Any("k", []byte{1}), attribute.ByteSliceValue([]byte{1}))
	f(slog.Any("k", card{"Ada", "4111"}), attribute.MapValue(attribute.String("holder", "Ada")))
	f(slog.Any("k", map[string]any{"n": 1, "f": 0.5, "l": []any{true, nil}}), attribute.MapValue(
		attribute.Int("n", 1), attribute.Float64("f", 0.5),
		attribute.Slice("l", attribute.BoolValue(true), attribute.Value{})))
	f(slog.Any("k", make(chan int)), attribute.StringValue("!ERROR: json: unsupported type: chan int"))
	f(slog.Any("k", attribute.IntValue(7)), attribute.IntValue(7))
	f(slog.Any("k", nil), attribute.Value{})
	f(slog.Group("k", slog.Int("a", 1), slog.Group("empty")), attribute.MapValue(attribute.Int("a", 1)))
}

func TestHandler_severity(t *testing.T) {
	f := func(level slog.Level, want log.Severity, text string) {
		t.Helper()
		l := new(recorder)
		slog.New(NewHandler(l, &HandlerOptions{Level: slog.Level(-100)})).Log(t.Context(), level, "m")
		if r := l.records[0]; r.Severity() != want || r.SeverityText() != text {
			t.Errorf("%v: got %v %q, want %v %q", level, r.Severity(), r.SeverityText(), want, text)
		}
	}
	f(slog.LevelDebug, log.SeverityDebug, "DEBUG")
	f(slog.LevelInfo, log.SeverityInfo, "INFO")
	f(slog.LevelInfo+2, log.SeverityInfo3, "INFO+2")
	f(slog.LevelWarn, log.SeverityWarn, "WARN")
	f(slog.LevelError, log.SeverityError, "ERROR")
	f(slog.Level(-90), log.SeverityTrace1, "DEBUG-86")
	f(slog.Level(90), log.SeverityFatal4, "ERROR+82")
}

func TestHandler_level(t *testing.T) {
	var level slog.LevelVar
	l := new(recorder)
	logger := slog.New(NewHandler(l, &HandlerOptions{Level: &level}))
	logger.Debug("unseen")
	level.Set(slog.LevelDebug)
	logger.Debug("seen")
	if len(l.records) != 1 || l.last(t)[slog.MessageKey] != "seen" {
		t.Errorf("got %d records", len(l.records))
	}
	l.least = log.SeverityError
	logger.Warn("not wanted by the logger")
	if len(l.records) != 1 {
		t.Error("the OpenTelemetry logger was not asked")
	}
}

func TestHandler_source(t *testing.T) {
	l := new(recorder)
	slog.New(NewHandler(l, &HandlerOptions{AddSource: true})).WithGroup("g").Info("m", "a", 1)
	m := l.last(t)
	if file, _ := m["code.file.path"].(string); !strings.HasSuffix(file, "handler_test.go") {
		t.Errorf("code.file.path = %q", file)
	}
	if m["code.function.name"] != "github.com/updraft-otel/updraft/logs.TestHandler_source" {
		t.Errorf("code.function.name = %q", m["code.function.name"])
	}
	if line, _ := m["code.line.number"].(int64); line == 0 {
		t.Error("code.line.number is missing")
	}
}

func TestHandler_siblingsDoNotShare(t *testing.T) {
	l := new(recorder)
	base := slog.New(NewHandler(l, nil)).With("a", 1).WithGroup("g").With("b", 2)
	one, two := base.With("c", 3), base.With("d", 4)
	one.Info("m", "e", 5)
	if g := l.last(t)["g"].(map[string]any); len(g) != 3 || g["c"] != int64(3) {
		t.Errorf("one: %v", g)
	}
	two.Info("m", "e", 5)
	if g := l.last(t)["g"].(map[string]any); len(g) != 3 || g["d"] != int64(4) {
		t.Errorf("two: %v", g)
	}
}

func TestHandler_noLogger(t *testing.T) {
	slog.New(NewHandler(nil, nil)).Error("nobody listens")
}
