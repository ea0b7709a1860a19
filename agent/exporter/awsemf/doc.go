// Package awsemf is the agent's exporter of metrics to CloudWatch, as documents in the embedded metric format that
// CloudWatch Logs makes metrics of. It takes the configuration of the collector's awsemf exporter, word for word, and
// beside it sending_queue, retry_on_failure and timeout:
//
//	exporters:
//	  awsemf:
//	    namespace: Shop
//	    log_group_name: /aws/ecs/{ClusterName}/metrics
//	    dimension_rollup_option: NoDimensionRollup
//	    sending_queue:
//	      storage: file_storage   # what was accepted survives a kill
//
// Points are encoded by the library's package metrics: histograms keep their percentiles, totals become increases, and
// directives keep to CloudWatch's limits. With compat the documents are those of the collector's own exporter;
// docs/metrics-mapping.md lists where these differ.
//
// A point is encoded once, since what follows of the next one depends on it. What was not delivered is kept as documents,
// and tried again; what CloudWatch Logs refuses for good costs that document alone, is counted by reason, and told in the
// log when it begins and when it ends.
package awsemf
