package metrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// queue is a Queue that keeps what it is given, decoded.
type queue struct {
	t        *testing.T
	mu       sync.Mutex
	keys     []string
	times    []time.Time
	data     []map[string]any
	flushes  int
	shutdown int
	err      error
}

func (q *queue) Put(key string, at time.Time, body []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	v, err := decode(body)
	if err != nil {
		q.t.Error(err)
	}
	m, _ := v.(map[string]any)
	q.keys, q.times, q.data = append(q.keys, key), append(q.times, at), append(q.data, m)
	return q.err
}

func (q *queue) Flush(context.Context) error    { q.flushes++; return q.err }
func (q *queue) Shutdown(context.Context) error { q.shutdown++; return q.err }

// take returns what the queue holds by metric name and empties it.
func (q *queue) take() map[string]map[string]any {
	q.mu.Lock()
	defer q.mu.Unlock()
	byName := map[string]map[string]any{}
	for _, d := range q.data {
		name := d["MetricName"].(string)
		if _, twice := byName[name]; twice {
			q.t.Errorf("%s came twice", name)
		}
		byName[name] = d
	}
	q.keys, q.times, q.data = nil, nil, nil
	return byName
}

func newExporter(t *testing.T, c Config) (*Exporter, *queue) {
	t.Helper()
	q := &queue{t: t}
	c.Queue = q
	if c.Namespace == "" {
		c.Namespace = "shop"
	}
	e, err := NewExporter(c)
	if err != nil {
		t.Fatal(err)
	}
	return e, q
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestExporter_instruments takes one of every synchronous instrument through a
// real SDK, over two collections.
func TestExporter_instruments(t *testing.T) {
	e, q := newExporter(t, Config{})
	reader := sdkmetric.NewPeriodicReader(e, sdkmetric.WithInterval(time.Hour))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	meter := provider.Meter("shop/cart")
	counter := must[otelmetric.Int64Counter](t)(meter.Int64Counter("orders", otelmetric.WithUnit("{order}")))
	updown := must[otelmetric.Int64UpDownCounter](t)(meter.Int64UpDownCounter("carts"))
	gauge := must[otelmetric.Float64Gauge](t)(meter.Float64Gauge("load", otelmetric.WithUnit("1")))
	histogram := must[otelmetric.Float64Histogram](t)(meter.Float64Histogram("duration", otelmetric.WithUnit("s"),
		otelmetric.WithExplicitBucketBoundaries(0.1, 1)))
	ctx, route := t.Context(), otelmetric.WithAttributes(attribute.String("route", "/cart"))

	record := func(n int64) {
		counter.Add(ctx, n, route)
		updown.Add(ctx, n)
		gauge.Record(ctx, float64(n))
		for range n {
			histogram.Record(ctx, 0.3, route)
		}
	}
	f := func(n int64, orders, carts, load float64, values, counts []any) {
		t.Helper()
		record(n)
		if err := provider.ForceFlush(ctx); err != nil {
			t.Fatal(err)
		}
		got := q.take()
		if got["orders"]["Value"] != orders || got["carts"]["Value"] != carts || got["load"]["Value"] != load {
			t.Errorf("orders %v, carts %v, load %v", got["orders"]["Value"], got["carts"]["Value"], got["load"]["Value"])
		}
		if d := got["duration"]; fmt.Sprint(d["Values"], d["Counts"]) != fmt.Sprint(values, counts) {
			t.Errorf("duration %v × %v, want %v × %v", d["Values"], d["Counts"], values, counts)
		}
		if u := got["orders"]["Unit"]; u != "Count" {
			t.Errorf("unit %v", u)
		}
		if d := fmt.Sprint(got["orders"]["Dimensions"]); d != "[map[Name:route Value:/cart]]" {
			t.Errorf("dimensions %v", d)
		}
	}
	f(4, 4, 4, 4, []any{0.3, 0.3, 0.3}, []any{1.0, 2.0, 1.0})
	f(2, 2, 6, 2, []any{0.3, 0.3}, []any{1.0, 1.0})
	if q.flushes != 2 {
		t.Errorf("the queue was flushed %d times", q.flushes)
	}
	if err := provider.Shutdown(ctx); err != nil || q.shutdown != 1 {
		t.Errorf("shutdown: %v, %d times", err, q.shutdown)
	}
}

func TestExporter_exponentialHistogram(t *testing.T) {
	e, q := newExporter(t, Config{Aggregation: func(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
		if kind == sdkmetric.InstrumentKindHistogram {
			return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}
		}
		return sdkmetric.DefaultAggregationSelector(kind)
	}})
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(e)))
	h := must[otelmetric.Int64Histogram](t)(provider.Meter("m").Int64Histogram("size", otelmetric.WithUnit("By")))
	sum := 0.0
	for v := int64(1); v <= 10_000; v++ {
		h.Record(t.Context(), v)
		sum += float64(v)
	}
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := q.take()["size"]
	var values, counts []float64
	for i, v := range d["Values"].([]any) {
		values, counts = append(values, v.(float64)), append(counts, d["Counts"].([]any)[i].(float64))
	}
	if len(values) > MaxValues || values[0] != 1 || values[len(values)-1] != 10_000 {
		t.Errorf("%d values from %v to %v", len(values), values[0], values[len(values)-1])
	}
	if got := weighted(values, counts); got < sum*(1-1e-9) || got > sum*(1+1e-9) {
		t.Errorf("sum %v, want %v", got, sum)
	}
	if p := percentile(values, counts, 0.99); p < 9900*0.95 || p > 9900*1.05 {
		t.Errorf("p99 = %v, want about 9900", p)
	}
}

func TestExporter_manualReader(t *testing.T) {
	e, q := newExporter(t, Config{Namespace: "AWS/Shop"})
	reader := sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(e.Temporality), sdkmetric.WithAggregationSelector(e.Aggregation))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	counter := must[otelmetric.Float64Counter](t)(provider.Meter("m").Float64Counter("c"))
	_, err := provider.Meter("m").Int64ObservableUpDownCounter("o", otelmetric.WithInt64Callback(func(_ context.Context, o otelmetric.Int64Observer) error {
		o.Observe(7)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 2.5)
	before := time.Now().Add(-time.Second)
	var rm metricdata.ResourceMetrics
	if err := errors.Join(reader.Collect(t.Context(), &rm), e.Export(t.Context(), &rm)); err != nil {
		t.Fatal(err)
	}
	if q.keys[0] != "AWS_Shop" || q.times[0].Before(before) {
		t.Errorf("key %q, time %v", q.keys[0], q.times[0])
	}
	got := q.take()
	if got["c"]["Value"] != 2.5 || got["o"]["Value"] != 7.0 {
		t.Errorf("got %v", got)
	}
}

func TestExporter_closed(t *testing.T) {
	e, q := newExporter(t, Config{})
	if err := errors.Join(e.Shutdown(t.Context()), e.Shutdown(t.Context()), e.ForceFlush(t.Context())); err != nil {
		t.Error(err)
	}
	err := e.Export(t.Context(), one("m", "", metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{point(1), point(2)}}))
	if !errors.Is(err, sdkmetric.ErrExporterShutdown) || e.Dropped()[DropClosed] != 2 || q.shutdown != 1 || q.flushes != 0 {
		t.Errorf("%v, dropped %v, %d shutdowns, %d flushes", err, e.Dropped(), q.shutdown, q.flushes)
	}
}

func TestExporter_queueRefuses(t *testing.T) {
	e, q := newExporter(t, Config{})
	q.err = errors.New("full")
	data := one("m", "", metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{point(1)}})
	if err := e.Export(t.Context(), data); err != nil {
		t.Errorf("the queue's error came through: %v", err)
	}
	if err := e.ForceFlush(t.Context()); !errors.Is(err, q.err) {
		t.Errorf("flush: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Export(ctx, data); !errors.Is(err, context.Canceled) || len(q.data) != 1 {
		t.Errorf("canceled: %v, %d queued", err, len(q.data))
	}
}

func TestConfig_errors(t *testing.T) {
	f := func(c Config, want error) {
		t.Helper()
		if _, err := NewExporter(c); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	f(Config{Namespace: "n"}, errNoQueue)
	f(Config{Queue: new(queue), Namespace: " "}, errNoNamespace)
	f(Config{Queue: new(queue), Namespace: "n", Resolution: 5}, errResolution)
}

func TestWriterExporter(t *testing.T) {
	var out bytes.Buffer
	e, err := NewWriterExporter(&out, Config{})
	if err != nil {
		t.Fatal(err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(e)))
	counter := must[otelmetric.Int64Counter](t)(provider.Meter("m").Int64Counter("orders"))
	counter.Add(t.Context(), 1, otelmetric.WithAttributes(attribute.Int("n", 1)))
	counter.Add(t.Context(), 2, otelmetric.WithAttributes(attribute.Int("n", 2)))
	if err := provider.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], `{"MetricName":"orders","Dimensions":`) {
		t.Errorf("got %q", lines)
	}
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	err = e.Export(t.Context(), one("m", "", metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{point(1)}}))
	if !errors.Is(err, sdkmetric.ErrExporterShutdown) || e.Dropped()[DropClosed] != 1 {
		t.Errorf("%v, dropped %v", err, e.Dropped())
	}
}

func TestWriterExporter_writeFails(t *testing.T) {
	e, err := NewWriterExporter(failing{}, Config{})
	if err != nil {
		t.Fatal(err)
	}
	err = e.Export(t.Context(), one("m", "", metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{point(1)}}))
	if !errors.Is(err, errWrite) {
		t.Errorf("got %v", err)
	}
	if _, err := NewWriterExporter(failing{}, Config{Resolution: 2}); !errors.Is(err, errResolution) {
		t.Errorf("got %v", err)
	}
}

var errWrite = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errWrite }

// keptLines is a Queue that keeps what it is given, the key before it.
type keptLines struct {
	got                []string
	flushes, shutdowns int
}

func (q *keptLines) Put(key string, _ time.Time, body []byte) error {
	q.got = append(q.got, key+" "+string(body))
	return nil
}
func (q *keptLines) Flush(context.Context) error    { q.flushes++; return nil }
func (q *keptLines) Shutdown(context.Context) error { q.shutdowns++; return nil }
