// Package awsecscontainermetrics is the collector's receiver of that name, which asks a task's metadata endpoint for the
// metrics of its containers, with one difference: outside a task, or where the endpoint is older than version 4, it says so
// in the log and receives nothing. The collector's own does not let the agent be validated or started there.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
package awsecscontainermetrics

import (
	"context"
	"os"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/awsecscontainermetricsreceiver"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
)

// endpointVariable is what ECS tells its containers.
const endpointVariable = "ECS_CONTAINER_METADATA_URI_V4"

// NewFactory returns the factory of the receiver.
func NewFactory() receiver.Factory {
	inner := awsecscontainermetricsreceiver.NewFactory()
	create := func(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
		return &lateReceiver{create: func(ctx context.Context) (receiver.Metrics, error) { return inner.CreateMetrics(ctx, set, cfg, next) }, set: set}, nil
	}
	return receiver.NewFactory(inner.Type(), inner.CreateDefaultConfig, receiver.WithMetrics(create, inner.MetricsStability()))
}

// A lateReceiver makes the collector's receiver when it is started, if it can work.
type lateReceiver struct {
	create func(context.Context) (receiver.Metrics, error)
	set    receiver.Settings
	inner  receiver.Metrics
}

// Start implements component.Component.
func (r *lateReceiver) Start(ctx context.Context, host component.Host) error {
	if os.Getenv(endpointVariable) == "" {
		r.set.Logger.Warn("There is no ECS task metadata endpoint of version 4 here, and there are no metrics of containers; it needs Fargate's platform 1.4.0 or ECS's agent 1.39.0")
		return nil
	}
	inner, err := r.create(ctx)
	if err != nil {
		return err
	}
	r.inner = inner
	return inner.Start(ctx, host)
}

// Shutdown implements component.Component.
func (r *lateReceiver) Shutdown(ctx context.Context) error {
	if r.inner == nil {
		return nil
	}
	return r.inner.Shutdown(ctx)
}
