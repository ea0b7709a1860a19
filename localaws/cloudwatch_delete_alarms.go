package localaws

// DeleteAlarms as AWS does it: up to 100 alarms; names that there are not are
// passed over. Read from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html

type alarmNamesInput struct {
	AlarmNames []string `json:"AlarmNames"`
}

func (in *alarmNamesInput) check(c *call) error {
	v := &violations{c: c, in: in}
	v.whole().names(in.AlarmNames, true)
	return v.err()
}

func deleteAlarms(c *call, in *alarmNamesInput) (*emptyOutput, error) {
	if err := in.check(c); err != nil {
		return nil, err
	}
	c.srv.alarms.catchUp(c.now)
	if err := c.srv.alarms.remove(in.AlarmNames, c.now); err != nil {
		return nil, err
	}
	return &emptyOutput{}, nil
}
