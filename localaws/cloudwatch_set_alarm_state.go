package localaws

import (
	"encoding/json"
	"errors"
)

// SetAlarmState as AWS does it: the state stays until the alarm is evaluated the
// next time. It leaves out: executing actions. Read from setAlarmStatePage.

type setAlarmStateInput struct {
	AlarmName       *string `json:"AlarmName"`
	StateValue      *string `json:"StateValue"`
	StateReason     *string `json:"StateReason"`
	StateReasonData *string `json:"StateReasonData"`
}

func setAlarmState(c *call, in *setAlarmStateInput) (*emptyOutput, error) {
	v := &violations{c: c, in: in}
	it := v.whole()
	it.present("AlarmName", in.AlarmName)
	it.among("StateValue", in.StateValue, true, alarmStates)
	if it.present("StateReason", in.StateReason) {
		it.size("StateReason", *in.StateReason, 0, maxStateReason)
	}
	if in.StateReasonData != nil {
		it.size("StateReasonData", *in.StateReasonData, 0, maxReasonData)
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	if d := in.StateReasonData; d != nil && !json.Valid([]byte(*d)) {
		return nil, c.refuse(&ruleAlarmReasonData, "StateReasonData", *d, shownJSON(in))
	}
	c.srv.alarms.catchUp(c.now)
	err := c.srv.alarms.setState(*in.AlarmName, *in.StateValue, *in.StateReason, deref(in.StateReasonData), c.now)
	if errors.Is(err, errNoAlarm) {
		return nil, c.refuse(&ruleAlarmUnknown, "AlarmName", *in.AlarmName, shownJSON(in))
	}
	if err != nil {
		return nil, err
	}
	return &emptyOutput{}, nil
}
