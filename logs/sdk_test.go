package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
)

// queue is a Queue that keeps what it is given.
type queue struct {
	mu       sync.Mutex
	keys     []string
	times    []time.Time
	lines    []string
	flushes  int
	shutdown int
	err      error
}

func (q *queue) Put(key string, at time.Time, body []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.keys, q.times = append(q.keys, key), append(q.times, at)
	q.lines = append(q.lines, string(body))
	return q.err
}

func (q *queue) Flush(context.Context) error    { q.flushes++; return q.err }
func (q *queue) Shutdown(context.Context) error { q.shutdown++; return q.err }

func (q *queue) last(t *testing.T) map[string]any {
	t.Helper()
	if len(q.lines) == 0 {
		t.Fatal("the queue is empty")
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(q.lines[len(q.lines)-1]), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func shop() *resource.Resource {
	return resource.NewSchemaless(
		attribute.String("service.name", "shop"), attribute.String("host.name", "a1"),
		attribute.String("telemetry.sdk.name", "opentelemetry"))
}

func newProcessor(t *testing.T, c Config) *Processor {
	t.Helper()
	p, err := NewProcessor(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func inSpan(ctx context.Context) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: fullEvent().TraceID, SpanID: fullEvent().SpanID, TraceFlags: trace.FlagsSampled,
	}))
}

func TestProcessor_slogToQueue(t *testing.T) {
	q := new(queue)
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(shop()),
		sdklog.WithProcessor(newProcessor(t, Config{Queue: q, Group: "/my shop", Stream: "a:1"})))
	logger := slog.New(NewHandler(provider.Logger("shop/cart"), nil))

	before := time.Now()
	logger.With("user", "u1").WithGroup("order").ErrorContext(inSpan(t.Context()), "no stock", "id", 17, "err", errors.New("sold out"))
	m := q.last(t)
	at, err := time.Parse(time.RFC3339Nano, m["timestamp"].(string))
	if err != nil || at.Before(before.Round(0)) || !q.times[0].Equal(at) {
		t.Errorf("timestamp %v, queued for %v", m["timestamp"], q.times[0])
	}
	delete(m, "timestamp")
	line, _ := json.Marshal(m)
	golden(t, "slog", line)
	if q.keys[0] != Key("/my_shop", "a_1") {
		t.Errorf("key %q", q.keys[0])
	}
}

func TestProcessor_lifecycle(t *testing.T) {
	q := new(queue)
	p := newProcessor(t, Config{Queue: q, Group: "g", Stream: "s"})
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(p))
	logger := provider.Logger("")
	if !logger.Enabled(t.Context(), log.EnabledParameters{}) {
		t.Error("not enabled")
	}
	logger.Emit(t.Context(), log.Record{})
	if err := provider.ForceFlush(t.Context()); err != nil || q.flushes != 1 {
		t.Errorf("flush: %v, %d times", err, q.flushes)
	}
	for range 2 {
		if err := p.Shutdown(t.Context()); err != nil || q.shutdown != 1 {
			t.Errorf("shutdown: %v, %d times", err, q.shutdown)
		}
	}
	if err := p.OnEmit(t.Context(), new(sdklog.Record)); err != nil {
		t.Error(err)
	}
	if err := p.ForceFlush(t.Context()); err != nil || q.flushes != 1 {
		t.Errorf("flush after shutdown: %v, %d times", err, q.flushes)
	}
	if p.Enabled(t.Context(), sdklog.EnabledParameters{}) {
		t.Error("enabled after shutdown")
	}
	if n := p.Dropped()[DropClosed]; n != 1 || len(q.lines) != 1 {
		t.Errorf("%d dropped, %d queued", n, len(q.lines))
	}
}

func TestProcessor_queueRefuses(t *testing.T) {
	q := &queue{err: errors.New("full")}
	p := newProcessor(t, Config{Queue: q, Group: "g", Stream: "s"})
	if err := p.OnEmit(t.Context(), new(sdklog.Record)); err != nil {
		t.Errorf("the queue's error came through: %v", err)
	}
	if err := p.ForceFlush(t.Context()); !errors.Is(err, q.err) {
		t.Errorf("flush: %v", err)
	}
}

func TestProcessor_time(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	f := func(name string, event, observed, want time.Time) {
		t.Helper()
		q := new(queue)
		p := newProcessor(t, Config{Queue: q, Group: "g", Stream: "s", Now: func() time.Time { return now }})
		r := new(sdklog.Record)
		r.SetTimestamp(event)
		r.SetObservedTimestamp(observed)
		_ = p.OnEmit(t.Context(), r)
		if !q.times[0].Equal(want) {
			t.Errorf("%s: queued for %v, want %v", name, q.times[0], want)
		}
	}
	f("event time", now.Add(1), now.Add(2), now.Add(1))
	f("observed", time.Time{}, now.Add(2), now.Add(2))
	f("neither", time.Time{}, time.Time{}, now)
	f("before 1970", time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), now.Add(2), now)
}

func TestConfig_errors(t *testing.T) {
	f := func(c Config, want error) {
		t.Helper()
		if _, err := NewProcessor(c); !errors.Is(err, want) {
			t.Errorf("NewProcessor: %v, want %v", err, want)
		}
		if _, err := NewExporter(c); !errors.Is(err, want) {
			t.Errorf("NewExporter: %v, want %v", err, want)
		}
	}
	f(Config{Group: "g", Stream: "s"}, errNoQueue)
	f(Config{Queue: new(queue), Stream: "s"}, errNoDestination)
	f(Config{Queue: new(queue), Group: "g"}, errNoDestination)
}

func TestConfig_resource(t *testing.T) {
	q := new(queue)
	keep := func(k attribute.Key) bool { return strings.HasPrefix(string(k), "telemetry.") }
	p := newProcessor(t, Config{Queue: q, Group: "g", Stream: "s", Resource: keep})
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(shop()), sdklog.WithProcessor(p))
	provider.Logger("").Emit(t.Context(), log.Record{})
	m := q.last(t)
	res, _ := m["resource"].(map[string]any)
	if m["service"] != "shop" || len(res) != 1 || res["telemetry.sdk.name"] != "opentelemetry" {
		t.Errorf("service %v, resource %v", m["service"], res)
	}
}

func TestExporter_behindBatchProcessor(t *testing.T) {
	q := new(queue)
	e, err := NewExporter(Config{Queue: q, Group: "g", Stream: "s"})
	if err != nil {
		t.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(shop()), sdklog.WithProcessor(sdklog.NewBatchProcessor(e)))
	logger := slog.New(NewHandler(provider.Logger("s"), nil))
	for range 3 {
		logger.Info("m")
	}
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(q.lines) != 3 || q.shutdown != 1 || q.last(t)["service"] != "shop" {
		t.Errorf("%d lines, %d shutdowns", len(q.lines), q.shutdown)
	}
	if err := e.Export(t.Context(), make([]sdklog.Record, 2)); !errors.Is(err, sdklog.ErrExporterShutdown) {
		t.Errorf("export after shutdown: %v", err)
	}
	if err := errors.Join(e.Shutdown(t.Context()), e.ForceFlush(t.Context())); err != nil || e.Dropped()[DropClosed] != 2 {
		t.Errorf("%v, dropped %v", err, e.Dropped())
	}
}

func TestProcessor_manyGoroutines(t *testing.T) {
	q := new(queue)
	p := newProcessor(t, Config{Queue: q, Group: "g", Stream: "s"})
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(shop()), sdklog.WithProcessor(p))
	logger := slog.New(NewHandler(provider.Logger("s"), nil))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 100 {
				logger.Info("m", "i", i, "j", j)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, line := range q.lines {
		var e struct {
			Attributes struct{ I, J int }
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(e.Attributes)
		seen[string(b)] = true
	}
	if len(seen) != 800 {
		t.Errorf("%d different lines, want 800", len(seen))
	}
}

func TestWriterExporter(t *testing.T) {
	var out bytes.Buffer
	e := NewWriterExporter(&out)
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(shop()), sdklog.WithProcessor(sdklog.NewSimpleProcessor(e)))
	logger := slog.New(NewHandler(provider.Logger("s"), nil))
	logger.Info("one")
	logger.Info("two")
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 || !strings.Contains(lines[1], `"body":"two"`) {
		t.Errorf("got %q", lines)
	}
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := e.Export(t.Context(), make([]sdklog.Record, 1)); !errors.Is(err, sdklog.ErrExporterShutdown) {
		t.Errorf("export after shutdown: %v", err)
	}
	if e.Dropped()[DropClosed] != 1 {
		t.Errorf("dropped %v", e.Dropped())
	}
}

func TestWriterExporter_writeFails(t *testing.T) {
	e := NewWriterExporter(failing{})
	if err := e.Export(t.Context(), make([]sdklog.Record, 1)); !errors.Is(err, errWrite) {
		t.Errorf("got %v", err)
	}
}

var errWrite = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errWrite }
