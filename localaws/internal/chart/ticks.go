package chart

import (
	"math"
	"strconv"
	"time"
)

// A scale maps values to pixels.
type scale struct {
	low, high float64 // values
	from, to  float64 // pixels
}

func (s scale) at(v float64) float64 {
	if s.high == s.low {
		return (s.from + s.to) / 2
	}
	part := (v - s.low) / (s.high - s.low)
	return s.from + min(max(part, -1), 2)*(s.to-s.from) // far outside is outside
}

// niceStep is a step of 1, 2 or 5 times a power of ten that makes about n steps.
func niceStep(span float64, n int) float64 {
	raw := span / float64(max(n, 1))
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, factor := range []float64{1, 2, 5} {
		if raw <= factor*power {
			return factor * power
		}
	}
	return 10 * power
}

// maxTicks bounds what odd bounds of an axis could ask for.
const maxTicks = 50

// valueTicks are round values within the bounds.
func valueTicks(low, high float64, n int) []float64 {
	step := niceStep(high-low, n)
	if !(step > 0) || math.IsInf(step, 0) {
		return []float64{low}
	}
	var ticks []float64
	for k := math.Ceil(low/step - 1e-9); k*step <= high+step*1e-9 && len(ticks) < maxTicks; k++ {
		ticks = append(ticks, k*step+0) // no -0
	}
	return ticks
}

// valueText is a value as short as a label has room for: 1.5k, 20M, 0.25.
func valueText(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(v) >= unit.size && math.Abs(v) < 1e15 {
			return digits(v/unit.size) + unit.name
		}
	}
	return digits(v)
}

// digits writes four digits at most.
func digits(v float64) string {
	f, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	if err != nil {
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	if size := math.Abs(f); f != 0 && (size < 1e-4 || size >= 1e15) {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// timeSteps are the distances that ticks of time may have, in seconds.
var timeSteps = [...]int64{
	1, 5, 10, 30, 60, 2 * 60, 5 * 60, 10 * 60, 15 * 60, 30 * 60, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600,
	86400, 2 * 86400, 7 * 86400, 14 * 86400, 30 * 86400, 90 * 86400, 365 * 86400,
}

// timeTicks are round times of a zone within the bounds, about n, and how they are
// written.
func timeTicks(start, end time.Time, n int, zone *time.Location) (ticks []int64, layout string) {
	span := end.Unix() - start.Unix()
	step := timeSteps[len(timeSteps)-1]
	for _, s := range timeSteps {
		if span/s <= int64(max(n, 1)) {
			step = s
			break
		}
	}
	step = max(step, span/maxTicks)
	_, offset := start.In(zone).Zone()
	first := (start.Unix() + int64(offset) + step - 1) / step * step
	for t := first - int64(offset); t <= end.Unix(); t += step {
		ticks = append(ticks, t)
	}
	switch {
	case step < 60:
		layout = "15:04:05"
	case step < 86400 && span <= 86400:
		layout = "15:04"
	case step < 86400:
		layout = "01/02 15:04"
	default:
		layout = "01/02"
	}
	return ticks, layout
}
