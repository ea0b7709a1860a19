package loadbalancing

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
)

// A consume sends what it is given to one collector.
type consume[T any] func(context.Context, T) error

// A signal is what differs between traces, metrics and logs.
type signal[T any] struct {
	// items counts spans, data points or records.
	items func(T) int
	// split copies data into shares, by the index that is chosen for their keys.
	split func(T, chooser) map[int]T
	// merge moves from into another.
	merge func(into, from T)
	// again is an error with which exporterhelper tries rest again and nothing else.
	again func(err error, rest T) error
	// open makes an otlp exporter.
	open func(context.Context, exporter.Settings, *otlpexporter.Config) (component.Component, consume[T], error)
}

// A balancer divides what it is given among collectors.
type balancer[T any] struct {
	signal *signal[T]
	config *Config
	set    exporter.Settings
	stats  *stats
	table  atomic.Pointer[table[T]]
	host   component.Host
	stop   func() // ends the resolver
	closed sync.WaitGroup
}

// A table is the collectors at one time. It never changes.
type table[T any] struct {
	endpoints []string // sorted
	backends  []*backend[T]
	ring      ring
}

func newBalancer[T any](set exporter.Settings, c *Config, s *signal[T]) (*balancer[T], error) {
	b := &balancer[T]{signal: s, config: c, set: set, stop: func() {}}
	b.table.Store(&table[T]{})
	var err error
	b.stats, err = newStats(set, func() int { return len(b.table.Load().backends) })
	return b, err
}

func (b *balancer[T]) start(ctx context.Context, host component.Host) error {
	b.host = host
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	wait := b.config.Resolver.start(ctx, b.set.Logger, b.stats, b.update)
	b.stop = func() { cancel(); wait() }
	return nil
}

// shutdown is called when the queue has come to its end: what it still holds is on its disk, or lost with it.
func (b *balancer[T]) shutdown(context.Context) error {
	b.stop()
	b.update(nil)
	b.closed.Wait()
	return b.stats.close()
}

// update takes note of the collectors that there are now; endpoints are sorted, each once. Only one goroutine calls it.
func (b *balancer[T]) update(endpoints []string) {
	old := b.table.Load()
	known := make(map[string]*backend[T], len(old.backends))
	for i, endpoint := range old.endpoints {
		known[endpoint] = old.backends[i]
	}
	next := &table[T]{endpoints: endpoints, ring: newRing(endpoints)}
	for _, endpoint := range endpoints {
		one := known[endpoint]
		if one == nil {
			one = newBackend(b, endpoint)
		}
		delete(known, endpoint)
		next.backends = append(next.backends, one)
	}
	b.table.Store(next)
	for _, gone := range known {
		b.closed.Go(gone.retire)
	}
}

// A round is one division of data among the collectors that can be reached.
type round[T any] struct {
	table *table[T]
	now   time.Time
	asked []answer // by backend
	left  int      // backends that may still be usable
}

type answer byte

const (
	notAsked answer = iota
	usable
	unusable
)

func (b *balancer[T]) newRound() *round[T] {
	t := b.table.Load()
	return &round[T]{table: t, now: time.Now(), asked: make([]answer, len(t.backends)), left: len(t.backends)}
}

// choose is the collector that a key belongs to, or the next one on the ring that can be reached.
func (r *round[T]) choose(key []byte) int {
	if r.left == 0 {
		return nobody
	}
	owners := r.table.ring.owners
	first := r.table.ring.find(key)
	for i := range owners {
		owner := owners[(first+i)%len(owners)]
		if r.usable(owner) {
			return owner
		}
		if r.left == 0 {
			break
		}
	}
	return nobody
}

// usable asks a backend once a round, since asking one that is down may be leave to try it.
func (r *round[T]) usable(owner int) bool {
	if r.asked[owner] == notAsked {
		if r.asked[owner] = usable; !r.table.backends[owner].try(r.now) {
			r.asked[owner] = unusable
			r.left--
		}
	}
	return r.asked[owner] == usable
}

// shares divides data. With one collector there is nothing to divide, and nothing is copied.
func (b *balancer[T]) shares(r *round[T], data T) map[int]T {
	if len(r.table.backends) <= 1 {
		return map[int]T{r.choose(nil): data}
	}
	return b.signal.split(data, r.choose)
}
