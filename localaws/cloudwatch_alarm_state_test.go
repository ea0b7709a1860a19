package localaws

import (
	"strings"
	"testing"
)

// slotsOf reads slots, oldest first: 0 is within the threshold, X is not, - is
// missing.
func slotsOf(text string) []alarmSlot {
	var slots []alarmSlot
	for i, f := range strings.Fields(text) {
		slots = append(slots, alarmSlot{at: int64(i) * 60, present: f != "-", breach: f == "X"})
	}
	return slots
}

// The tables of AWS's page on missing data, and what it says beside them.
func TestDecide(t *testing.T) {
	const insufficient, retain = stateInsufficient, ""
	f := func(m int, points string, missing, ignore, breaching, notBreaching string) {
		t.Helper()
		for treat, want := range map[string]string{
			missingMissing: missing, missingIgnore: ignore, missingBreaching: breaching, missingNotBreaching: notBreaching,
		} {
			if got := decide(slotsOf(points), m, 3, treat).state; got != want {
				t.Errorf("%d of 3, %s, %s: got %q, want %q", m, points, treat, got, want)
			}
		}
	}
	f(3, "0 - X - X", stateOK, stateOK, stateOK, stateOK)
	f(3, "0 - - - -", stateOK, stateOK, stateOK, stateOK)
	f(3, "- - - - -", insufficient, retain, stateAlarm, stateOK)
	f(3, "0 X X - X", stateAlarm, stateAlarm, stateAlarm, stateAlarm)
	f(3, "- - X - -", stateAlarm, retain, stateAlarm, stateOK)
	f(3, "- - - - X", insufficient, retain, stateAlarm, stateOK)
	f(3, "- - - X -", insufficient, retain, stateAlarm, stateOK)
	f(3, "- - - X 0", stateOK, stateOK, stateOK, stateOK)

	f(2, "0 - X - X", stateAlarm, stateAlarm, stateAlarm, stateAlarm)
	f(2, "0 0 X 0 X", stateAlarm, stateAlarm, stateAlarm, stateAlarm)
	f(2, "0 - X - -", stateOK, stateOK, stateAlarm, stateOK)
	f(2, "- - - - 0", stateOK, stateOK, stateAlarm, stateOK)
	f(2, "- - - X -", stateAlarm, retain, stateAlarm, stateOK)

	f(1, "0 0 0 0 X", stateAlarm, stateAlarm, stateAlarm, stateAlarm)
	f(1, "X X 0 0 0", stateOK, stateOK, stateOK, stateOK)
}

func TestAlarmReason(t *testing.T) {
	f := func(change func(*metricAlarm), points, want string) {
		t.Helper()
		n := 3
		a := &metricAlarm{EvaluationPeriods: n, ComparisonOperator: "GreaterThanThreshold", Threshold: 42}
		change(a)
		slots := slotsOf(points)
		for i := range slots {
			if slots[i].breach {
				slots[i].value = 161.5
			}
		}
		v := decide(slots, a.toAlarm(), a.EvaluationPeriods, a.treatMissing())
		if got := a.reason(&v); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", points, got, want)
		}
	}
	plain := func(*metricAlarm) {}
	of := func(m, n int, missing string) func(*metricAlarm) {
		return func(a *metricAlarm) { a.DatapointsToAlarm, a.EvaluationPeriods, a.TreatMissingData = &m, n, &missing }
	}
	f(plain, "- - - - -", "Insufficient Data: 3 datapoints were unknown.")
	f(plain, "- - 0 0 0", "Threshold Crossed: 3 datapoints [0.0 (01/01/70 00:04:00), 0.0 (01/01/70 00:03:00), 0.0 (01/01/70 00:02:00)] were not greater than the threshold (42.0).")
	f(of(1, 1, missingMissing), "X", "Threshold Crossed: 1 out of the last 1 datapoints [161.5 (01/01/70 00:00:00)] was greater than the threshold (42.0) (minimum 1 datapoint for OK -> ALARM transition).")
	f(of(2, 3, missingMissing), "X 0 0", "Threshold Crossed: 2 out of the last 3 datapoints [0.0 (01/01/70 00:02:00), 0.0 (01/01/70 00:01:00)] were not greater than the threshold (42.0) (minimum 2 datapoints for ALARM -> OK transition).")
	f(of(2, 2, missingBreaching), "- - - -", "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].")
	f(of(2, 3, missingBreaching), "- - 0", "Threshold Crossed: 2 missing datapoints were treated as [Breaching].")
	f(func(a *metricAlarm) { a.TreatMissingData = new(missingNotBreaching) }, "- - 0",
		"Threshold Crossed: 1 datapoint [0.0 (01/01/70 00:02:00)] was not greater than the threshold (42.0) and 2 missing datapoints were treated as [NonBreaching].")
}

func TestJavaDouble(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 42: "42.0", 99.83333333333333: "99.83333333333333", -1.5: "-1.5", 0.001: "0.001",
		1e7: "1.0E7", 1234567890: "1.23456789E9", 0.00025: "2.5E-4", 9999999: "9999999.0",
	} {
		if got := javaDouble(f); got != want {
			t.Errorf("%v: got %s, want %s", f, got, want)
		}
	}
}

func TestTooFewSamples(t *testing.T) {
	f := func(percentile, samples float64, want bool) {
		t.Helper()
		if got := tooFewSamples(percentile, []alarmSlot{{samples: samples / 2}, {samples: samples / 2}}); got != want {
			t.Errorf("p%v of %v samples: %v", percentile, samples, got)
		}
	}
	f(99, 998, true)
	f(99, 1002, false)
	f(50, 19, true)
	f(50, 20, false)
	f(10, 99, true)
	f(10, 100, false)
	f(100, 1, false)
}
