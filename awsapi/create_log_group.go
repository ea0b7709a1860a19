package awsapi

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/updraft-otel/updraft/internal/jsonstring"
)

// MaxLogNameBytes is the longest name of a log group or stream.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
const MaxLogNameBytes = 512

// LogGroupSettings are what a log group gets when it is created; the zero value is CloudWatch Logs' default.
type LogGroupSettings struct {
	// Class is STANDARD, INFREQUENT_ACCESS or another that CloudWatch Logs has; it can't be changed later. "" means
	// STANDARD.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
	Class string
	// KMSKeyID is the ARN of the key that encrypts the events; "" means CloudWatch Logs' own.
	KMSKeyID string
	// Tags are the group's tags, at most 50.
	Tags map[string]string
	// DeletionProtection keeps the group from being deleted.
	DeletionProtection bool
	// RetentionDays is how long events are kept, one of the numbers PutRetentionPolicy takes; 0 means for ever.
	RetentionDays int
}

// CreateLogGroup creates a log group. That it exists already is no error; it then stays as it is. The retention is a
// call of its own: [Client.PutRetentionPolicy].
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
func (c *Client) CreateLogGroup(ctx context.Context, group string, s LogGroupSettings) (created bool, err error) {
	k := logsCall("CreateLogGroup")
	if err := c.check(k, Logs, 0, 0); err != nil {
		return false, err
	}
	body := c.bodies.new()
	body.data = appendMember(body.data, `{"logGroupName":`, group)
	if s.Class != "" {
		body.data = appendMember(body.data, `,"logGroupClass":`, s.Class)
	}
	if s.KMSKeyID != "" {
		body.data = appendMember(body.data, `,"kmsKeyId":`, s.KMSKeyID)
	}
	if s.DeletionProtection {
		body.data = append(body.data, `,"deletionProtectionEnabled":true`...)
	}
	for i, key := range slices.Sorted(maps.Keys(s.Tags)) {
		if i == 0 {
			body.data = append(body.data, `,"tags":{`...)
		} else {
			body.data = append(body.data, ',')
		}
		body.data = appendMember(append(jsonstring.Append(body.data, key), ':'), "", s.Tags[key])
	}
	if len(s.Tags) > 0 {
		body.data = append(body.data, '}')
	}
	body.data = append(body.data, '}')
	_, err = c.do(ctx, k, body)
	if isExisting(err) {
		return false, nil
	}
	return err == nil, err
}

func isExisting(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == CodeResourceAlreadyExists
}
