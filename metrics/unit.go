package metrics

import "strings"

// UnitNone is CloudWatch's unit for what has none, or none of its 27.
const UnitNone = "None"

// Unit is the CloudWatch unit for an OpenTelemetry one, which is written in
// UCUM: "s" is Seconds, "By/s" Bytes/Second, "1" and annotations such as
// "{request}" are Count. The binary multiples KiBy, MiBy, GiBy and TiBy are
// CloudWatch's Kilobytes to Terabytes, as are the decimal ones. Values are not
// converted, so a unit CloudWatch does not have, such as "ns", is None. A word of
// CloudWatch's stays.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
func Unit(unit string) string {
	if isUnit(unit) {
		return unit
	}
	whole, perSecond := strings.CutSuffix(unit, "/s")
	name, rated := unitName(whole)
	switch {
	case name == "", perSecond && !rated:
		return UnitNone
	case perSecond:
		return name + "/Second"
	}
	return name
}

// unitName is CloudWatch's word for a unit, and whether it also has that unit
// per second.
func unitName(unit string) (name string, rated bool) {
	switch unit {
	case "s":
		return "Seconds", false
	case "ms":
		return "Milliseconds", false
	case "us", "µs", "μs":
		return "Microseconds", false
	case "%":
		return "Percent", false
	case "By":
		return "Bytes", true
	case "kBy", "KBy", "KiBy":
		return "Kilobytes", true
	case "MBy", "MiBy":
		return "Megabytes", true
	case "GBy", "GiBy":
		return "Gigabytes", true
	case "TBy", "TiBy":
		return "Terabytes", true
	case "bit":
		return "Bits", true
	case "kbit", "Kbit", "Kibit":
		return "Kilobits", true
	case "Mbit", "Mibit":
		return "Megabits", true
	case "Gbit", "Gibit":
		return "Gigabits", true
	case "Tbit", "Tibit":
		return "Terabits", true
	case "1":
		return "Count", true
	}
	if len(unit) > 2 && unit[0] == '{' && strings.IndexByte(unit, '}') == len(unit)-1 {
		return "Count", true
	}
	return "", false
}
