// Package metrics turns OpenTelemetry metrics into CloudWatch metric data, in
// the form the operation PutMetricData takes.
//
// [Exporter] stands behind an SDK's reader: it makes a [Datum] of each point,
// encodes it with [AppendDatum] and hands it to a [Queue]. [WriterExporter]
// prints the same data as JSON lines. The package neither batches nor retries
// nor speaks to AWS: that is the queue's work.
//
// What becomes of a point:
//
//   - A counter is its increase since the last export, an up-down counter and
//     a gauge their current value.
//   - A histogram, explicit or exponential, is a list of values and counts, so
//     that CloudWatch computes percentiles. Minimum, maximum and sum are the
//     recorded ones where the histogram has them; every other value lies in
//     its bucket.
//   - Attributes become dimensions. Names and values CloudWatch would refuse
//     are repaired, see [CleanName] and [CleanValue].
//   - What CloudWatch cannot take at all, such as NaN, is counted by reason.
package metrics
