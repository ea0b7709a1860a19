package localaws

import (
	"slices"
	"strconv"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// DescribeAlarmHistory as AWS does it: changes of configuration and of state of the
// last two weeks, also of alarms that were deleted, by alarm, kind and time, newest
// first if not asked otherwise. It leaves out: actions, as none are executed. Read
// from https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html

type describeAlarmHistoryInput struct {
	AlarmName          *string    `json:"AlarmName"`
	AlarmContributorID *string    `json:"AlarmContributorId"`
	AlarmTypes         []string   `json:"AlarmTypes"`
	HistoryItemType    *string    `json:"HistoryItemType"`
	StartDate          *wire.Time `json:"StartDate"`
	EndDate            *wire.Time `json:"EndDate"`
	MaxRecords         *int       `json:"MaxRecords"`
	NextToken          *string    `json:"NextToken"`
	ScanBy             *string    `json:"ScanBy"`
}

type describeAlarmHistoryOutput struct {
	AlarmHistoryItems []alarmHistoryItem `json:"AlarmHistoryItems"`
	NextToken         string             `json:"NextToken,omitempty"`
}

func describeAlarmHistory(c *call, in *describeAlarmHistoryInput) (*describeAlarmHistoryOutput, error) {
	v := &violations{c: c, in: in}
	it := v.whole()
	limit := it.records(in.MaxRecords)
	metricAlarms := it.alarmTypes(in.AlarmTypes)
	it.among("HistoryItemType", in.HistoryItemType, false,
		[]string{historyConfiguration, historyState, historyAction, "AlarmContributorStateUpdate", "AlarmContributorAction"})
	it.among("ScanBy", in.ScanBy, false, []string{"TimestampDescending", "TimestampAscending"})
	if in.AlarmContributorID != nil {
		it.fail(&ruleAlarmUnsupported, "AlarmContributorId", *in.AlarmContributorID, "contributors of alarms")
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	text, err := c.alarmToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	skip := 0
	if text != "" {
		if skip, err = strconv.Atoi(text); err != nil || skip < 0 {
			return nil, c.refuse(&ruleAlarmToken, "NextToken", text, nil)
		}
	}
	c.srv.alarms.catchUp(c.now)
	items := c.srv.alarms.items(func(h *alarmHistoryItem) bool { return metricAlarms && in.wants(h) }, c.now)
	if deref(in.ScanBy) != "TimestampAscending" {
		slices.Reverse(items)
	}
	items = items[min(skip, len(items)):]
	out := &describeAlarmHistoryOutput{AlarmHistoryItems: notNil(items[:min(limit, len(items))])}
	if len(items) > limit {
		out.NextToken = encodeToken(strconv.Itoa(skip + limit))
	}
	return out, nil
}

func (in *describeAlarmHistoryInput) wants(h *alarmHistoryItem) bool {
	return fits(in.AlarmName, &h.AlarmName) && fits(in.HistoryItemType, &h.HistoryItemType) &&
		(in.StartDate == nil || !h.Timestamp.Before(in.StartDate.Time)) &&
		(in.EndDate == nil || !h.Timestamp.After(in.EndDate.Time))
}
