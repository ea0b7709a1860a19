package logsender

import (
	"context"
	"errors"

	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/awsapi"
)

func isNotFound(err error) bool {
	var e *awsapi.Error
	return errors.As(err, &e) && e.Code == awsapi.CodeResourceNotFound
}

// create makes a log stream, and its group if that is missing too.
func (s *Sender) create(ctx context.Context, p place) error {
	err := s.createStream(ctx, p)
	if !isNotFound(err) {
		return err
	}
	if err := s.createGroup(ctx, p.group); err != nil {
		return err
	}
	return s.createStream(ctx, p)
}

func (s *Sender) createStream(ctx context.Context, p place) error {
	return s.try(ctx, func(ctx context.Context) error { return s.Client.CreateLogStream(ctx, p.group, p.stream) })
}

// createGroup makes a log group, once for all who want it at the same time: CloudWatch Logs takes ten such calls a second.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
func (s *Sender) createGroup(ctx context.Context, group string) error {
	_, err, _ := s.creates.Do(group, func() (any, error) {
		var created bool
		err := s.try(ctx, func(ctx context.Context) (err error) {
			created, err = s.Client.CreateLogGroup(ctx, group, s.Group)
			return err
		})
		if err == nil && created && s.Group.RetentionDays > 0 {
			s.keepFor(ctx, group)
		}
		return nil, err
	})
	return err
}

// keepFor sets the retention of a new group. Events that stay too long are better than none, so that this may fail.
func (s *Sender) keepFor(ctx context.Context, group string) {
	err := s.try(ctx, func(ctx context.Context) error { return s.Client.PutRetentionPolicy(ctx, group, s.Group.RetentionDays) })
	if err != nil {
		s.Logger.Warn("The log group keeps its events for ever: its retention could not be set; set it by hand",
			zap.String("log_group", group), zap.Int("days", s.Group.RetentionDays), zap.Error(err))
	}
}
