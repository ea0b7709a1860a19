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
		newOperation(serviceLogs, "StartLiveTail", "", startLiveTail),
		newOperation(serviceLogs, "DeleteLogGroup", "", deleteLogGroup),
		newOperation(serviceLogs, "DeleteLogStream", "", deleteLogStream),
		newOperation(serviceLogs, "PutRetentionPolicy", "", putRetentionPolicy),
		newOperation(serviceLogs, "DeleteRetentionPolicy", "", deleteRetentionPolicy),
		newOperation(serviceLogs, "TagResource", "", tagResource),
		newOperation(serviceLogs, "UntagResource", "", untagResource),
		newOperation(serviceLogs, "ListTagsForResource", "", listTagsForResource),
		newOperation(serviceLogs, "TagLogGroup", "", tagLogGroup),
		newOperation(serviceLogs, "UntagLogGroup", "", untagLogGroup),
		newOperation(serviceLogs, "ListTagsLogGroup", "", listTagsLogGroup),
		newOperation(serviceLogs, "PutLogGroupDeletionProtection", "", putLogGroupDeletionProtection),
		newOperation(serviceLogs, "PutBearerTokenAuthentication", "", putBearerTokenAuthentication),
		newOperation(serviceLogs, "AssociateKmsKey", "", associateKmsKey),
		newOperation(serviceLogs, "DisassociateKmsKey", "", disassociateKmsKey),
		newOperation(serviceLogs, "StartQuery", "", startQuery),
		newOperation(serviceLogs, "GetQueryResults", "", getQueryResults),
		newOperation(serviceLogs, "StopQuery", "", stopQuery),
		newOperation(serviceLogs, "DescribeQueries", "", describeQueries),
		newOperation(serviceLogs, "GetLogRecord", "", getLogRecord),
	}
}
