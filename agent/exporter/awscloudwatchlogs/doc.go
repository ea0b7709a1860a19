// Package awscloudwatchlogs is the agent's exporter of logs to CloudWatch Logs. It takes the configuration of the
// collector's awscloudwatchlogs exporter, word for word, and of the CloudWatch agent's:
//
//	exporters:
//	  awscloudwatchlogs:
//	    log_group_name: /ecs/{ClusterName}
//	    log_stream_name: "{TaskId}"
//	    sending_queue:
//	      storage: file_storage   # what was accepted survives a kill
//
// A record is one line of JSON, encoded by the library's package logs; with raw_log it is the record's body alone. The
// calls keep to CloudWatch Logs' limits, and a stream gets its events in order. What CloudWatch Logs throttles or fails to answer
// goes back to the exporter's queue, record by record; what it refuses for good, by its time for instance, costs that record
// alone, is counted by reason, and told in the log when it begins and when it ends.
//
// With compat the lines are those of the collector's own exporter.
package awscloudwatchlogs
