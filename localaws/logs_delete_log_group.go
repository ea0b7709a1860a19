package localaws

// DeleteLogGroup as AWS does it: the group goes with its streams and events,
// unless deletion protection is on. It leaves nothing out; AWS takes a moment,
// this takes none. Read from deleteLogGroupPage.

type deleteLogGroupInput struct {
	LogGroupName *string `json:"logGroupName"`
}

func deleteLogGroup(c *call, in *deleteLogGroupInput) (*emptyOutput, error) {
	if err := c.checkGroupName(in.LogGroupName); err != nil {
		return nil, err
	}
	c.srv.logs.control.Lock()
	defer c.srv.logs.control.Unlock()
	if err := c.checkDeletable(*in.LogGroupName); err != nil {
		return nil, err
	}
	if err := c.keepLogRecord(&logRecord{Group: *in.LogGroupName, Deleted: true}); err != nil {
		return nil, err
	}
	c.srv.logs.deleteGroup(*in.LogGroupName)
	return &emptyOutput{}, nil
}

// checkDeletable refuses a group that is not there or is protected.
func (c *call) checkDeletable(name string) error {
	g, ok := c.srv.logs.group(name)
	switch {
	case !ok:
		return c.fail("ResourceNotFoundException", noSuchGroup)
	case g.guarded:
		return c.refuse(&ruleLogGuarded, "logGroupName", name, c.body)
	}
	return nil
}
