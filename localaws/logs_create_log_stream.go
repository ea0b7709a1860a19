package localaws

// CreateLogStream as AWS does it: names are checked, the group must exist, and
// a stream that exists is ResourceAlreadyExistsException. It leaves nothing
// out. Read from createLogStreamPage.

type createLogStreamInput struct {
	LogGroupName  *string `json:"logGroupName"`
	LogStreamName *string `json:"logStreamName"`
}

func createLogStream(c *call, in *createLogStreamInput) (*emptyOutput, error) {
	if err := c.checkGroupName(in.LogGroupName); err != nil {
		return nil, err
	}
	if err := c.checkStreamName(in.LogStreamName); err != nil {
		return nil, err
	}
	group, stream := *in.LogGroupName, *in.LogStreamName
	c.srv.logs.control.Lock()
	defer c.srv.logs.control.Unlock()
	switch g, st := c.srv.logs.lookup(group, stream); {
	case g == nil:
		return nil, c.fail("ResourceNotFoundException", noSuchGroup)
	case st != nil:
		return nil, c.fail("ResourceAlreadyExistsException", streamExists)
	}
	created := c.now.UnixMilli()
	if err := c.keepLogRecord(&logRecord{Group: group, Stream: stream, Created: created}); err != nil {
		return nil, err
	}
	c.srv.logs.createStream(group, stream, created)
	return &emptyOutput{}, nil
}
