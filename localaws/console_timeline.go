package localaws

import (
	"math"
	"time"
)

// A timeline counts events by their time, in bins that grow wider as the range
// grows, so that it needs little memory for any number of events.
type timeline struct {
	width  int // index into timelineWidths
	counts map[int64]int
}

// timelineWidths are the bins, each a multiple of the one before it.
var timelineWidths = [...]time.Duration{
	time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second,
	time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour, 364 * 24 * time.Hour,
}

// Bins that are kept while events come, and bars that are drawn in the end.
const (
	timelineBins = 4000
	timelineBars = 60
)

func (t *timeline) add(at int64) {
	if t.counts == nil {
		t.counts = make(map[int64]int)
	}
	t.counts[floorTo(at, timelineWidths[t.width].Milliseconds())]++
	if len(t.counts) > timelineBins {
		t.widen(t.width + 1)
	}
}

// widen puts the counts into wider bins.
func (t *timeline) widen(width int) {
	if t.width = min(width, len(timelineWidths)-1); len(t.counts) == 0 {
		return
	}
	wide := make(map[int64]int)
	for at, n := range t.counts {
		wide[floorTo(at, timelineWidths[t.width].Milliseconds())] += n
	}
	t.counts = wide
}

// A consoleHistogram has one count a bar, from Start on, Step milliseconds each.
type consoleHistogram struct {
	Start  int64 `json:"start"`
	Step   int64 `json:"step"`
	Counts []int `json:"counts"`
}

// histogram spans the range as far as it is bounded, else the events; a range
// that has a start alone reaches to now.
func (t *timeline) histogram(r logRange, now time.Time) consoleHistogram {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for at := range t.counts {
		first, last = min(first, at), max(last, at)
	}
	if len(t.counts) == 0 {
		return consoleHistogram{Counts: []int{}}
	}
	if r.start.at != math.MinInt64 {
		first = min(first, r.start.at)
		last = max(last, now.UnixMilli())
	}
	if r.end.at != math.MaxInt64 {
		last = r.end.at - 1
	}
	width := t.width
	for width < len(timelineWidths)-1 && (last-first)/timelineWidths[width].Milliseconds() >= timelineBars {
		width++
	}
	t.widen(width)
	step := timelineWidths[width].Milliseconds()
	h := consoleHistogram{Start: floorTo(first, step), Step: step}
	h.Counts = make([]int, min((floorTo(last, step)-h.Start)/step+1, timelineBins))
	for at, n := range t.counts {
		if i := (at - h.Start) / step; i < int64(len(h.Counts)) {
			h.Counts[i] += n
		}
	}
	return h
}
