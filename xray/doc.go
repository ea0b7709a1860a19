// Package xray turns OpenTelemetry spans into AWS X-Ray segment documents and
// carries X-Ray's trace ids: an id generator and the X-Amzn-Trace-Id
// propagator.
//
// [AppendSegment] is the encoder: pure, values in and bytes appended.
// [NewExporter] hands what it encodes to a queue, which sends it; the package
// itself does no network I/O. With an SDK set up by hand:
//
//	exporter := xray.NewExporter(xray.ExporterConfig{Queue: queue})
//	provider := sdktrace.NewTracerProvider(
//		sdktrace.WithIDGenerator(xray.NewIDGenerator()),
//		sdktrace.WithSpanProcessor(xray.NewProcessor(exporter)),
//	)
//
// Nothing is registered on import. The mapping follows AWS's description of
// segment documents,
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html.
package xray
