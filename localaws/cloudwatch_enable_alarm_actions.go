package localaws

// EnableAlarmActions and DisableAlarmActions as AWS does them: the alarms say so,
// and so does their history. Actions themselves are not executed here. Read from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html

func enableAlarmActions(c *call, in *alarmNamesInput) (*emptyOutput, error) {
	return switchAlarmActions(c, in, true)
}

func disableAlarmActions(c *call, in *alarmNamesInput) (*emptyOutput, error) {
	return switchAlarmActions(c, in, false)
}

func switchAlarmActions(c *call, in *alarmNamesInput, on bool) (*emptyOutput, error) {
	if err := in.check(c); err != nil {
		return nil, err
	}
	c.srv.alarms.catchUp(c.now)
	if err := c.srv.alarms.enable(in.AlarmNames, on, c.now); err != nil {
		return nil, err
	}
	return &emptyOutput{}, nil
}
