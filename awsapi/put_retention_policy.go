package awsapi

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// RetentionDays are the numbers of days for which CloudWatch Logs can keep events.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
func RetentionDays() []int {
	return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
}

// PutRetentionPolicy sets for how many days a log group keeps events; it takes the numbers of [RetentionDays].
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
func (c *Client) PutRetentionPolicy(ctx context.Context, group string, days int) error {
	k := logsCall("PutRetentionPolicy")
	if err := c.check(k, Logs, 0, 0); err != nil {
		return err
	}
	if !slices.Contains(RetentionDays(), days) {
		return c.localError(k, "InvalidRequest", fmt.Errorf("%d days of retention; it must be one of %v", days, RetentionDays()), false)
	}
	body := c.bodies.new()
	body.data = appendMember(body.data, `{"logGroupName":`, group)
	body.data = strconv.AppendInt(append(body.data, `,"retentionInDays":`...), int64(days), 10)
	body.data = append(body.data, '}')
	_, err := c.do(ctx, k, body)
	return err
}
