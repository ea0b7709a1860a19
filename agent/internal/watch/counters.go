package watch

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// window is over how long rates are taken: batches leave by the second and less often.
const window = 5 * time.Second

// A history is the snapshots of the last window, and the one before it.
type history []snapshot

// add takes one more. A collector that began anew begins a new history.
func (h history) add(s snapshot) history {
	if len(h) > 0 {
		if before, _ := h[len(h)-1].total(upName, nil); before > 0 {
			if up, _ := s.total(upName, nil); up < before {
				h = nil
			}
		}
	}
	h = append(h, s)
	for len(h) > 2 && s.at.Sub(h[1].at) >= window {
		h = h[1:]
	}
	return h
}

// counters are the newest snapshot and one to compare it with.
type counters struct {
	now, old snapshot
	seconds  float64 // between them; 0 where there is only one
}

func (h history) counters() counters {
	c := counters{now: h[len(h)-1], old: h[0]}
	c.seconds = c.now.at.Sub(c.old.at).Seconds()
	return c
}

// rate is how much a counter grows a second; NaN where it is not known.
func (c counters) rate(name string, l labels) float64 {
	if c.seconds <= 0 {
		return math.NaN()
	}
	now, _ := c.now.total(name, l)
	old, _ := c.old.total(name, l)
	if now < old {
		return math.NaN()
	}
	return (now - old) / c.seconds
}

// mean is a histogram's since the old snapshot; NaN where nothing came since.
func (c counters) mean(name string, l labels) float64 {
	count, sum := c.now.histogram(name, l)
	if c.seconds > 0 {
		oldCount, oldSum := c.old.histogram(name, l)
		count, sum = count-oldCount, sum-oldSum
	}
	if count <= 0 {
		return math.NaN()
	}
	return sum / count
}

// count is a counter as text.
func (c counters) count(name string, l labels) string {
	v, _ := c.now.total(name, l)
	return number(v)
}

// values are those of labels over the series of some names, sorted: each once.
func (c counters) values(names []string, of ...string) [][]string {
	seen := map[string][]string{}
	for _, name := range names {
		for _, m := range c.now.metrics[name] {
			key := make([]string, len(of))
			for i, label := range of {
				key[i] = m.labels[label]
			}
			seen[strings.Join(key, "\x00")] = key
		}
	}
	out := make([][]string, 0, len(seen))
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		out = append(out, seen[key])
	}
	return out
}

// withPrefix are the metrics whose names begin so, by what follows, sorted.
func (c counters) withPrefix(prefix string) []string {
	var out []string
	for name := range c.now.metrics {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return out
}
