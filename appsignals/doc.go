// Package appsignals makes the metrics of CloudWatch Application Signals from
// spans: how often each operation of a service, and each of its calls to
// others, was called, failed, and how long it took.
//
// A [Processor] stands behind the SDK's tracer provider, in front of the
// processors that export. From each span that ends it records the histograms
// Latency, Error and Fault through an OpenTelemetry meter; it puts the
// attributes of those metrics on the span that goes on, so that X-Ray and the
// metrics speak of the same services. [AlwaysRecord] goes around the sampler, so
// that spans are measured that are not sampled; those are never exported.
//
// The metrics are for a CloudWatch agent, or a collector with its
// awsapplicationsignals processor, which turns them into those that the
// CloudWatch console shows; they are to arrive with delta temporality, at least
// once a minute.
//
// What a span becomes:
//
//   - A service metric, of a server's span and of every local root, which is a
//     span without a parent in this process. Its operation is the span's name;
//     where that is nothing but a method, the method and the first part of
//     the path. A local root that is no server is InternalOperation.
//   - A dependency metric, of a client's, a producer's and a consumer's span:
//     the operation that called, and which operation of which service it
//     called, see the fields of [Attributes].
//   - A span can become both. Other spans become neither.
//   - An HTTP status of 4xx is an error, one of 5xx a fault; without an HTTP
//     status a span that failed is a fault.
//   - Calls to the metadata service of EC2 are left out.
//
// Attributes are read by their stable names and by those before.
//
// The rules are those of AWS's distributions of OpenTelemetry for Java and
// Python. Where these two differ, the more particular one is followed.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AppSignals-MetricsCollected.html
package appsignals
