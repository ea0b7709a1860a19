package updraft

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"

	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/updraft-otel/updraft/logs"
)

// Headers of OTEL_EXPORTER_OTLP_LOGS_HEADERS by which AWS's distributions say
// where logs and metrics go.
const (
	headerLogGroup        = "x-aws-log-group"
	headerLogStream       = "x-aws-log-stream"
	headerMetricNamespace = "x-aws-metric-namespace"
)

// scope is the instrumentation scope of what Logger logs.
const scope = "github.com/updraft-otel/updraft"

// buildLogs makes the logger provider, its roads, and the slog logger.
func (b *builder) buildLogs(ctx context.Context) error {
	names := b.choices.pick("logs", b.config.Logs, "OTEL_LOGS_EXPORTER", b.env.logs, ExporterCloudWatchLogs)
	var (
		errs    []error
		roads   []logs.Config
		options []sdklog.LoggerProviderOption
	)
	for _, name := range exporterNames(names) {
		road, processor, err := b.logProcessor(ctx, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("logs: %w", err))
			continue
		}
		roads = append(roads, road)
		options = append(options, sdklog.WithProcessor(processor))
	}
	if len(options) == 0 {
		return errors.Join(errs...)
	}
	provider := sdklog.NewLoggerProvider(append(options, sdklog.WithResource(b.resource))...)
	b.loggerProvider = provider
	b.logger = b.newLogger(provider, roads...)
	b.logWriter = b.newLogWriter(roads[0])
	b.logs = provider
	return errors.Join(errs...)
}

func (b *builder) logProcessor(ctx context.Context, name string) (logs.Config, *logs.Processor, error) {
	config := logs.Config{}
	switch name {
	case ExporterCloudWatchLogs:
		queue, err := b.logsQueue(ctx)
		if err != nil {
			return config, nil, err
		}
		config.Queue = queue
		config.Group = b.choices.pick("log group", b.config.LogGroup,
			"OTEL_EXPORTER_OTLP_LOGS_HEADERS", b.env.headers[headerLogGroup], "/updraft/"+b.service)
		config.Stream = b.choices.pick("log stream", b.config.LogStream,
			"OTEL_EXPORTER_OTLP_LOGS_HEADERS", b.env.headers[headerLogStream], hostAndProcess())
	case ExporterConsole:
		config = lineLogs(b.consoleQueue("logs"))
	default:
		return config, nil, fmt.Errorf("exporter %q is none of %s, %s, %s", name, ExporterCloudWatchLogs, ExporterConsole, ExporterNone)
	}
	processor, err := logs.NewProcessor(config)
	if err != nil {
		return config, nil, err
	}
	b.outlets[len(b.outlets)-1].dropped = processor.Dropped
	return config, processor, nil
}

// newLogger logs straight to the one road there is; to several, by way of the
// provider.
func (t *Telemetry) newLogger(provider log.LoggerProvider, roads ...logs.Config) *slog.Logger {
	options := &logs.HandlerOptions{Level: t.config.LogLevel}
	if len(roads) == 1 {
		if h, err := logs.NewLineHandler(logs.LineHandlerConfig{Config: roads[0], Attributes: t.resource, Scope: scope}, options); err == nil {
			return slog.New(h)
		}
	}
	return slog.New(logs.NewHandler(provider.Logger(scope), options))
}

// newLogWriter writes lines as they are to a road; to stderr where there is
// none.
func (t *Telemetry) newLogWriter(road logs.Config) io.Writer {
	w, err := logs.NewWriter(logs.WriterConfig{Config: road, Attributes: t.resource, Begins: logs.Indented})
	if err != nil {
		return os.Stderr
	}
	t.logLines = w
	return w
}

// newFallbackLogger logs to stderr, for an application whose logs have no
// other way: they are never lost for want of a road.
func (t *Telemetry) newFallbackLogger() *slog.Logger {
	processor, err := logs.NewProcessor(lineLogs(&lineQueue{to: os.Stderr}))
	if err != nil {
		return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: t.config.LogLevel}))
	}
	return t.newLogger(sdklog.NewLoggerProvider(sdklog.WithProcessor(processor), sdklog.WithResource(t.resource)))
}

// lineLogs is the road of log lines to a writer, which has no groups.
func lineLogs(queue *lineQueue) logs.Config {
	return logs.Config{Queue: queue, Group: ExporterConsole, Stream: ExporterConsole}
}

// hostAndProcess names the log stream of this process.
func hostAndProcess() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + "/" + strconv.Itoa(os.Getpid())
}
