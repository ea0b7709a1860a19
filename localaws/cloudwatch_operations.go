package localaws

// cloudwatchOperations are the calls of CloudWatch, one file each.
func cloudwatchOperations() []operation {
	return []operation{
		newOperation(serviceCloudWatch, "PutMetricData", "", putMetricData),
		newOperation(serviceCloudWatch, "ListMetrics", "", listMetrics),
		newOperation(serviceCloudWatch, "GetMetricData", "", getMetricData),
		newOperation(serviceCloudWatch, "GetMetricStatistics", "", getMetricStatistics),
	}
}
