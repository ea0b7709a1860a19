package sampling

import (
	"math"
	"sync/atomic"
	"time"
	"unsafe"
)

// A reservoir gives out so many places a second: one word, the second and what was taken in it, so that a full one costs
// a load.
type reservoir struct{ word atomic.Uint64 }

// take takes a place of this second, if one of quota is left. now is the time since a fixed moment.
func (r *reservoir) take(now time.Duration, quota uint32) bool {
	second := uint32(now/time.Second) + 1 // 0 is no second
	for {
		old := r.word.Load()
		taken := uint32(old)
		switch last := uint32(old >> 32); {
		case last < second:
			taken = 0
		case last > second: // somebody was faster in the next one
			second = last
		}
		if taken >= quota {
			return false
		}
		if r.word.CompareAndSwap(old, uint64(second)<<32|uint64(taken+1)) {
			return true
		}
	}
}

// counts are what was decided by a rule, ever.
type counts struct{ requests, sampled, borrowed int64 }

func (c counts) minus(other counts) counts {
	return counts{c.requests - other.requests, c.sampled - other.sampled, c.borrowed - other.borrowed}
}

// shards is how many goroutines can count by a rule at a time without waiting for one another's cache lines, as a rule;
// a power of two.
const shards = 1 << shardBits

const shardBits = 4

// ownShard is the number of the shard that the calling goroutine counts in: a hash of where its stack is, which no two
// goroutines share. A shard by trace id would make every core write to every line.
func ownShard() uint64 {
	var here byte
	const (
		leastStack = 11                 // bits: no stack is smaller, so the others tell stacks apart
		golden     = 0x9E3779B97F4A7C15 // 2^64 by the golden ratio: neighbours come far apart
	)
	return uint64(uintptr(unsafe.Pointer(&here))>>leastStack) * golden >> (64 - shardBits) //nolint:gosec // never read through
}

// A shard is a part of a rule's counts, a cache line long.
type shard struct {
	requests, sampled, borrowed atomic.Int64
	_                           [64 - 3*8]byte
}

// ruleState is what a rule remembers; it outlives changes of the rule.
type ruleState struct {
	shards    [shards]shard
	reservoir reservoir
	target    atomic.Pointer[target]
	boost     boostCounts
	_         [64]byte // the next rule's

	// The statistics that the service has taken; the polling goroutine's.
	reported      counts
	reportedBoost boostTotals
}

func (s *ruleState) counts() counts {
	var c counts
	for i := range s.shards {
		// In the opposite order of the counting, so that no part is larger than the whole.
		c.borrowed += s.shards[i].borrowed.Load()
		c.sampled += s.shards[i].sampled.Load()
		c.requests += s.shards[i].requests.Load()
	}
	return c
}

// A target is what a service assigned for a rule. Times are since the sampler's beginning.
type target struct {
	bound      uint64 // of the rate
	rate       float64
	ownRate    bool // it was assigned; else it is the rule's
	quota      uint32
	hasQuota   bool
	quotaUntil time.Duration
	boost      uint64 // the bound of the raised rate, 0 without
	boostRate  float64
	boostUntil time.Duration
}

// boundOf is the number below which the random part of a trace id, 63 bits, must be: OpenTelemetry's own ratio sampler
// reads ids the same way, so that two services with the same rate keep the same traces.
func boundOf(rate float64) uint64 {
	switch {
	case rate >= 1:
		return 1 << 63
	case rate > 0: // not NaN
		return uint64(rate * (1 << 63))
	}
	return 0
}

func clampQuota(n int64) uint32 { return uint32(min(max(n, 0), math.MaxUint32-1)) }
