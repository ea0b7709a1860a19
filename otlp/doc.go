// Package otlp turns OpenTelemetry spans, log records and metrics into OTLP, the
// OpenTelemetry protocol, and sends them: as protobuf over HTTP or by gRPC, to a collector
// or, signed, to AWS's own endpoints. It needs neither a protobuf nor a gRPC
// library.
//
// [AppendSpan] and its neighbours are the encoder: pure, values in and bytes
// appended. Spans travel one by one, as items ([AppendItem]) under the key of
// their resource ([AppendResource]), and [AppendTraces] puts a request around
// as many of them as are to be sent; log records have functions of their own
// beside these, and data points of metrics theirs. [NewTraceExporter],
// [NewLogProcessor] and [NewMetricExporter] hand items to a queue;
// [Client.ExportTraces] and its neighbours send what the queue brings. The package keeps no
// queue and tries nothing twice: its errors say what the queue should do. With
// an SDK set up by hand, and package outbox as the queue:
//
//	config, err := otlp.TracesConfig(os.Getenv)
//	…
//	client, err := otlp.New(config)
//	…
//	queue, err := outbox.New(outbox.Config{
//		Limits: outbox.Limits{Overhead: otlp.ItemOverhead},
//		Send: func(ctx context.Context, b *outbox.Batch) error {
//			_, err := client.ExportTraces(ctx, b.Key(), b.Len(), b.Body)
//			return err
//		},
//	})
//	…
//	exporter := otlp.NewTraceExporter(queue)
//	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(otlp.NewTraceProcessor(exporter)))
//
// The wire form follows version 1 of
// https://github.com/open-telemetry/opentelemetry-proto, the exchange
// https://opentelemetry.io/docs/specs/otlp/.
package otlp
