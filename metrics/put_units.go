package metrics

import "strings"

// The units of CloudWatch.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
const (
	Seconds            = "Seconds"
	Microseconds       = "Microseconds"
	Milliseconds       = "Milliseconds"
	Bytes              = "Bytes"
	Kilobytes          = "Kilobytes"
	Megabytes          = "Megabytes"
	Gigabytes          = "Gigabytes"
	Terabytes          = "Terabytes"
	Bits               = "Bits"
	Kilobits           = "Kilobits"
	Megabits           = "Megabits"
	Gigabits           = "Gigabits"
	Terabits           = "Terabits"
	Percent            = "Percent"
	Count              = "Count"
	BytesPerSecond     = "Bytes/Second"
	KilobytesPerSecond = "Kilobytes/Second"
	MegabytesPerSecond = "Megabytes/Second"
	GigabytesPerSecond = "Gigabytes/Second"
	TerabytesPerSecond = "Terabytes/Second"
	BitsPerSecond      = "Bits/Second"
	KilobitsPerSecond  = "Kilobits/Second"
	MegabitsPerSecond  = "Megabits/Second"
	GigabitsPerSecond  = "Gigabits/Second"
	TerabitsPerSecond  = "Terabits/Second"
	CountPerSecond     = "Count/Second"
)

// isUnit tells CloudWatch's own units.
func isUnit(unit string) bool {
	switch unit {
	case Seconds, Microseconds, Milliseconds, Percent, Count, CountPerSecond, UnitNone,
		Bytes, Kilobytes, Megabytes, Gigabytes, Terabytes,
		Bits, Kilobits, Megabits, Gigabits, Terabits,
		BytesPerSecond, KilobytesPerSecond, MegabytesPerSecond, GigabytesPerSecond, TerabytesPerSecond,
		BitsPerSecond, KilobitsPerSecond, MegabitsPerSecond, GigabitsPerSecond, TerabitsPerSecond:
		return true
	}
	return false
}

// handUnit is the CloudWatch unit that code means: one of CloudWatch's, one of
// OpenTelemetry's that CloudWatch has, or none.
func handUnit(unit string) (string, bool) {
	if unit == "" || isUnit(unit) {
		return unit, true
	}
	if known := Unit(unit); known != UnitNone {
		return known, true
	}
	return "", false
}

// ucum is OpenTelemetry's unit for one of CloudWatch's: the reverse of Unit.
func ucum(unit string) string {
	switch unit {
	case "", UnitNone:
		return ""
	case Seconds:
		return "s"
	case Milliseconds:
		return "ms"
	case Microseconds:
		return "us"
	case Percent:
		return "%"
	case Count:
		return "1"
	}
	whole, perSecond := strings.CutSuffix(unit, "/Second")
	prefix, base := "", "By"
	if rest, ok := strings.CutSuffix(whole, "its"); ok { // Bits, Kilobits
		base, whole = "bit", rest+"ytes"
	}
	switch whole {
	case Kilobytes:
		prefix = "k"
	case Megabytes:
		prefix = "M"
	case Gigabytes:
		prefix = "G"
	case Terabytes:
		prefix = "T"
	case Count:
		base = "1"
	}
	if perSecond {
		base += "/s"
	}
	return prefix + base
}
