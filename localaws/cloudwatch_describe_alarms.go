package localaws

import (
	"slices"
	"strings"
)

// DescribeAlarms as AWS does it: by names, by prefix of the name, by state, by
// prefix of an action; pages of up to 100. It leaves out: composite alarms, of
// which there are none here. Read from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html

type describeAlarmsInput struct {
	AlarmNames          []string `json:"AlarmNames"`
	AlarmNamePrefix     *string  `json:"AlarmNamePrefix"`
	AlarmTypes          []string `json:"AlarmTypes"`
	ChildrenOfAlarmName *string  `json:"ChildrenOfAlarmName"`
	ParentsOfAlarmName  *string  `json:"ParentsOfAlarmName"`
	StateValue          *string  `json:"StateValue"`
	ActionPrefix        *string  `json:"ActionPrefix"`
	MaxRecords          *int     `json:"MaxRecords"`
	NextToken           *string  `json:"NextToken"`
}

type describeAlarmsOutput struct {
	CompositeAlarms []emptyOutput  `json:"CompositeAlarms"`
	MetricAlarms    []*metricAlarm `json:"MetricAlarms"`
	NextToken       string         `json:"NextToken,omitempty"`
}

func describeAlarms(c *call, in *describeAlarmsInput) (*describeAlarmsOutput, error) {
	v := &violations{c: c, in: in}
	it := v.whole()
	it.names(in.AlarmNames, false)
	limit := it.records(in.MaxRecords)
	metricAlarms := it.alarmTypes(in.AlarmTypes)
	it.among("StateValue", in.StateValue, false, alarmStates)
	if in.AlarmNamePrefix != nil && len(in.AlarmNames) > 0 {
		it.fail(&ruleAlarmNamesOrPrefix, "AlarmNamePrefix", *in.AlarmNamePrefix)
	}
	if in.ChildrenOfAlarmName != nil || in.ParentsOfAlarmName != nil {
		it.fail(&ruleAlarmUnsupported, "ChildrenOfAlarmName", "", "composite alarms")
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	after, err := c.alarmToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	c.srv.alarms.catchUp(c.now)
	out := &describeAlarmsOutput{CompositeAlarms: []emptyOutput{}, MetricAlarms: []*metricAlarm{}}
	if !metricAlarms {
		return out, nil
	}
	list := c.srv.alarms.list(func(a *metricAlarm) bool { return a.AlarmName > after && in.wants(a) })
	out.MetricAlarms = append(out.MetricAlarms, list[:min(limit, len(list))]...)
	if len(list) > limit {
		out.NextToken = encodeToken(list[limit-1].AlarmName)
	}
	return out, nil
}

// alarmStates are the values of StateValue.
var alarmStates = []string{stateOK, stateAlarm, stateInsufficient}

func (in *describeAlarmsInput) wants(a *metricAlarm) bool {
	if len(in.AlarmNames) > 0 && !slices.Contains(in.AlarmNames, a.AlarmName) ||
		!strings.HasPrefix(a.AlarmName, deref(in.AlarmNamePrefix)) ||
		in.StateValue != nil && *in.StateValue != a.StateValue {
		return false
	}
	if in.ActionPrefix == nil {
		return true
	}
	return slices.ContainsFunc(slices.Concat(a.OKActions, a.AlarmActions, a.InsufficientDataActions),
		func(action string) bool { return strings.HasPrefix(action, *in.ActionPrefix) })
}

// alarmToken reads a NextToken; "" without one.
func (c *call) alarmToken(token *string) (string, error) {
	if token == nil {
		return "", nil
	}
	text, ok := decodeToken(*token)
	if !ok {
		return "", c.refuse(&ruleAlarmToken, "NextToken", *token, nil)
	}
	return text, nil
}
