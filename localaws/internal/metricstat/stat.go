package metricstat

import (
	"fmt"
	"strconv"
	"strings"
)

// kind is what a statistic computes.
type kind int

const (
	sampleCount kind = iota
	sum
	average
	minimum
	maximum
	percentile
	trimmedMean
	trimmedCount
	trimmedSum
	winsorizedMean
	percentileRank
)

// bounds are the edges of a trimmed statistic.
type bounds struct {
	low, high       float64
	hasLow, hasHigh bool
	percent         bool // of the samples, not values
}

// A Stat is a statistic of CloudWatch that was read from its name.
type Stat struct {
	kind  kind
	point float64 // percentile
	bounds
}

// maxDecimals is how many decimals a bound may have.
const maxDecimals = 10

// Parse reads a statistic: Average, p99.9, tm90, TM(10%:90%), PR(:300), IQM, …
func Parse(name string) (Stat, error) {
	switch name {
	case "SampleCount":
		return Stat{kind: sampleCount}, nil
	case "Sum":
		return Stat{kind: sum}, nil
	case "Average":
		return Stat{kind: average}, nil
	case "Minimum":
		return Stat{kind: minimum}, nil
	case "Maximum":
		return Stat{kind: maximum}, nil
	case "IQM":
		return Stat{kind: trimmedMean, bounds: bounds{low: 25, high: 75, hasLow: true, hasHigh: true, percent: true}}, nil
	}
	if p, ok := strings.CutPrefix(name, "p"); ok {
		n, ok := number(p)
		if ok && n <= 100 {
			return Stat{kind: percentile, point: n}, nil
		}
		return Stat{}, fmt.Errorf("%q is not a valid statistic", name)
	}
	if s, ok := parseShort(name); ok {
		return s, nil
	}
	if s, ok := parseRange(name); ok {
		return s, nil
	}
	return Stat{}, fmt.Errorf("%q is not a valid statistic", name)
}

// IsPlain reports whether s is one of the five that every metric has.
func (s Stat) IsPlain() bool { return s.kind <= maximum }

// parseShort reads the small letters: tm90 is TM(:90%).
func parseShort(name string) (Stat, bool) {
	if len(name) < 3 {
		return Stat{}, false
	}
	kinds := map[string]kind{"tm": trimmedMean, "tc": trimmedCount, "ts": trimmedSum, "wm": winsorizedMean}
	k, known := kinds[name[:2]]
	n, ok := number(name[2:])
	if !known || !ok || n > 100 {
		return Stat{}, false
	}
	return Stat{kind: k, bounds: bounds{high: n, hasHigh: true, percent: true}}, true
}

// parseRange reads the capital letters, which want bounds in parentheses.
func parseRange(name string) (Stat, bool) {
	if len(name) < 5 || name[2] != '(' || name[len(name)-1] != ')' {
		return Stat{}, false
	}
	kinds := map[string]kind{
		"TM": trimmedMean, "TC": trimmedCount, "TS": trimmedSum, "WM": winsorizedMean, "PR": percentileRank,
	}
	k, known := kinds[name[:2]]
	low, high, found := strings.Cut(name[3:len(name)-1], ":")
	if !known || !found || low == "" && high == "" {
		return Stat{}, false
	}
	percent := strings.HasSuffix(low, "%") || strings.HasSuffix(high, "%")
	if percent && k == percentileRank {
		return Stat{}, false
	}
	s := Stat{kind: k, bounds: bounds{percent: percent}}
	var okLow, okHigh bool
	s.low, s.hasLow, okLow = bound(low, percent)
	s.high, s.hasHigh, okHigh = bound(high, percent)
	if !okLow || !okHigh || s.hasLow && s.hasHigh && s.low >= s.high {
		return Stat{}, false
	}
	return s, true
}

// bound reads one side of a range; either may be empty.
func bound(text string, percent bool) (value float64, has, ok bool) {
	if text == "" {
		return 0, false, true
	}
	if percent {
		if !strings.HasSuffix(text, "%") {
			return 0, false, false
		}
		text = strings.TrimSuffix(text, "%")
	}
	n, ok := number(text)
	return n, true, ok && (!percent || n <= 100)
}

// number reads digits with at most maxDecimals decimals.
func number(text string) (float64, bool) {
	whole, decimals, dotted := strings.Cut(text, ".")
	if !digits(whole) || dotted && (!digits(decimals) || len(decimals) > maxDecimals) {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// SampleCount is the statistic of that name.
func SampleCount() Stat { return Stat{kind: sampleCount} }

// Percentile is the point of a percentile, e.g. 99.9; false: it is none.
func (s Stat) Percentile() (float64, bool) { return s.point, s.kind == percentile }
