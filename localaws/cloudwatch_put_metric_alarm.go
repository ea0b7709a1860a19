package localaws

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/metricmath"
	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// PutMetricAlarm as AWS does it: alarms with a fixed threshold on one metric or on
// metric math, new or changed, M of N, with missing data and low sample counts as
// they say; see cloudwatch_alarm_evaluate.go for when they are evaluated. It leaves
// out: executing actions; anomaly detection, Metrics Insights and PromQL, which are
// refused loudly; reading tags back. Read from putMetricAlarmPage.

type putMetricAlarmInput struct {
	AlarmName                        *string           `json:"AlarmName"`
	AlarmDescription                 *string           `json:"AlarmDescription"`
	ActionsEnabled                   *bool             `json:"ActionsEnabled"`
	OKActions                        []string          `json:"OKActions"`
	AlarmActions                     []string          `json:"AlarmActions"`
	InsufficientDataActions          []string          `json:"InsufficientDataActions"`
	MetricName                       *string           `json:"MetricName"`
	Namespace                        *string           `json:"Namespace"`
	Statistic                        *string           `json:"Statistic"`
	ExtendedStatistic                *string           `json:"ExtendedStatistic"`
	Dimensions                       []metricDimension `json:"Dimensions"`
	Period                           *int              `json:"Period"`
	Unit                             *string           `json:"Unit"`
	EvaluationPeriods                *int              `json:"EvaluationPeriods"`
	DatapointsToAlarm                *int              `json:"DatapointsToAlarm"`
	Threshold                        *number           `json:"Threshold"`
	ComparisonOperator               *string           `json:"ComparisonOperator"`
	TreatMissingData                 *string           `json:"TreatMissingData"`
	EvaluateLowSampleCountPercentile *string           `json:"EvaluateLowSampleCountPercentile"`
	Metrics                          []metricDataQuery `json:"Metrics"`
	ThresholdMetricID                *string           `json:"ThresholdMetricId"`
	EvaluationCriteria               *struct{}         `json:"EvaluationCriteria"`
	Tags                             []alarmTag        `json:"Tags"`
}

type alarmTag struct {
	Key   *string `json:"Key"`
	Value *string `json:"Value"`
}

func putMetricAlarm(c *call, in *putMetricAlarmInput) (*emptyOutput, error) {
	if len(c.body) > maxAlarmBody {
		return nil, c.refuse(&ruleAlarmBody, "body", len(c.body), nil)
	}
	v := &violations{c: c, in: in}
	it := v.whole()
	in.check(it)
	if len(in.Metrics) > 0 {
		in.checkMath(it)
	} else {
		in.checkMetric(it)
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	a := in.alarm(c.now)
	if err := c.srv.alarms.try(a, c.now); err != nil {
		return nil, v.refuseExpression("Metrics", err)
	}
	c.srv.alarms.catchUp(c.now)
	if err := c.srv.alarms.put(a, c.now); err != nil {
		return nil, err
	}
	return &emptyOutput{}, nil
}

// alarm is the alarm that is asked for.
func (in *putMetricAlarmInput) alarm(now time.Time) *metricAlarm {
	a := &metricAlarm{
		AlarmName: *in.AlarmName, AlarmArn: alarmArn(*in.AlarmName), AlarmDescription: in.AlarmDescription,
		AlarmConfigurationUpdatedTimestamp: wire.NewTime(now),
		ActionsEnabled:                     in.ActionsEnabled == nil || *in.ActionsEnabled,
		OKActions:                          notNil(in.OKActions), AlarmActions: notNil(in.AlarmActions), InsufficientDataActions: notNil(in.InsufficientDataActions),
		MetricName: in.MetricName, Namespace: in.Namespace, Statistic: in.Statistic, ExtendedStatistic: in.ExtendedStatistic,
		Dimensions: notNil(in.Dimensions), Period: in.Period, Unit: in.Unit,
		EvaluationPeriods: *in.EvaluationPeriods, DatapointsToAlarm: in.DatapointsToAlarm,
		Threshold: float64(*in.Threshold), ComparisonOperator: *in.ComparisonOperator,
		TreatMissingData: in.TreatMissingData, EvaluateLowSampleCountPercentile: in.EvaluateLowSampleCountPercentile,
		Metrics: in.Metrics,
	}
	return a
}

// notNil is a list that answers write as an empty one, not as null.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// try computes an alarm's expressions once, to see that they are valid.
func (s *alarmStore) try(a *metricAlarm, now time.Time) error {
	w, err := watch(a)
	if err != nil {
		return err
	}
	start, end, _ := w.window(now.Unix())
	answer, err := s.metrics.evaluate(&metricRequest{queries: w.queries, start: start, end: end, now: now.Unix(), zone: time.UTC})
	if err != nil {
		return err
	}
	for i := range a.Metrics {
		if id := *a.Metrics[i].ID; returnsData(&a.Metrics[i]) && answer.kinds[id] != metricmath.KindSeries {
			return &expressionError{id, &metricmath.Error{Text: "The expression of an alarm must be a single time series"}}
		}
	}
	return nil
}

// check checks what all alarms have.
func (in *putMetricAlarmInput) check(i item) {
	if i.present("AlarmName", in.AlarmName) {
		i.size("AlarmName", *in.AlarmName, 1, maxAlarmName)
		if strings.ContainsFunc(*in.AlarmName, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			i.fail(&ruleAlarmName, "AlarmName", *in.AlarmName)
		}
	}
	if in.AlarmDescription != nil {
		i.size("AlarmDescription", *in.AlarmDescription, 0, maxAlarmDescription)
	}
	i.actions("OKActions", in.OKActions)
	i.actions("AlarmActions", in.AlarmActions)
	i.actions("InsufficientDataActions", in.InsufficientDataActions)
	in.checkUnsupported(i)
	if in.Threshold == nil {
		i.fail(&ruleAlarmNull, "Threshold", "", "Threshold")
	}
	i.among("TreatMissingData", in.TreatMissingData, false, []string{missingBreaching, missingNotBreaching, missingIgnore, missingMissing})
	i.among("EvaluateLowSampleCountPercentile", in.EvaluateLowSampleCountPercentile, false, []string{lowSampleEvaluate, lowSampleIgnore})
	in.checkTags(i)
	in.checkPeriods(i)
}

// What EvaluateLowSampleCountPercentile may say.
const (
	lowSampleEvaluate = "evaluate"
	lowSampleIgnore   = "ignore"
)

// alarmOperators are those of a fixed threshold; the others are of anomaly
// detection.
var alarmOperators = []string{"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"}

var anomalyOperators = []string{"LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"}

func (in *putMetricAlarmInput) checkUnsupported(i item) {
	switch {
	case in.ThresholdMetricID != nil:
		i.fail(&ruleAlarmUnsupported, "ThresholdMetricId", *in.ThresholdMetricID, "anomaly detection")
	case in.EvaluationCriteria != nil:
		i.fail(&ruleAlarmUnsupported, "EvaluationCriteria", "", "EvaluationCriteria")
	case slices.Contains(anomalyOperators, deref(in.ComparisonOperator)):
		i.fail(&ruleAlarmUnsupported, "ComparisonOperator", *in.ComparisonOperator, "anomaly detection")
	default:
		i.among("ComparisonOperator", in.ComparisonOperator, true, alarmOperators)
	}
}

func (in *putMetricAlarmInput) checkTags(i item) {
	if n := len(in.Tags); n > maxAlarmTags {
		i.fail(&ruleAlarmTags, "Tags", n)
	}
	for k, t := range in.Tags {
		if at := fmt.Sprintf("Tags.member.%d", k+1); i.present(at+".Key", t.Key) {
			i.size(at+".Key", *t.Key, 1, maxTagKey)
			i.size(at+".Value", deref(t.Value), 0, maxTagValue)
		}
	}
}

// checkPeriods checks how many periods are evaluated, and for how long.
func (in *putMetricAlarmInput) checkPeriods(i item) {
	if in.EvaluationPeriods == nil {
		i.fail(&ruleAlarmNull, "EvaluationPeriods", "", "EvaluationPeriods")
		return
	}
	n, m := *in.EvaluationPeriods, in.DatapointsToAlarm
	if n < 1 {
		i.fail(&ruleAlarmLeast, "EvaluationPeriods", n, n, "EvaluationPeriods")
	}
	if m != nil && *m < 1 {
		i.fail(&ruleAlarmLeast, "DatapointsToAlarm", *m, *m, "DatapointsToAlarm")
	}
	if m != nil && *m > n {
		i.fail(&ruleAlarmDatapoints, "DatapointsToAlarm", *m)
	}
	period := deref(in.Period)
	if len(in.Metrics) > 0 {
		period = alarmPeriod(in.Metrics)
	}
	switch most := maxAlarmSeconds; {
	case period < 1 || n < 1:
	case period < anHour && n > maxAlarmShort/period:
		i.fail(&ruleAlarmDay, "EvaluationPeriods", n)
	case n > most/period:
		i.fail(&ruleAlarmWeek, "EvaluationPeriods", n)
	}
}

// checkMetric checks an alarm of one metric.
func (in *putMetricAlarmInput) checkMetric(i item) {
	if i.present("MetricName", in.MetricName) {
		i.text("MetricName", *in.MetricName, maxMetricName)
	}
	if i.present("Namespace", in.Namespace) {
		i.namespace(in.Namespace, false)
	}
	i.dimensions("Dimensions", in.Dimensions)
	i.alarmPeriod("Period", in.Period)
	i.unit(&ruleUnit, "Unit", in.Unit)
	switch {
	case (in.Statistic == nil) == (in.ExtendedStatistic == nil):
		i.fail(&ruleAlarmStatistic, "Statistic", "")
	case in.Statistic != nil:
		i.among("Statistic", in.Statistic, true, []string{"SampleCount", "Average", "Sum", "Minimum", "Maximum"})
	default:
		if stat, err := metricstat.Parse(*in.ExtendedStatistic); err != nil || stat.IsPlain() {
			i.fail(&ruleAlarmExtended, "ExtendedStatistic", *in.ExtendedStatistic, *in.ExtendedStatistic)
		}
	}
}

// checkMath checks an alarm of several metrics and expressions.
func (in *putMetricAlarmInput) checkMath(i item) {
	for _, m := range []struct {
		name  string
		given bool
	}{
		{"MetricName", in.MetricName != nil}, {"Namespace", in.Namespace != nil}, {"Dimensions", len(in.Dimensions) > 0},
		{"Period", in.Period != nil}, {"Unit", in.Unit != nil}, {"Statistic", in.Statistic != nil}, {"ExtendedStatistic", in.ExtendedStatistic != nil},
	} {
		if m.given {
			i.fail(&ruleAlarmEither, m.name, "", m.name)
		}
	}
	metrics, expressions, returned := 0, 0, 0
	periods := make(map[int]bool)
	for k, p := range i.queries("Metrics", in.Metrics) {
		if returnsData(p.metricDataQuery) {
			returned++
		}
		if p.expr != nil {
			expressions++
			if p.expr.Uses("SEARCH") {
				i.fail(&ruleAlarmSearch, fmt.Sprintf("Metrics.member.%d.Expression", k+1), *p.Expression)
			}
		}
		if p.MetricStat != nil {
			metrics++
			i.alarmPeriod(fmt.Sprintf("Metrics.member.%d.MetricStat.Period", k+1), p.MetricStat.Period)
			periods[deref(p.MetricStat.Period)] = true
		}
	}
	switch {
	case metrics > maxAlarmMetrics || expressions > maxAlarmMetrics:
		i.fail(&ruleAlarmMetrics, "Metrics", len(in.Metrics))
	case returned != 1:
		i.fail(&ruleAlarmReturn, "Metrics", returned)
	case len(periods) > 1:
		i.fail(&ruleAlarmOnePeriod, "Metrics", len(periods))
	case alarmPeriod(in.Metrics) == 0:
		i.fail(&ruleAlarmNull, "Metrics.Period", "", "Metrics.Period")
	}
}
