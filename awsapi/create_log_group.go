package awsapi

import (
	"context"
	"errors"
)

// MaxLogNameBytes is the longest name of a log group or stream.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
const MaxLogNameBytes = 512

// CreateLogGroup creates a log group. That it exists already is no error.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
func (c *Client) CreateLogGroup(ctx context.Context, group string) error {
	k := logsCall("CreateLogGroup")
	if err := c.check(k, Logs, 0, 0); err != nil {
		return err
	}
	body := c.bodies.new()
	body.data = append(appendMember(body.data, `{"logGroupName":`, group), '}')
	_, err := c.do(ctx, k, body)
	return unlessExists(err)
}

func unlessExists(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Code == CodeResourceAlreadyExists {
		return nil
	}
	return err
}
