package watch

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// number writes a count: exactly below ten million, then with three digits that count.
func number(v float64) string {
	const exact = 10_000_000
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "?"
	}
	if math.Abs(v) >= exact {
		return scaled(v)
	}
	digits := strconv.FormatInt(int64(math.Round(v)), 10)
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}

// scaled writes a large number with its power of a thousand.
func scaled(v float64) string {
	for _, unit := range []string{"", "k", "M", "G"} {
		if math.Abs(v) < 999.5 {
			return strconv.FormatFloat(v, 'g', 3, 64) + unit
		}
		v /= 1000
	}
	return strconv.FormatFloat(v, 'g', 3, 64) + "T"
}

// rate writes how many a second; "" where it is not known.
func rate(v float64) string {
	switch {
	case math.IsNaN(v):
		return ""
	case v != 0 && math.Abs(v) < 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return number(v)
}

// mebibytes writes an amount of memory.
func mebibytes(v float64) string {
	const mib = 1 << 20
	if v < 10*mib {
		return fmt.Sprintf("%.1f MiB", v/mib)
	}
	return fmt.Sprintf("%.0f MiB", v/mib)
}

// lag writes seconds; "" where there are none.
func lag(seconds float64) string {
	switch {
	case math.IsNaN(seconds):
		return ""
	case seconds < 10:
		return fmt.Sprintf("%.2f s", seconds)
	case seconds < 120:
		return fmt.Sprintf("%.0f s", seconds)
	}
	return uptime(seconds)
}

// uptime writes a long time.
func uptime(seconds float64) string {
	const most = 1e9 // thirty years, so that a duration can hold it
	if math.IsNaN(seconds) {
		return "?"
	}
	d := time.Duration(min(max(seconds, 0), most)) * time.Second
	day := 24 * time.Hour
	switch {
	case d >= day:
		return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}
