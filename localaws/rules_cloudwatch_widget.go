package localaws

const (
	getMetricWidgetImagePage = cloudwatchAPI + "API_GetMetricWidgetImage.html"
	metricWidgetPage         = cloudwatchAPI + "CloudWatch-Metric-Widget-Structure.html"
)

// Limits of images; the pages are those of the rules below.
const (
	maxWidget        = 100 << 10
	maxWidgetMetrics = 100
)

func widgetRules() []*Rule {
	return []*Rule{&ruleWidgetSize, &ruleWidgetFormat, &ruleWidgetJSON, &ruleWidget, &ruleWidgetUnsupported}
}

var ruleWidgetSize = Rule{
	ID: "cloudwatch.widget.size", Service: "cloudwatch", Operation: "GetMetricWidgetImage",
	Title: "A widget is at most 100 KB.", Limit: "100 KB",
	Code: validationError, Message: "The size of the MetricWidget, %v, exceeds the limit of 102400 bytes",
	Page: getMetricWidgetImagePage, Certainty: documented,
	Fix: "Draw fewer metrics.",
}

var ruleWidgetFormat = Rule{
	ID: "cloudwatch.widget.format", Service: "cloudwatch", Operation: "GetMetricWidgetImage",
	Title: "The format is png, or image/png for the image alone as the answer.",
	Code:  validationError, Message: "The value %v for parameter OutputFormat is invalid.",
	Page: getMetricWidgetImagePage, Certainty: documented,
	Fix: "Use png.",
}

var ruleWidgetJSON = Rule{
	ID: "cloudwatch.widget.json", Service: "cloudwatch", Operation: "GetMetricWidgetImage",
	Title: "A widget is one JSON object with members of the right type.",
	Code:  validationError, Message: "The MetricWidget is not valid JSON: %v",
	Page: metricWidgetPage, Certainty: documented,
	Fix: "The text says where reading stopped.",
}

var ruleWidget = Rule{
	ID: "cloudwatch.widget", Service: "cloudwatch", Operation: "GetMetricWidgetImage",
	Title: "A widget has 1 to 100 metrics, a size of 1 to 2,000 pixels, and everything else as its page says.", Limit: "100 metrics; 2,000 pixels",
	Code: validationError, Message: "The MetricWidget is invalid: %v",
	Page: metricWidgetPage, Certainty: documented,
	Fix: "The text says which member is wrong.",
}

var ruleWidgetUnsupported = Rule{
	ID: "cloudwatch.widget.unsupported", Service: "cloudwatch", Operation: "GetMetricWidgetImage",
	Title: "localaws draws the views timeSeries and singleValue of its own region, without alarms; AWS draws more.",
	Code:  validationError, Message: "localaws does not support %v in a MetricWidget, AWS does",
	Page: metricWidgetPage, Certainty: documented,
	Fix: "Use one of the two views, and horizontal annotations for thresholds.",
}
