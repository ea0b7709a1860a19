// Package awsxray is the agent's exporter of traces to AWS X-Ray. It takes the configuration of the collector's awsxray
// exporter, word for word, and beside it sending_queue, retry_on_failure and timeout:
//
//	exporters:
//	  awsxray:
//	    region: eu-west-1
//	    index_all_attributes: true
//	    sending_queue:
//	      storage: file_storage   # what was accepted survives a kill
//
// A span is encoded by the library's package xray. Calls of PutTraceSegments run in parallel, as many as X-Ray takes. What
// X-Ray throttles, fails to answer or leaves unprocessed for a passing reason goes back to the exporter's queue, span by
// span; what it refuses for good costs that span alone, is counted by reason, and told in the log when it begins and when
// it ends.
//
// With transit_spans_in_otlp_format spans travel through the same call as OTLP, "T1S" and base64, as the CloudWatch
// agent sends them: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Transaction-Search.html.
//
// With compat the documents are those of the collector's own exporter where ours differ on purpose;
// docs/xray-mapping.md lists where.
package awsxray
