// Package logs turns log records into CloudWatch Logs events: one line of JSON
// each, with the trace id in OpenTelemetry's and in X-Ray's form.
//
// [Handler] takes what an application logs through log/slog to an OpenTelemetry
// logger. [Processor] and [Exporter] take an OpenTelemetry SDK's records,
// encode them with [AppendEvent] and hand them to a [Queue]. [WriterExporter]
// prints the same lines to a terminal.
//
// [LineHandler] is the short way from log/slog to the queue, and [Writer] makes
// events of the lines that anything writes.
//
// The package neither batches nor retries nor speaks to AWS: that is the
// queue's work. A line always fits CloudWatch's limit for one event; what is
// too long is cut, and says so.
//
// The usual way to all of this is updraft.Start. By hand:
//
//	processor, err := logs.NewProcessor(logs.Config{Queue: queue, Group: "/shop/web", Stream: host})
//	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(processor))
//	slog.SetDefault(slog.New(logs.NewHandler(provider.Logger("shop"), nil)))
package logs
