package localaws

// How the state of an alarm follows from its points, as
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
// tells: more points are looked at than the alarm needs, and what is missing is
// filled in only where too few are there.

// What a missing point counts as, in the words of TreatMissingData.
const (
	missingMissing      = "missing"
	missingIgnore       = "ignore"
	missingBreaching    = "breaching"
	missingNotBreaching = "notBreaching"
)

// An alarmSlot is one period that an alarm looks at.
type alarmSlot struct {
	at      int64
	value   float64
	samples float64 // 0 where they are not known
	present bool
	breach  bool
}

// A verdict is the state that points give an alarm; "" keeps the one it has.
type verdict struct {
	state    string
	points   []alarmSlot // that were evaluated, newest first
	filled   int         // missing points that were filled in
	received int         // points that are there in the whole range
}

// decide evaluates slots, oldest first, by M of N and what is done with what is
// missing.
func decide(slots []alarmSlot, m, n int, missing string) verdict {
	v := verdict{}
	for i := len(slots) - 1; i >= 0; i-- {
		if slots[i].present {
			v.received++
			if len(v.points) < n {
				v.points = append(v.points, slots[i])
			}
		}
	}
	breaching := 0
	for _, p := range v.points {
		if p.breach {
			breaching++
		}
	}
	v.filled = n - len(v.points)
	if v.filled > 0 && missing == missingBreaching {
		breaching += v.filled
	}
	switch {
	case breaching >= m:
		v.state = stateAlarm
	case v.filled == 0, missing == missingBreaching, missing == missingNotBreaching:
		v.state = stateOK
	case breaching < len(v.points): // one that is there does not breach
		v.state = stateOK
	case missing == missingIgnore:
		v.state = ""
	case len(v.points) > 0 && oldestBreach(slots) >= m:
		v.state = stateAlarm // whatever comes next, too few points can be within the threshold
	default:
		v.state = stateInsufficient
	}
	return v
}

// oldestBreach is how far back the oldest point that breaches is, the newest slot
// being 1.
func oldestBreach(slots []alarmSlot) int {
	for i, s := range slots {
		if s.present && s.breach {
			return len(slots) - i
		}
	}
	return 0
}

// breaches compares a value with a threshold, by the names of ComparisonOperator.
func breaches(operator string, value, threshold float64) bool {
	switch operator {
	case "GreaterThanOrEqualToThreshold":
		return value >= threshold
	case "GreaterThanThreshold":
		return value > threshold
	case "LessThanThreshold":
		return value < threshold
	case "LessThanOrEqualToThreshold":
		return value <= threshold
	}
	return false
}

// Percentiles of fewer samples than lowSamples divided by their distance from the
// nearer end mean little; see AWS's page on percentile alarms and low data samples.
const lowSamples = 10

// tooFewSamples reports whether the points of a percentile alarm have too few
// samples to say anything.
func tooFewSamples(percentile float64, points []alarmSlot) bool {
	total := 0.0
	for _, p := range points {
		total += p.samples
	}
	p := percentile / 100
	if p >= 0.5 {
		p = 1 - p
	}
	const rounding = 1e-9 // 1-0.9 is 0.09999999999999998
	return p > 0 && total*p < lowSamples*(1-rounding)
}
