package localaws

// cloudwatchOperations are the calls of CloudWatch, one file each.
func cloudwatchOperations() []operation {
	return []operation{
		newOperation(serviceCloudWatch, "PutMetricData", "", putMetricData),
		newOperation(serviceCloudWatch, "ListMetrics", "", listMetrics),
		newOperation(serviceCloudWatch, "GetMetricData", "", getMetricData),
		newOperation(serviceCloudWatch, "GetMetricStatistics", "", getMetricStatistics),
		newOperation(serviceCloudWatch, "GetMetricWidgetImage", "", getMetricWidgetImage),
		newOperation(serviceCloudWatch, "PutMetricAlarm", "", putMetricAlarm),
		newOperation(serviceCloudWatch, "DescribeAlarms", "", describeAlarms),
		newOperation(serviceCloudWatch, "DescribeAlarmsForMetric", "", describeAlarmsForMetric),
		newOperation(serviceCloudWatch, "DescribeAlarmHistory", "", describeAlarmHistory),
		newOperation(serviceCloudWatch, "DeleteAlarms", "", deleteAlarms),
		newOperation(serviceCloudWatch, "SetAlarmState", "", setAlarmState),
		newOperation(serviceCloudWatch, "EnableAlarmActions", "", enableAlarmActions),
		newOperation(serviceCloudWatch, "DisableAlarmActions", "", disableAlarmActions),
	}
}
