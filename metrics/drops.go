package metrics

import "math"

// Reasons, in Dropped, of what is not sent as it came.
const (
	// DropNotFinite counts points with a value that is NaN or infinite.
	DropNotFinite = "not_finite"
	// DropOutOfRange counts points with a value beyond MaxValue.
	DropOutOfRange = "out_of_range"
	// DropNoValue counts points that say there was no measurement.
	DropNoValue = "no_value"
	// DropNoName counts points of metrics without a name.
	DropNoName = "no_name"
	// DropTooOld and DropTooNew count points whose time CloudWatch does not
	// take: older than two weeks, or more than two hours ahead.
	DropTooOld = "too_old"
	DropTooNew = "too_new"
	// DropOutOfOrder counts totals that are older than the last one seen.
	DropOutOfOrder = "out_of_order"
	// DropDimensionLimit counts dimensions beyond MaxDimensions; the point is
	// sent without them.
	DropDimensionLimit = "dimension_limit"
	// DropSeriesOverflow counts points of series beyond Config.MaxSeries, which
	// were sent as part of the overflow series, and what was put of series
	// beyond RecorderConfig.MaxSeries, which was kept without its dimensions.
	DropSeriesOverflow = "series_overflow"
	// DropSeriesLimit counts totals of series for which there is no memory left,
	// and what was put of more metrics than a Recorder has room for.
	DropSeriesLimit = "series_limit"
	// DropUnsupported counts points of kinds that are unknown.
	DropUnsupported = "unsupported"
	// DropClosed counts points that came after Shutdown.
	DropClosed = "closed"
)

// refusal is the reason CloudWatch does not take a value, or nothing.
func refusal(v float64) string {
	switch {
	case math.Abs(v) <= MaxValue:
		return ""
	case finite(v):
		return DropOutOfRange
	}
	return DropNotFinite
}

// taken says whether CloudWatch takes all of a list of values.
func taken(list []float64) bool {
	for _, f := range list {
		if !(math.Abs(f) <= MaxValue) { // also what is no number
			return false
		}
	}
	return true
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// settled is v, or zero where v is too close to it for CloudWatch.
func settled(v float64) float64 {
	if math.Abs(v) < MinValue {
		return 0
	}
	return v
}
