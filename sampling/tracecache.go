package sampling

import (
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// How many traces are remembered and for how long, as in AWS's distributions: 100,000 and ten minutes, at most.
const (
	maxTraces   = 100_000
	traceTTL    = 10 * time.Minute
	cacheShards = 16
)

// What is remembered of a trace.
const (
	traceSeen     = 1 << iota // counted
	traceBoosted              // counted as an anomaly
	traceCaptured             // its spans are sent
)

// traceCache remembers traces, in generations: when the younger one is full or old, it becomes the older one.
type traceCache struct{ shards [cacheShards]cacheShard }

type cacheShard struct {
	mu             sync.Mutex
	younger, older map[trace.TraceID]uint8
	since          time.Duration // of the younger one's beginning
}

func newTraceCache() *traceCache { return &traceCache{} }

// update lets change decide, under the shard's lock, what is remembered of a trace.
func (c *traceCache) update(id trace.TraceID, now time.Duration, change func(before uint8) uint8) {
	shard := &c.shards[id[15]%cacheShards]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	shard.turn(now)
	before, ok := shard.younger[id]
	if !ok {
		before = shard.older[id]
	}
	if after := change(before); after != before || !ok && after != 0 {
		shard.younger[id] = after
	}
}

// turn begins a generation where it is time to.
func (s *cacheShard) turn(now time.Duration) {
	if s.younger != nil && len(s.younger) < maxTraces/cacheShards/2 && now-s.since < traceTTL/2 {
		return
	}
	s.older = s.younger
	if now-s.since >= traceTTL {
		s.older = nil
	}
	s.younger, s.since = make(map[trace.TraceID]uint8), now
}
