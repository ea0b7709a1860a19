package localaws

// Pages that the rules of CloudWatch's OTLP endpoint come from, beside otlpPage;
// the texts marked observed are from public logs of collectors.
const (
	metricsBearerPage = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLP-MetricsBearerTokenAuth.html" //nolint:gosec // a page, no credential
)

// Codes of refusals of OTLP metrics. On the wire they are a google.rpc.Status.
const (
	otlpMetricInvalid = "InvalidParameterValueException"
	otlpMetricTooFast = "ThrottlingException"
)

func otlpMetricRules() []*Rule {
	return []*Rule{
		&ruleOTLPMetricCalls, &ruleOTLPMetricBytes, &ruleOTLPMetricDatapoints, &ruleOTLPMetricPast, &ruleOTLPMetricFuture,
		&ruleOTLPMetricLabels, &ruleOTLPMetricMetadata, &ruleOTLPMetricSeries,
		&ruleOTLPMetricName, &ruleOTLPTemporality, &ruleOTLPHistogram, &ruleOTLPSummary, &ruleMetricsBearer,
	}
}

var ruleOTLPMetricCalls = Rule{
	ID: "cloudwatch.otlp.calls", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "An account sends at most 500 requests a second.", Limit: "500 requests a second",
	Code: otlpMetricTooFast, Message: "Rate exceeded",
	Page: otlpPage, Certainty: documented,
	Fix: "Send up to 1,000 data points in each request, and again after a while: the status is 429.",
}

var ruleOTLPMetricBytes = Rule{
	ID: "cloudwatch.otlp.bytes", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "A request is at most 1 MB long, before compression.", Limit: "1,048,576 bytes",
	Code: otlpMetricInvalid, Message: "Maximum request size exceeded: 1048576.",
	Page: otlpPage, Certainty: documented,
	Fix: "Export smaller batches.",
}

var ruleOTLPMetricDatapoints = Rule{
	ID: "cloudwatch.otlp.datapoints", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "A request carries at most 1,000 data points, over all resources, scopes and metrics.", Limit: "1,000 data points",
	Code: otlpMetricInvalid, Message: "Maximum number of datapoints per request exceeded: 1000.",
	Page: otlpPage, Certainty: observed,
	Fix: "Split the export; the collector's batch processor does with send_batch_max_size, which its default of 8,192 is far over.",
}

var ruleOTLPMetricPast = Rule{
	ID: "cloudwatch.otlp.past", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "No data point of a request is more than 14 days old.", Limit: "14 days",
	Code: otlpMetricInvalid, Message: "A data point of %v is more than 14 days in the past.",
	Page: otlpPage, Certainty: documented,
	Fix: "Drop old data points before sending; give each its time.",
}

var ruleOTLPMetricFuture = Rule{
	ID: "cloudwatch.otlp.future", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "No data point of a request is more than 10 minutes in the future.", Limit: "10 minutes",
	Code: otlpMetricInvalid, Message: "A data point of %v is more than 10 minutes in the future.",
	Page: otlpPage, Certainty: documented,
	Fix: "Check the sender's clock.",
}

var ruleOTLPMetricLabels = Rule{
	ID: "cloudwatch.otlp.labels", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "A data point has at most 150 attributes, with those of its resource and its scope. It is rejected alone; the request is refused when none is left.", Limit: "150 attributes",
	Code: otlpMetricInvalid, Message: "Maximum number of attributes exceeded: 150 [%v].",
	Page: otlpPage, Certainty: observed,
	Fix: "Send fewer resource attributes, or drop attributes in a view.",
}

var ruleOTLPMetricMetadata = Rule{
	ID: "cloudwatch.otlp.metadata", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "The attributes of a data point, its resource and its scope are together at most 40 KB, names and values. It is rejected alone; the request is refused when none is left.", Limit: "40,960 bytes",
	Code: otlpMetricInvalid, Message: "Maximum size of attributes exceeded: 40960 [%v].",
	Page: otlpPage, Certainty: documented,
	Fix: "Shorten attribute values.",
}

var ruleOTLPMetricSeries = Rule{
	ID: "cloudwatch.otlp.series", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "At most 1,000,000 new series begin in 10 minutes. Further ones are rejected; the request is refused with 429 when none is left.", Limit: "1,000,000 series in 10 minutes",
	Code: otlpMetricTooFast, Message: "Maximum creation rate of series exceeded: 1000000 [%v].",
	Page: otlpPage, Certainty: documented,
	Fix: "Take attributes with many values off the metric.",
}

var ruleOTLPMetricName = Rule{
	ID: "cloudwatch.otlp.name", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "A metric has a name, and each attribute. AWS does not say what it does without.",
	Code:  otlpMetricInvalid, Message: "A name is empty [%v].",
	Page: otlpSpecPage, Certainty: unsettled,
	Fix: "Give it a name.",
}

var ruleOTLPTemporality = Rule{
	ID: "cloudwatch.otlp.temporality", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "A sum or a histogram is cumulative or delta. AWS does not say what it does with neither.",
	Code:  otlpMetricInvalid, Message: "The aggregation temporality is unspecified [%v].",
	Page: otlpSpecPage, Certainty: unsettled,
	Fix: "Set aggregationTemporality, as every SDK does.",
}

var ruleOTLPHistogram = Rule{
	ID: "cloudwatch.otlp.histogram", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "A histogram's bucket counts fit its bounds and add up to its count; an exponential one has a scale of -4 or finer. AWS does not say what it does otherwise.",
	Code:  otlpMetricInvalid, Message: "The histogram is invalid [%v].",
	Page: otlpSpecPage, Certainty: unsettled,
	Fix: "Use an OpenTelemetry SDK's histograms.",
}

var ruleOTLPSummary = Rule{
	ID: "cloudwatch.otlp.summary", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "AWS does not say what it makes of summaries; localaws rejects them.",
	Code:  otlpMetricInvalid, Message: "Summaries are not supported by localaws [%v].",
	Page: otlpPage, Certainty: unsettled,
	Fix: "Send histograms.",
}

var ruleMetricsBearer = Rule{
	ID: "cloudwatch.bearer.token", Service: "cloudwatch", Operation: otlpMetricsOperation,
	Title: "A bearer token is an API key that the service knows; here it is Config.MetricsBearerToken.",
	Code:  "UnrecognizedClientException", Message: "The bearer token included in the request is invalid.",
	Page: metricsBearerPage, Certainty: unsettled,
	Fix: "Use the whole key, or sign the request for monitoring.",
}
