package localaws

// DeleteLogStream as AWS does it: the stream goes with its events, unless the
// group's deletion protection is on. It leaves nothing out. Read from
// deleteLogStreamPage.

type deleteLogStreamInput struct {
	LogGroupName  *string `json:"logGroupName"`
	LogStreamName *string `json:"logStreamName"`
}

func deleteLogStream(c *call, in *deleteLogStreamInput) (*emptyOutput, error) {
	if err := c.checkGroupName(in.LogGroupName); err != nil {
		return nil, err
	}
	if err := c.checkStreamName(in.LogStreamName); err != nil {
		return nil, err
	}
	group, stream := *in.LogGroupName, *in.LogStreamName
	c.srv.logs.control.Lock()
	defer c.srv.logs.control.Unlock()
	if err := c.checkDeletable(group); err != nil {
		return nil, err
	}
	if _, st := c.srv.logs.lookup(group, stream); st == nil {
		return nil, c.fail("ResourceNotFoundException", noSuchStream)
	}
	if err := c.keepLogRecord(&logRecord{Group: group, Stream: stream, Deleted: true}); err != nil {
		return nil, err
	}
	c.srv.logs.deleteStream(group, stream)
	return &emptyOutput{}, nil
}
