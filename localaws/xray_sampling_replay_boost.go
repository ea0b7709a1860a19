package localaws

import (
	"math"
	"time"
)

// A replayedBoost is the boost of one rule in a replay, by the service's own
// reckoning. The faults of a window are reported in the next one and looked at
// when that is over. Only the root services' faults are known to a replay, and
// count as those of one service.
type replayedBoost struct {
	rule    samplingRule
	state   ruleBoost
	found   map[int64]*replayedAnomalies // by window
	reached int64                        // the last window that was asked for
}

type replayedAnomalies struct{ found, sampled float64 }

func newReplayedBoost(rule samplingRule) *replayedBoost {
	return &replayedBoost{rule: rule, found: make(map[int64]*replayedAnomalies)}
}

// reportDelay is after how many windows anomalies are looked at.
const reportDelay = 2

// rate is what holds in a window; windows come in order.
func (b *replayedBoost) rate(window int64) float64 {
	if b.rule.SamplingRateBoost == nil {
		return b.rule.FixedRate
	}
	now := time.Unix(window*int64(usageWindow.Seconds()), 0)
	if window != b.reached {
		b.reached = window
		if sum := b.found[window-reportDelay]; sum != nil {
			b.state.filling = map[string]anomalies{"": {int64(math.Round(sum.found)), int64(math.Round(sum.sampled))}}
			b.state.start(b.rule, now)
		}
	}
	if boost := b.state.active(now); boost != nil {
		return boost.BoostRate
	}
	return b.rule.FixedRate
}

func (b *replayedBoost) add(window int64, found, sampled float64) {
	if b.rule.SamplingRateBoost == nil {
		return
	}
	sum := b.found[window]
	if sum == nil {
		sum = &replayedAnomalies{}
		b.found[window] = sum
	}
	sum.found += found
	sum.sampled += sampled
}
