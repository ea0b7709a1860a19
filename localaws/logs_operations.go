package localaws

// logsOperations are the calls of CloudWatch Logs, one file each.
func logsOperations() []operation {
	return []operation{
		newOperation(serviceLogs, "CreateLogGroup", "", createLogGroup),
		newOperation(serviceLogs, "CreateLogStream", "", createLogStream),
		newOperation(serviceLogs, "PutLogEvents", "", putLogEvents),
		newOperation(serviceLogs, "DescribeLogGroups", "", describeLogGroups),
		newOperation(serviceLogs, "DescribeLogStreams", "", describeLogStreams),
		newOperation(serviceLogs, "GetLogEvents", "", getLogEvents),
		newOperation(serviceLogs, "FilterLogEvents", "", filterLogEvents),
	}
}
