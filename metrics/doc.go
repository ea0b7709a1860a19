// Package metrics turns OpenTelemetry metrics into what CloudWatch takes: data
// for the operation PutMetricData, or log events in the embedded metric format.
//
// [Exporter] and [EMFExporter] stand behind an SDK's reader: they encode its
// points and hand them to a [Queue]. [WriterExporter] and [EMFWriterExporter]
// print the same as JSON lines. Others, such as a collector, fill a [Metric] and
// a [Point] themselves, for a [DatumEncoder] or an [EMFEncoder]; who has values
// of their own makes a [Datum] for [AppendDatum], or a [Document] for
// [AppendEMF] or a [Splitter]. The package neither batches nor retries nor
// speaks to AWS: that is the queue's work.
//
// What becomes of a point:
//
//   - A counter is its increase since the last export, an up-down counter and
//     a gauge their current value. Totals are made into increases.
//   - A histogram, explicit or exponential, is a list of values and counts, so
//     that CloudWatch computes percentiles. Minimum, maximum and sum are the
//     recorded ones where the histogram has them; every other value lies in
//     its bucket.
//   - A summary is a statistic set.
//   - Attributes become dimensions, which [Config] and a [Declaration] choose.
//     Names and values CloudWatch would refuse are repaired, see [CleanName] and
//     [CleanValue].
//   - What CloudWatch cannot take at all, such as NaN, is counted by reason.
package metrics
