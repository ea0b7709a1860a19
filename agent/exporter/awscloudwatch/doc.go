// Package awscloudwatch is the agent's exporter of metrics to CloudWatch by PutMetricData, without CloudWatch Logs between:
//
//	exporters:
//	  awscloudwatch:
//	    namespace: Shop
//	    resource_dimensions: [service.name]
//	    metric_declarations:
//	      - metrics: [http.server.request.duration]
//	        dimensions: [[service.name], [service.name, http.route]]
//	    sending_queue:
//	      storage: file_storage   # what was accepted survives a kill
//
// Points are encoded by the library's package metrics: histograms become values and counts, so that CloudWatch computes
// percentiles, totals become increases, and names and values CloudWatch would refuse are repaired.
//
// Calls of PutMetricData run in parallel, as many as CloudWatch takes, each of at most 1,000 datums and 1 MB. A point is encoded
// once, since what follows of the next one depends on it: what CloudWatch throttles or fails to answer is kept as datums and
// tried again. What it refuses for good costs that datum alone, is counted by reason, and told in the log when it begins
// and when it ends.
package awscloudwatch
