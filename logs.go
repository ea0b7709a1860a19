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
	names := b.choices.pick("logs", b.config.Logs, "OTEL_LOGS_EXPORTER", b.env.logs, b.env.defaultRoads().logs)
	var (
		errs    []error
		roads   []logs.Config
		options []sdklog.LoggerProviderOption
	)
	for _, name := range exporterNames(names) {
		if name == ExporterOTLP {
			processor, err := b.otlpLogProcessor(ctx)
			if err != nil {
				errs = append(errs, fmt.Errorf("logs: %w", err))
				continue
			}
			options = append(options, sdklog.WithProcessor(processor))
			continue
		}
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
	if len(options) == 1 && len(roads) == 1 {
		b.logger = b.newLineLogger(provider, roads[0])
		b.logWriter = b.newLogWriter(roads[0])
	} else {
		b.logger = b.newLogger(provider)
		b.logWriter = b.newLogWriter(lineLogs(recordQueue{provider.Logger(scope), provider}))
	}
	b.logs = provider
	return errors.Join(errs...)
}

func (b *builder) logProcessor(ctx context.Context, name string) (logs.Config, *logs.Processor, error) {
	config := logs.Config{}
	switch name {
	case ExporterCloudWatchLogs:
		queue, err := b.logsQueue(ctx, "logs", ExporterCloudWatchLogs, "")
		if err != nil {
			return config, nil, err
		}
		config.Queue, config.PutEscaped = queue, queue.PutEncoded
		config.Group, config.Stream = b.logDestination()
	case ExporterConsole:
		config = lineLogs(b.consoleQueue("logs"))
	default:
		return config, nil, fmt.Errorf("exporter %q is none of %s, %s, %s, %s", name,
			ExporterCloudWatchLogs, ExporterOTLP, ExporterConsole, ExporterNone)
	}
	config.Raw, config.Resource = b.logRaw(), b.inLines
	processor, err := logs.NewProcessor(config)
	if err != nil {
		return config, nil, err
	}
	b.outlets[len(b.outlets)-1].dropped = processor.Dropped
	return config, processor, nil
}

// logRaw says whether the body alone is the event.
func (b *builder) logRaw() bool {
	switch {
	case b.config.LogRaw:
		b.choices.add("log events", "the body alone", "argument")
	case b.env.logRaw:
		b.choices.add("log events", "the body alone", envLogRaw)
	default:
		return false
	}
	return true
}

// logDestination is the group and the stream of this process.
func (b *builder) logDestination() (group, stream string) {
	group = b.choices.pick("log group", b.config.LogGroup,
		"OTEL_EXPORTER_OTLP_LOGS_HEADERS", b.env.headers[headerLogGroup], "/updraft/"+b.service)
	stream = b.choices.pick("log stream", b.config.LogStream,
		"OTEL_EXPORTER_OTLP_LOGS_HEADERS", b.env.headers[headerLogStream], hostAndProcess())
	return group, stream
}

// newLineLogger logs straight to the one road there is. What a spool keeps is on
// disk, and what the console shows is written, when the call returns.
func (b *builder) newLineLogger(provider log.LoggerProvider, road logs.Config) *slog.Logger {
	h, err := logs.NewLineHandler(logs.LineHandlerConfig{
		Config: road, Attributes: b.resource, Scope: scope, Async: road.PutEscaped != nil && b.spoolDir() == "",
	}, &logs.HandlerOptions{Level: b.config.LogLevel})
	if err != nil {
		return b.newLogger(provider)
	}
	b.logHandler = h
	return slog.New(h)
}

// newLogger logs by way of the provider.
func (t *Telemetry) newLogger(provider log.LoggerProvider) *slog.Logger {
	return slog.New(logs.NewHandler(provider.Logger(scope), &logs.HandlerOptions{Level: t.config.LogLevel}))
}

// newLogWriter writes lines as they are to a road; to stderr where there is
// none.
func (b *builder) newLogWriter(road logs.Config) io.Writer {
	w, err := logs.NewWriter(logs.WriterConfig{Config: road, Attributes: b.resource, Begins: logs.Indented, AtOnce: b.spoolDir() != ""})
	if err != nil {
		return os.Stderr
	}
	b.logLines = w
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

// lineLogs is a road of log lines that has no groups.
func lineLogs(queue logs.Queue) logs.Config {
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
