package localaws

import (
	"encoding/json"

	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// The states of an alarm.
const (
	stateOK           = "OK"
	stateAlarm        = "ALARM"
	stateInsufficient = "INSUFFICIENT_DATA"
)

// A metricAlarm is MetricAlarm as answers have it, and as the journal keeps it.
// One that was stored is never changed; a change stores another.
type metricAlarm struct {
	AlarmName                          string            `json:"AlarmName"`
	AlarmArn                           string            `json:"AlarmArn"`
	AlarmDescription                   *string           `json:"AlarmDescription,omitempty"`
	AlarmConfigurationUpdatedTimestamp wire.Time         `json:"AlarmConfigurationUpdatedTimestamp"`
	ActionsEnabled                     bool              `json:"ActionsEnabled"`
	OKActions                          []string          `json:"OKActions"`
	AlarmActions                       []string          `json:"AlarmActions"`
	InsufficientDataActions            []string          `json:"InsufficientDataActions"`
	StateValue                         string            `json:"StateValue"`
	StateReason                        string            `json:"StateReason"`
	StateReasonData                    string            `json:"StateReasonData,omitempty"`
	StateUpdatedTimestamp              wire.Time         `json:"StateUpdatedTimestamp"`
	StateTransitionedTimestamp         wire.Time         `json:"StateTransitionedTimestamp"`
	MetricName                         *string           `json:"MetricName,omitempty"`
	Namespace                          *string           `json:"Namespace,omitempty"`
	Statistic                          *string           `json:"Statistic,omitempty"`
	ExtendedStatistic                  *string           `json:"ExtendedStatistic,omitempty"`
	Dimensions                         []metricDimension `json:"Dimensions"`
	Period                             *int              `json:"Period,omitempty"`
	Unit                               *string           `json:"Unit,omitempty"`
	EvaluationPeriods                  int               `json:"EvaluationPeriods"`
	DatapointsToAlarm                  *int              `json:"DatapointsToAlarm,omitempty"`
	Threshold                          float64           `json:"Threshold"`
	ComparisonOperator                 string            `json:"ComparisonOperator"`
	TreatMissingData                   *string           `json:"TreatMissingData,omitempty"`
	EvaluateLowSampleCountPercentile   *string           `json:"EvaluateLowSampleCountPercentile,omitempty"`
	Metrics                            []metricDataQuery `json:"Metrics,omitempty"`
}

// alarmArn is the name of an alarm in all of AWS.
func alarmArn(name string) string {
	return "arn:aws:cloudwatch:" + Region + ":" + AccountID + ":alarm:" + name
}

// statistic is the name of the alarm's statistic; "" where it is one of several
// metrics.
func (a *metricAlarm) statistic() string {
	if a.Statistic != nil {
		return *a.Statistic
	}
	return deref(a.ExtendedStatistic)
}

// toAlarm is how many points must breach: M of "M out of N".
func (a *metricAlarm) toAlarm() int {
	if a.DatapointsToAlarm != nil {
		return *a.DatapointsToAlarm
	}
	return a.EvaluationPeriods
}

// treatMissing is what a point that is missing counts as. AWS ignores those of
// DynamoDB, whatever the alarm says.
func (a *metricAlarm) treatMissing() string {
	if deref(a.Namespace) == "AWS/DynamoDB" {
		return missingIgnore
	}
	if a.TreatMissingData == nil {
		return missingMissing
	}
	return *a.TreatMissingData
}

// Ids of the queries that an alarm of one metric is evaluated by.
const (
	alarmValueID   = "m1"
	alarmSamplesID = "samples"
)

// An alarmWatch is a stored alarm with what its evaluation needs.
type alarmWatch struct {
	*metricAlarm
	queries []preparedQuery
	period  int64
	next    int64 // when it is evaluated again, in seconds
}

// watch prepares an alarm that was checked, or that the journal kept.
func watch(a *metricAlarm) (*alarmWatch, error) {
	w := &alarmWatch{metricAlarm: a}
	if len(a.Metrics) == 0 {
		stat, err := metricstat.Parse(a.statistic())
		if err != nil {
			return nil, err
		}
		w.period = int64(deref(a.Period))
		w.queries = []preparedQuery{
			{metricDataQuery: a.query(alarmValueID, a.statistic()), stat: stat},
			{metricDataQuery: a.query(alarmSamplesID, "SampleCount"), stat: metricstat.SampleCount()},
		}
		return w, nil
	}
	for i := range a.Metrics {
		p, err := prepare(&a.Metrics[i])
		if err != nil {
			return nil, err
		}
		w.queries = append(w.queries, p)
	}
	w.period = int64(alarmPeriod(a.Metrics))
	return w, nil
}

// query asks for a statistic of the alarm's metric.
func (a *metricAlarm) query(id, stat string) *metricDataQuery {
	metric := &metricName{a.Namespace, a.MetricName, a.Dimensions}
	return &metricDataQuery{ID: &id, MetricStat: &metricStat{metric, a.Period, &stat, a.Unit}}
}

// alarmPeriod is the period of the metrics of an alarm, which is the same for all;
// of an expression without any metric its own. 0: there is none.
func alarmPeriod(list []metricDataQuery) int {
	own := 0
	for i := range list {
		q := &list[i]
		switch {
		case q.MetricStat != nil:
			return deref(q.MetricStat.Period)
		case returnsData(q):
			own = deref(q.Period)
		}
	}
	return own
}

func returnsData(q *metricDataQuery) bool { return q.ReturnData == nil || *q.ReturnData }

// An alarmHistoryItem is AlarmHistoryItem.
type alarmHistoryItem struct {
	AlarmName       string    `json:"AlarmName"`
	AlarmType       string    `json:"AlarmType"`
	Timestamp       wire.Time `json:"Timestamp"`
	HistoryItemType string    `json:"HistoryItemType"`
	HistorySummary  string    `json:"HistorySummary"`
	HistoryData     string    `json:"HistoryData"`
}

// Kinds of history.
const (
	historyConfiguration = "ConfigurationUpdate"
	historyState         = "StateUpdate"
	historyAction        = "Action"
	typeMetricAlarm      = "MetricAlarm"
)

// stateData is a state in the data of a history item.
type stateData struct {
	StateValue      string          `json:"stateValue"`
	StateReason     string          `json:"stateReason"`
	StateReasonData json.RawMessage `json:"stateReasonData,omitempty"`
}

func (a *metricAlarm) stateData() stateData {
	s := stateData{StateValue: a.StateValue, StateReason: a.StateReason}
	if json.Valid([]byte(a.StateReasonData)) {
		s.StateReasonData = json.RawMessage(a.StateReasonData)
	}
	return s
}
