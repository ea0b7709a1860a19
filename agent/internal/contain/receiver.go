package contain

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/xconsumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/xreceiver"

	"github.com/updraft-otel/updraft/agent/internal/loss"
)

// Receiver returns the factory of base's receivers, behind which a panic costs the request of traces, metrics or logs that
// they brought, and is told in their log. Profiles, where base has them, go as they went.
func Receiver(base receiver.Factory) receiver.Factory {
	contained := factory{base}
	if p, ok := base.(profiles); ok {
		return struct {
			factory
			profiles
		}{contained, p}
	}
	return contained
}

// profiles are what an xreceiver.Factory has besides.
type profiles interface {
	CreateProfiles(context.Context, receiver.Settings, component.Config, xconsumer.Profiles) (xreceiver.Profiles, error)
	ProfilesStability() component.StabilityLevel
}

type factory struct{ receiver.Factory }

func (f factory) CreateTraces(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
	return f.Factory.CreateTraces(ctx, set, cfg, traces{next, newLog(set)})
}

func (f factory) CreateMetrics(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
	return f.Factory.CreateMetrics(ctx, set, cfg, metrics{next, newLog(set)})
}

func (f factory) CreateLogs(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
	return f.Factory.CreateLogs(ctx, set, cfg, logs{next, newLog(set)})
}

func newLog(set receiver.Settings) *loss.Log { return loss.New(set.Logger, "requests") }
