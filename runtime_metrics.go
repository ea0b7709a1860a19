package updraft

import (
	"context"
	"errors"
	"math"
	runtimemetrics "runtime/metrics"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/semconv/v1.41.0/goconv"
)

// What the Go runtime says of itself, by the names of OpenTelemetry's semantic
// conventions: https://opentelemetry.io/docs/specs/semconv/runtime/go-metrics/.

// Names of the runtime, in the order of runtimeSamples.
const (
	runtimeTotal = iota
	runtimeReleased
	runtimeStacks
	runtimeLimit
	runtimeAllocated
	runtimeAllocations
	runtimeGoal
	runtimeCycles
	runtimeGoroutines
	runtimeThreads
	runtimeGOGC
	runtimeUser
	runtimeGC
	runtimeScavenge
	runtimeIdle
	runtimeCount
)

func runtimeSamples() []runtimemetrics.Sample {
	names := [runtimeCount]string{
		runtimeTotal:       "/memory/classes/total:bytes",
		runtimeReleased:    "/memory/classes/heap/released:bytes",
		runtimeStacks:      "/memory/classes/heap/stacks:bytes",
		runtimeLimit:       "/gc/gomemlimit:bytes",
		runtimeAllocated:   "/gc/heap/allocs:bytes",
		runtimeAllocations: "/gc/heap/allocs:objects",
		runtimeGoal:        "/gc/heap/goal:bytes",
		runtimeCycles:      "/gc/cycles/total:gc-cycles",
		runtimeGoroutines:  "/sched/goroutines:goroutines",
		runtimeThreads:     "/sched/gomaxprocs:threads",
		runtimeGOGC:        "/gc/gogc:percent",
		runtimeUser:        "/cpu/classes/user:cpu-seconds",
		runtimeGC:          "/cpu/classes/gc/total:cpu-seconds",
		runtimeScavenge:    "/cpu/classes/scavenge/total:cpu-seconds",
		runtimeIdle:        "/cpu/classes/idle:cpu-seconds",
	}
	samples := make([]runtimemetrics.Sample, runtimeCount)
	for i, name := range names {
		samples[i].Name = name
	}
	return samples
}

// runtimeNumbers are the instruments that are numbers.
type runtimeNumbers struct {
	used                   goconv.MemoryUsed
	limit                  goconv.MemoryLimit
	allocated              goconv.MemoryAllocated
	allocations            goconv.MemoryAllocations
	goal                   goconv.MemoryGCGoal
	cycles                 goconv.MemoryGCCyclesObservable
	goroutines             goconv.GoroutineCount
	threads                goconv.ProcessorLimit
	gogc                   goconv.ConfigGogc
	cpu                    goconv.CPUTimeObservable
	stack, other           metric.ObserveOption
	user, gc, scav, idling metric.ObserveOption

	mu      sync.Mutex // guards samples: each reader collects when it wants to
	samples []runtimemetrics.Sample
}

// observeRuntime makes the instruments that are numbers; their callback reads
// the runtime once a collection.
func observeRuntime(provider metric.MeterProvider) error {
	meter := provider.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))
	n := &runtimeNumbers{samples: runtimeSamples()}
	var errs [10]error
	n.used, errs[0] = goconv.NewMemoryUsed(meter)
	n.limit, errs[1] = goconv.NewMemoryLimit(meter)
	n.allocated, errs[2] = goconv.NewMemoryAllocated(meter)
	n.allocations, errs[3] = goconv.NewMemoryAllocations(meter)
	n.goal, errs[4] = goconv.NewMemoryGCGoal(meter)
	n.cycles, errs[5] = goconv.NewMemoryGCCyclesObservable(meter)
	n.goroutines, errs[6] = goconv.NewGoroutineCount(meter)
	n.threads, errs[7] = goconv.NewProcessorLimit(meter)
	n.gogc, errs[8] = goconv.NewConfigGogc(meter)
	n.cpu, errs[9] = goconv.NewCPUTimeObservable(meter)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	n.stack = metric.WithAttributes(n.used.AttrMemoryType(goconv.MemoryTypeStack))
	n.other = metric.WithAttributes(n.used.AttrMemoryType(goconv.MemoryTypeOther))
	n.user = metric.WithAttributes(n.cpu.AttrCPUState(goconv.CPUStateUser))
	n.gc = metric.WithAttributes(n.cpu.AttrCPUState(goconv.CPUStateGC))
	n.scav = metric.WithAttributes(n.cpu.AttrCPUState(goconv.CPUStateScavenge))
	n.idling = metric.WithAttributes(n.cpu.AttrCPUState(goconv.CPUStateIdle))
	_, err := meter.RegisterCallback(n.observe, n.used.Inst(), n.limit.Inst(), n.allocated.Inst(), n.allocations.Inst(),
		n.goal.Inst(), n.cycles.Inst(), n.goroutines.Inst(), n.threads.Inst(), n.gogc.Inst(), n.cpu.Inst())
	return err
}

func (n *runtimeNumbers) observe(_ context.Context, o metric.Observer) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	runtimemetrics.Read(n.samples)
	stacks := n.whole(runtimeStacks)
	o.ObserveInt64(n.used.Inst(), stacks, n.stack)
	o.ObserveInt64(n.used.Inst(), n.whole(runtimeTotal)-n.whole(runtimeReleased)-stacks, n.other)
	if limit := n.whole(runtimeLimit); limit != math.MaxInt64 { // else there is none
		o.ObserveInt64(n.limit.Inst(), limit)
	}
	if percent := n.whole(runtimeGOGC); percent != math.MaxInt64 { // else it is off
		o.ObserveInt64(n.gogc.Inst(), percent)
	}
	o.ObserveInt64(n.allocated.Inst(), n.whole(runtimeAllocated))
	o.ObserveInt64(n.allocations.Inst(), n.whole(runtimeAllocations))
	o.ObserveInt64(n.goal.Inst(), n.whole(runtimeGoal))
	o.ObserveInt64(n.cycles.Inst(), n.whole(runtimeCycles))
	o.ObserveInt64(n.goroutines.Inst(), n.whole(runtimeGoroutines))
	o.ObserveInt64(n.threads.Inst(), n.whole(runtimeThreads))
	o.ObserveFloat64(n.cpu.Inst(), n.seconds(runtimeUser), n.user)
	o.ObserveFloat64(n.cpu.Inst(), n.seconds(runtimeGC), n.gc)
	o.ObserveFloat64(n.cpu.Inst(), n.seconds(runtimeScavenge), n.scav)
	o.ObserveFloat64(n.cpu.Inst(), n.seconds(runtimeIdle), n.idling)
	return nil
}

// whole is a value of the runtime, 0 where it has none of that name.
func (n *runtimeNumbers) whole(sample int) int64 {
	v := n.samples[sample].Value
	if v.Kind() != runtimemetrics.KindUint64 {
		return 0
	}
	return int64(min(v.Uint64(), math.MaxInt64))
}

func (n *runtimeNumbers) seconds(sample int) float64 {
	v := n.samples[sample].Value
	if v.Kind() != runtimemetrics.KindFloat64 {
		return 0
	}
	return v.Float64()
}

// runtimeHistograms produces what the runtime has as histograms: how long
// goroutines wait to run, and how long the collector stops them.
type runtimeHistograms struct {
	start   time.Time
	metrics []runtimeHistogram
}

type runtimeHistogram struct {
	metricdata.Metrics
	sample string
	before []uint64 // counts at start
}

var _ sdkmetric.Producer = (*runtimeHistograms)(nil)

// newRuntimeHistograms counts from now on.
func newRuntimeHistograms() *runtimeHistograms {
	h := &runtimeHistograms{start: time.Now(), metrics: []runtimeHistogram{
		{sample: "/sched/latencies:seconds", Metrics: metricdata.Metrics{
			Name: goconv.ScheduleDuration{}.Name(), Unit: goconv.ScheduleDuration{}.Unit(), Description: goconv.ScheduleDuration{}.Description(),
		}},
		{sample: "/sched/pauses/total/gc:seconds", Metrics: metricdata.Metrics{
			Name: goconv.MemoryGCPauseDuration{}.Name(), Unit: goconv.MemoryGCPauseDuration{}.Unit(), Description: goconv.MemoryGCPauseDuration{}.Description(),
		}},
	}}
	for i := range h.metrics {
		if read := readHistogram(h.metrics[i].sample); read != nil {
			h.metrics[i].before = append([]uint64(nil), read.Counts...)
		}
	}
	return h
}

func readHistogram(name string) *runtimemetrics.Float64Histogram {
	sample := []runtimemetrics.Sample{{Name: name}}
	runtimemetrics.Read(sample)
	if sample[0].Value.Kind() != runtimemetrics.KindFloat64Histogram {
		return nil
	}
	return sample[0].Value.Float64Histogram()
}

// Produce implements sdkmetric.Producer: running totals since the start.
func (h *runtimeHistograms) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	now := time.Now()
	var made []metricdata.Metrics
	for i := range h.metrics {
		m := h.metrics[i]
		read := readHistogram(m.sample)
		if read == nil || len(read.Counts) != len(m.before) || len(read.Buckets) != len(read.Counts)+1 {
			continue
		}
		m.Data = metricdata.Histogram[float64]{
			Temporality: metricdata.CumulativeTemporality,
			DataPoints:  []metricdata.HistogramDataPoint[float64]{histogramSince(read, m.before, h.start, now)},
		}
		made = append(made, m.Metrics)
	}
	return []metricdata.ScopeMetrics{{Scope: instrumentation.Scope{Name: scope, SchemaURL: semconv.SchemaURL}, Metrics: made}}, nil
}

// histogramSince is the runtime's histogram without what it counted before. The
// runtime keeps no sum: each value counts as the middle of its bucket.
func histogramSince(read *runtimemetrics.Float64Histogram, before []uint64, start, now time.Time) metricdata.HistogramDataPoint[float64] {
	p := metricdata.HistogramDataPoint[float64]{StartTime: start, Time: now}
	edges := read.Buckets
	if !math.IsInf(edges[0], -1) {
		p.Bounds = append(p.Bounds, edges[0])
		p.BucketCounts = append(p.BucketCounts, 0) // nothing lies below
	}
	for i, n := range read.Counts {
		n -= before[i]
		low, high := edges[i], edges[i+1]
		if !math.IsInf(high, 1) {
			p.Bounds = append(p.Bounds, high)
		}
		p.BucketCounts = append(p.BucketCounts, n)
		p.Count += n
		switch {
		case n == 0:
		case math.IsInf(low, -1):
			p.Sum += float64(n) * high
		case math.IsInf(high, 1):
			p.Sum += float64(n) * low
		default:
			p.Sum += float64(n) * (low + (high-low)/2)
		}
	}
	if len(p.BucketCounts) == len(p.Bounds) {
		p.BucketCounts = append(p.BucketCounts, 0) // nothing lies above
	}
	return p
}
