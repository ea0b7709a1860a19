// Package otlp is the collector's OTLP receiver, with one thing more: a sender that is refused for want of room is told
// so as the protocol says, and when to come again. Over gRPC that is RESOURCE_EXHAUSTED or UNAVAILABLE with RetryInfo, over
// HTTP 429 or 503 with Retry-After.
//
// https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling, https://opentelemetry.io/docs/specs/otlp/#otlphttp-throttling
package otlp

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// retryDelay is when a refused sender may come again: about when a queue has made room.
const retryDelay = time.Second

// NewFactory returns the factory of the otlp receiver. Its configuration is the collector's.
func NewFactory() receiver.Factory {
	base := otlpreceiver.NewFactory()
	return receiver.NewFactory(base.Type(), base.CreateDefaultConfig,
		receiver.WithTraces(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
			wrapped, err := consumer.NewTraces(func(ctx context.Context, t ptrace.Traces) error {
				return refusal(next.ConsumeTraces(ctx, t))
			}, consumer.WithCapabilities(next.Capabilities()))
			if err != nil {
				return nil, err
			}
			return base.CreateTraces(ctx, set, cfg, wrapped)
		}, base.TracesStability()),
		receiver.WithMetrics(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
			wrapped, err := consumer.NewMetrics(func(ctx context.Context, m pmetric.Metrics) error {
				return refusal(next.ConsumeMetrics(ctx, m))
			}, consumer.WithCapabilities(next.Capabilities()))
			if err != nil {
				return nil, err
			}
			return base.CreateMetrics(ctx, set, cfg, wrapped)
		}, base.MetricsStability()),
		receiver.WithLogs(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
			wrapped, err := consumer.NewLogs(func(ctx context.Context, l plog.Logs) error {
				return refusal(next.ConsumeLogs(ctx, l))
			}, consumer.WithCapabilities(next.Capabilities()))
			if err != nil {
				return nil, err
			}
			return base.CreateLogs(ctx, set, cfg, wrapped)
		}, base.LogsStability()))
}

// refusal turns an error that may pass into a status that says when to come again. Others, and those that are a status
// already, stay.
func refusal(err error) error {
	if err == nil || consumererror.IsPermanent(err) {
		return err
	}
	code := codes.Unavailable
	if given, ok := status.FromError(err); ok {
		code = given.Code()
		if code != codes.Unavailable && code != codes.ResourceExhausted || len(given.Details()) > 0 {
			return err
		}
	}
	if errors.Is(err, exporterhelper.ErrQueueIsFull) {
		code = codes.ResourceExhausted
	}
	s, detailed := status.New(code, err.Error()).WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(retryDelay)})
	if detailed != nil {
		return err
	}
	return s.Err()
}
