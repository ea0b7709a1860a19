// A program traced by OpenTelemetry for Node: each of its traces is a request that fails because the service it calls does.
//
//     node otel.cjs TRACES BATCH
//
// Spans go to OTEL_EXPORTER_OTLP_ENDPOINT by OTEL_EXPORTER_OTLP_PROTOCOL (grpc or http/protobuf), BATCH to a request. It writes
// a line for each trace: the ids of the trace, of the server's span and of the client's. Exit status 1 says that spans were
// given up.

'use strict';
const { diag, DiagLogLevel, context, trace, SpanKind, SpanStatusCode } = require('@opentelemetry/api');
const { AWSXRayIdGenerator } = require('@opentelemetry/id-generator-aws-xray');
const { defaultResource, resourceFromAttributes } = require('@opentelemetry/resources');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

const by = { grpc: 'grpc', 'http/protobuf': 'proto' }[process.env.OTEL_EXPORTER_OTLP_PROTOCOL];
const { OTLPTraceExporter } = require(`@opentelemetry/exporter-trace-otlp-${by}`);
const [traces, batch] = process.argv.slice(2).map(Number);

const log = (...text) => console.error(...text);
const failed = (...text) => { process.exitCode = 1; log(...text); };
diag.setLogger({ error: failed, warn: log, info: log, debug() {}, verbose() {} }, DiagLogLevel.INFO);

const provider = new NodeTracerProvider({
  idGenerator: new AWSXRayIdGenerator(),
  resource: defaultResource().merge(resourceFromAttributes({ 'service.name': 'otel-js' })),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(), { maxExportBatchSize: batch, maxQueueSize: 2 * traces })],
});
const tracer = provider.getTracer('test');

function order(id) {
  const server = tracer.startSpan('GET /orders/{id}', {
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': 'GET', 'http.route': '/orders/{id}', 'url.scheme': 'https', 'url.path': `/orders/${id}`,
      'server.address': 'shop.example', 'client.address': '203.0.113.7', 'user_agent.original': 'curl/8.9.1', tenant: 'blue',
    },
  });
  const client = tracer.startSpan('POST', {
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': 'POST', 'url.full': 'https://payments.example/charge', 'server.address': 'payments.example',
      'http.response.status_code': 429,
    },
  }, trace.setSpan(context.active(), server));
  client.recordException(new TypeError('card refused'));
  client.setStatus({ code: SpanStatusCode.ERROR });
  client.end();
  server.setAttribute('http.response.status_code', 502);
  server.setStatus({ code: SpanStatusCode.ERROR });
  server.end();
  console.log(server.spanContext().traceId, server.spanContext().spanId, client.spanContext().spanId);
}

for (let i = 0; i < traces; i++) order(i);
provider.shutdown().catch(failed);
