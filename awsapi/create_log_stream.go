package awsapi

import "context"

// CreateLogStream creates a log stream in a group. That it exists already is no error; where the group does not exist
// the error's code is CodeResourceNotFound.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
func (c *Client) CreateLogStream(ctx context.Context, group, stream string) error {
	k := logsCall("CreateLogStream")
	if err := c.check(k, Logs, 0, 0); err != nil {
		return err
	}
	body := c.bodies.new()
	body.data = appendMember(body.data, `{"logGroupName":`, group)
	body.data = append(appendMember(body.data, `,"logStreamName":`, stream), '}')
	if _, err := c.do(ctx, k, body); err != nil && !isExisting(err) {
		return err
	}
	return nil
}
