package localaws

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What AWS writes as the reason of a state, as seen in alarms of real accounts.

const (
	reasonCreated = "Unchecked: Initial alarm creation"

	reasonPointTime = "02/01/06 15:04:05" // of a point in the text
	reasonDataTime  = "2006-01-02T15:04:05.000-0700"
)

// reason is the text for a verdict.
func (a *metricAlarm) reason(v *verdict) string {
	n := a.EvaluationPeriods
	if v.state == stateInsufficient {
		return "Insufficient Data: " + counted(n, "datapoint was", "datapoints were") + " unknown."
	}
	if len(v.points) == 0 {
		return fmt.Sprintf("Threshold Crossed: no datapoints were received for %s and %s.", counted(n, "period", "periods"), a.treated(v.filled))
	}
	shown, not, were := v.points, "not ", "were"
	if v.state == stateAlarm {
		not = ""
		shown = slices.DeleteFunc(slices.Clone(shown), func(s alarmSlot) bool { return !s.breach })
	} else {
		shown = slices.DeleteFunc(slices.Clone(shown), func(s alarmSlot) bool { return s.breach })
	}
	switch len(shown) {
	case 0: // those that are missing decided alone
		return "Threshold Crossed: " + a.treated(v.filled) + "."
	case 1:
		were = "was"
	}
	texts := make([]string, len(shown))
	for i, s := range shown {
		texts[i] = fmt.Sprintf("%s (%s)", javaDouble(s.value), time.Unix(s.at, 0).UTC().Format(reasonPointTime))
	}
	text := fmt.Sprintf("[%s] %s %s%s the threshold (%s)", strings.Join(texts, ", "), were, not, a.comparison(), javaDouble(a.Threshold))
	if a.DatapointsToAlarm == nil {
		text = counted(len(shown), "datapoint", "datapoints") + " " + text
	} else {
		text = fmt.Sprintf("%d out of the last %d datapoints %s (%s)", len(shown), n, text, a.transition(v.state))
	}
	if v.filled > 0 {
		text += " and " + a.treated(v.filled)
	}
	return "Threshold Crossed: " + text + "."
}

// transition is how many points it takes to change into a state.
func (a *metricAlarm) transition(state string) string {
	if state == stateAlarm {
		return "minimum " + counted(a.toAlarm(), "datapoint", "datapoints") + " for OK -> ALARM transition"
	}
	return "minimum " + counted(a.EvaluationPeriods-a.toAlarm()+1, "datapoint", "datapoints") + " for ALARM -> OK transition"
}

func (a *metricAlarm) treated(filled int) string {
	as := map[string]string{missingBreaching: "Breaching", missingNotBreaching: "NonBreaching", missingIgnore: "Ignore"}[a.treatMissing()]
	if as == "" {
		as = "Missing"
	}
	return fmt.Sprintf("%s treated as [%s]", counted(filled, "missing datapoint was", "missing datapoints were"), as)
}

func (a *metricAlarm) comparison() string {
	return map[string]string{
		"GreaterThanOrEqualToThreshold": "greater than or equal to",
		"GreaterThanThreshold":          "greater than",
		"LessThanThreshold":             "less than",
		"LessThanOrEqualToThreshold":    "less than or equal to",
	}[a.ComparisonOperator]
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// javaDouble writes a number as AWS's texts do: 5.0, 0.25, 1.0E10.
func javaDouble(f float64) string {
	if size := math.Abs(f); f == 0 || size >= 1e-3 && size < 1e7 {
		text := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	power, _ := strconv.Atoi(exponent) // as FormatFloat wrote it
	return mantissa + "E" + strconv.Itoa(power)
}

// reasonData is the reason as JSON.
type reasonData struct {
	Version             string           `json:"version"`
	QueryDate           string           `json:"queryDate"`
	StartDate           string           `json:"startDate,omitempty"`
	Unit                string           `json:"unit,omitempty"`
	Statistic           string           `json:"statistic,omitempty"`
	Period              int64            `json:"period"`
	RecentDatapoints    []float64        `json:"recentDatapoints"`
	Threshold           float64          `json:"threshold"`
	EvaluatedDatapoints []evaluatedPoint `json:"evaluatedDatapoints"`
}

type evaluatedPoint struct {
	Timestamp   string   `json:"timestamp"`
	SampleCount float64  `json:"sampleCount,omitempty"`
	Value       *float64 `json:"value,omitempty"`
}

// maxReasonData is AWS's limit of the JSON, in characters.
const maxReasonData = 4000

func (w *alarmWatch) reasonData(v *verdict, slots []alarmSlot, now time.Time) string {
	d := reasonData{
		Version: "1.0", QueryDate: now.UTC().Format(reasonDataTime), Unit: deref(w.Unit), Statistic: w.statistic(), Period: w.period,
		RecentDatapoints: []float64{}, Threshold: w.Threshold, EvaluatedDatapoints: []evaluatedPoint{},
	}
	points := v.points
	if len(points) == 0 { // the periods that had none
		points = slices.Clone(slots[max(0, len(slots)-w.EvaluationPeriods):])
		slices.Reverse(points)
	}
	for _, s := range points {
		at := time.Unix(s.at, 0).UTC().Format(reasonDataTime)
		p := evaluatedPoint{Timestamp: at, SampleCount: s.samples}
		if s.present {
			p.Value = &s.value
			d.StartDate = at
			d.RecentDatapoints = slices.Insert(d.RecentDatapoints, 0, s.value)
		}
		d.EvaluatedDatapoints = append(d.EvaluatedDatapoints, p)
	}
	for {
		text, err := json.Marshal(d)
		if err != nil {
			return ""
		}
		if n := len(d.EvaluatedDatapoints); len(text) > maxReasonData && n > 1 {
			d.EvaluatedDatapoints = d.EvaluatedDatapoints[:n/2]
			d.RecentDatapoints = d.RecentDatapoints[len(d.RecentDatapoints)/2:]
			continue
		}
		return string(text)
	}
}
