package updraft

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/logs"
	"github.com/updraft-otel/updraft/otlp"
	"github.com/updraft-otel/updraft/outbox"
)

// The OTLP road of logs: to a collector, or to CloudWatch Logs' own endpoint,
// signed or with a bearer token.

// otlpLogProcessor makes the exporter "otlp" of logs.
func (b *builder) otlpLogProcessor(ctx context.Context) (sdklog.Processor, error) {
	config, err := otlpLogsEnvironment()
	if err == nil {
		err = b.signIfAWS(ctx, &config, awsapi.Logs, otlpLogsPath)
	}
	if err != nil {
		return nil, err
	}
	limits := outbox.Limits{Bytes: otlpBatchBytes, Overhead: otlp.ItemOverhead}
	send := func(client *otlp.Client) export { return client.ExportLogs }
	if config.Signer != nil || isHostOf(awsapi.Logs, config.Endpoint) {
		limits = outbox.Limits{
			Bytes: otlp.MaxLogsBytes, Items: otlp.MaxLogsRecords, Overhead: awsapi.LogEventOverhead, Span: otlp.MaxAWSSpread,
		}
		if send, err = b.toLogStream(ctx, &config); err != nil {
			return nil, err
		}
	}
	client, err := otlp.New(config)
	if err != nil {
		return nil, err
	}
	b.choices.add("otlp logs endpoint", config.Endpoint, config.EndpointSource)
	queue, err := b.otlpOutbox("logs", ExporterOTLP, config, outbox.Config{
		Limits: limits, Linger: firstPositive(b.env.logDelay, logLinger), Workers: 4,
	}, send(client))
	if err != nil {
		return nil, err
	}
	return otlp.NewLogProcessor(queue), nil
}

// isHostOf tells whether an endpoint is a service's own.
func isHostOf(service awsapi.Service, endpoint string) bool {
	_, host, _ := strings.Cut(endpoint, "://")
	host, _, _ = strings.Cut(host, "/")
	_, ok := awsapi.RegionOfHost(service, host)
	return ok
}

// toLogStream names group and stream in the headers, which AWS's endpoint wants,
// and makes them before the first request; those it must find.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_HTTP_Endpoints_OTLP.html
func (b *builder) toLogStream(ctx context.Context, config *otlp.Config) (func(*otlp.Client) export, error) {
	group, stream := b.logDestination()
	if strings.ContainsAny(group+stream, "{}") {
		return nil, errors.New("a log group and stream by OTLP are the same for all records: use no placeholders")
	}
	group, stream = logs.CleanGroup(group), logs.CleanStream(stream)
	headers := map[string]string{headerLogGroup: group, headerLogStream: stream}
	for name, value := range config.Headers {
		headers[strings.ToLower(name)] = value
	}
	config.Headers = headers
	if config.Signer == nil { // a bearer token, which can't create
		return func(client *otlp.Client) export { return client.ExportLogs }, nil
	}
	client, _, err := b.awsClient(ctx, awsapi.Logs)
	if err != nil {
		return nil, err
	}
	road := &logRoad{client: client, group: b.config.LogGroupSettings}
	road.warning.Store("")
	var created atomic.Bool
	return func(client *otlp.Client) export {
		return func(ctx context.Context, resource string, n int, item func(i int) []byte) (otlp.Rejection, error) {
			if !created.Load() {
				// Without the right to create them, they may be there all the same.
				var refused *awsapi.Error
				err := road.createStream(ctx, group, stream)
				created.Store(err == nil || errors.As(err, &refused) && !refused.Retryable())
			}
			return client.ExportLogs(ctx, resource, n, item)
		}
	}, nil
}

// A recordQueue makes log records of lines, for roads that take no lines.
type recordQueue struct {
	logger   log.Logger
	provider signal
}

// Put emits the line as a record with nothing but a body.
func (q recordQueue) Put(_ string, at time.Time, line []byte) error {
	var r log.Record
	r.SetTimestamp(at)
	r.SetBody(attribute.StringValue(string(line)))
	q.logger.Emit(context.Background(), r)
	return nil
}

// Flush implements logs.Queue.
func (q recordQueue) Flush(ctx context.Context) error { return q.provider.ForceFlush(ctx) }

// Shutdown implements logs.Queue; the provider has an owner.
func (q recordQueue) Shutdown(context.Context) error { return nil }
