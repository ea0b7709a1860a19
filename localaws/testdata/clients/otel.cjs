// A service traced by OpenTelemetry for Node, with X-Ray's ids and header. Its spans go to
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT as OTLP, in protobuf and gzip'ed.

'use strict';
const { AWSXRayIdGenerator } = require('@opentelemetry/id-generator-aws-xray');
const { AWSXRayPropagator } = require('@opentelemetry/propagator-aws-xray');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

const provider = new NodeTracerProvider({
  idGenerator: new AWSXRayIdGenerator(),
  resource: resourceFromAttributes({ 'service.name': 'otel-js' }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ compression: 'gzip' }), { scheduledDelayMillis: 100 })],
});
provider.register({ propagator: new AWSXRayPropagator() });
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });

const { call, next, serve } = require('./hop.cjs'); // after the instrumentation: it loads http

serve(async (req, res) => {
  const url = next(req.url);
  try {
    res.statusCode = url ? await call(url) : 200;
  } catch {
    res.statusCode = 502;
  }
  res.end();
}, () => provider.shutdown());
